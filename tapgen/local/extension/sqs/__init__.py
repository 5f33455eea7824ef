"""Queues: one change at a time, dead letters that are allowed and moved back, and their type in CloudFormation."""
