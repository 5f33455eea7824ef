"""What the service says of itself: its log lines and its figures, read and judged. Changes nothing in an account."""
