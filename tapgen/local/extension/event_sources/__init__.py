"""Event source mappings: what may be, the type in CloudFormation, and how queues and streams are read."""
