"""The hooks of a traffic shift: they walk a new version's journey and tell CodeDeploy whether it may have the traffic.

Packed into the hooks' zip with ``tapgen.journey`` and ``journeys.json``, and with nothing else of tapgen. Bare boto3
and no layer: nobody has called a hook for a while when it is called, so its cold start is part of each deploy.
"""

PREFIX_VARIABLE = "FUNCTION_PREFIX"
"""The environment variable that says what the names of the deployment's functions begin with."""
MODULE = "tapgen.hook_runtime.app"
"""Of the entry points, ``before_traffic`` and ``after_traffic``."""
