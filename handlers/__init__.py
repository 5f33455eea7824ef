"""Lambda code of the transactions service: one folder per zip, and what they share in ``common``.

A zip holds this package with ``common`` and its own folder alone, so that functions import from ``common`` and never
from each other. Nothing here knows the tool that deploys it.
"""
