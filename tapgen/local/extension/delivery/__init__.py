"""What services of AWS share when they call another one for somebody: who may, how it is sent, how often it is tried.

``roles`` and ``authority`` decide by the policies that are really there, ``messages`` reaches queues, topics and buses,
``targets`` tells them apart by their ARN. No service is named here; each has a folder of its own.
"""
