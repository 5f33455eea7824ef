"""The report of a release: what changed, how the stacks moved, what the shift showed, as one page that stands alone.

::

    model      what a report says; JSON in the artifact bucket beside the page
    timeline   stack events → spans
    shifting   what was seen of a shift → samples and states of alarms
    changes    two releases → what changed, in words
    reporter   listens while a release is deployed, and writes both files when it has ended
    rebuild    the same from the ledger and what AWS still knows, where nobody was listening
    page       a report → HTML

It decides nothing and holds up no deploy: a report that cannot be written is a warning.
"""
