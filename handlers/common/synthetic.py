"""Users who are no persons: what deployments and probes do in their names is nobody's business record."""

SYNTHETIC_USER_PREFIX = "synthetic:"
"""Ids of synthetic users begin with it; no person's does."""
