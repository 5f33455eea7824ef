"""Rules on buckets, and on what their events invoke."""
