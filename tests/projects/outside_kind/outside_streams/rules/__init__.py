"""Rules on streams: the kind's own."""
