"""A release on its way: from a request to a verdict and a record.

::

    request         what a deploy is asked for, and what it answers
    deploy          the operation: preflight, lock, record, upload, then release
    release         in as many updates as its tables' indexes need
    execute         one update: change set, confirmation, execution, verdict
    attach          joins an operation that runs already
    release_record  writes each document of the record before the step that it announces
    markers         remembers on this machine that a release has no recorded end
    reconcile       records how releases ended that nobody watched to their end
"""
