"""Asynchronous invocations of functions, and deliveries of which they are one kind."""
