"""The way back to an earlier release.

::

    decide           what a rollback does, from the observed state; pure
    execute          takes an earlier release live again, or stops the one on its way
    extended_watch   after a shift that proved nothing: a longer watch, or the way back
"""
