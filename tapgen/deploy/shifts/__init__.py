"""Traffic shifts: whether one may begin, what stopped it, what it has proved.

::

    live_aliases      the aliases as they are, their guards, whether CodeDeploy works on them
    shift_preflight   what a release would do to them, and whether that may begin; pure
    guard_check       the same, asked of AWS just before traffic may move
    shift_outcomes    first error lines or the failed hook of a stopped shift
    verdict           success, or the first real cause; pure
"""
