"""Topics: what they deliver and with whose permission, and their types in CloudFormation."""
