"""The command line: options once, one module per command, everything wired together in one place.

Commands read options, call ``deploy/``, ``render`` or ``local/`` and choose a listener; they hold no logic themselves.
"""
