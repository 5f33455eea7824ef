"""Order and decisions of an operation: what to do, in which sequence, and when to stop.

Decisions are pure functions from observed state to a value (``preflight``, ``diagnosis``); doing is another function
that calls ``tapgen.aws`` and reports through events. Nothing here imports boto3, prints or asks.
"""
