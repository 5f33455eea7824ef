"""Rules on event rules."""
