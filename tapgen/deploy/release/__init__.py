"""A release on its way: from a request to a verdict and a record.

::

    deploy     the operation: preflight, lock, record, upload, then release
    release    in as many updates as its tables' indexes need
    execute    one update: change set, confirmation, execution, verdict
    attach     joins an operation that runs already
    reconcile  records how releases ended that nobody watched to their end
"""
