"""EventBridge Scheduler: when a schedule is due, whom it calls with which role, and its types in CloudFormation.

Schedules run by the clock on the wall, not in AWS time: nobody wants a nightly function every quarter of an hour. One
that is not due can be fired by hand: ``tapgen.local.firing``.
"""
