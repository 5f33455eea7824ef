"""EventBridge: what a rule delivers to its targets, and with whose permission."""
