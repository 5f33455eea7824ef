"""The way out of a state that an operation left behind.

::

    decide    from what was observed to the one safe action; pure
    actions   one value for each action, with the sentence that is shown before; pure
    execute   does it, and looks again
"""
