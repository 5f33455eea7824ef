"""Rules on tables, and on functions that read their streams."""
