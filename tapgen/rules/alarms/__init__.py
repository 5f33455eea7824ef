"""Whether trouble is seen, and whom it tells."""
