"""Rules on functions, their versions, aliases, logs and roles."""
