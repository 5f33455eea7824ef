"""Following an operation of CloudFormation to its end. Decides nothing about it.

::

    stack_watcher   every event of the root and its children
    shift_watcher   traffic shifts: begun, how far, what they have proved
"""
