"""docs/reference/cli.md and the man pages, written from the commands themselves."""
