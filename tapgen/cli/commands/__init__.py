"""One module a command, imported when it runs; each has ``command``. Nothing else imports from here."""
