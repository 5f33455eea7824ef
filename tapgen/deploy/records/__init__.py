"""What is recorded of a deploy: the documents of its release, a marker on this machine, its changes as numbers.

::

    release_record  writes each document of the record before the step that it announces
    markers         remembers on this machine that a release has no recorded end
    changes         the changes of a change set as flat sequences and numbers; pure
"""
