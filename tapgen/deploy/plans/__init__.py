"""Sealed plans: a change set that one person makes and reads, and another one executes, exactly as it was.

::

    tapgen plan                                       tapgen deploy --plan FILE
    lock ─► change set ─► bind ─► seal ─► unlock      lock ─► seal and record agree ─► bind again ─► compare ─► execute

    document       the file: what it holds, its seal
    preconditions  everything that must still be so, read from AWS
    staleness      what is not so any more; pure
    make           makes a plan
    execute        executes one

Between the two no lock is held: whoever deploys meanwhile makes the plan stale, and it is refused.
"""
