"""Lambda code of the transactions service: one folder per function, and what they share in ``common``.

A function's zip holds this package with ``common`` and its own folder alone, so functions import from ``common`` and
never from each other. Nothing here knows the tool that deploys it.
"""
