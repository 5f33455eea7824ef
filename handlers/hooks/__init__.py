"""The hooks of a traffic shift: they try a new version and tell CodeDeploy whether it may have the traffic.

Bare boto3, no layer: nobody has called a hook for a while when it is called, so its cold start is part of each deploy.
"""
