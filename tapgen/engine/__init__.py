"""What every operation runs on, whether it deploys, verifies, rehearses or proves. Decides nothing about releases.

::

    context     clients, listener, clock, operator: what an operation is given
    deployment  which deployment it is about: stacks, bucket, records, lock
    lock        one operation at a time
    polling     how long to wait between two reads
    interrupts  what Ctrl-C may do to an operation that is followed
    root_cause  the first real cause in the events of a failed operation; pure
    reporting   who is told of an operation's end, so that its report is written
"""
