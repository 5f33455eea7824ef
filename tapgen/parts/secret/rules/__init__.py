"""Rules on secrets."""
