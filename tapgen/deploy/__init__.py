"""Order and decisions of an operation: what to do, in which sequence, and when to stop.

Decisions are pure functions from observed state to a value; doing is another function that calls ``tapgen.aws`` and
reports through events. Nothing here imports boto3, prints or asks. Each room's ``__init__`` lists its files::

    request      what a deploy is asked for, and what it answers
    state/       what is there now; what may be done in that state
    records/     what is recorded of a deploy
    change_sets/ the change set of a release: made, shown, checked, refused
    shifts/      traffic shifts: may one begin, what stopped it, what it has proved
    watch/       following an operation to its end
    release/     a release on its way, from the request to the verdict
    plans/       sealed plans: made by one person, executed by another
    rollback/    the way back to an earlier release
    recovery/    the way out of a state that an operation left behind
    adoption/    existing resources, brought under a deployment with their data
    drift/       what was changed behind CloudFormation's back
    retention/   what nothing needs any more
    parts        which resources of a release hold data, and how people call them
    bootstrap, destroy, unlock, probes, traffic, replay   operations and callers of one file each
"""
