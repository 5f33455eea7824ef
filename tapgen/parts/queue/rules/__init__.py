"""Rules on queues, and on functions that read them."""
