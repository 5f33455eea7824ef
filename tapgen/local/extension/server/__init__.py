"""The child process itself: the application in front of MiniStack, its saved state, what it loads early."""
