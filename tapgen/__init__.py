"""tapgen."""
