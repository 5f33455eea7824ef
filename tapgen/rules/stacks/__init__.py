"""What CloudFormation takes, tags, and how the nested stacks fit together."""
