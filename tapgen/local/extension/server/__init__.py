"""The child process itself: its settings, its front, its saved state, its background work. Knows no AWS service."""
