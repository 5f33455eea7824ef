"""Keys of artifacts in finished templates, for the rules on code."""

from __future__ import annotations

import re
from typing import Any

_FORM = re.compile(r"artifacts/(?P<name>[a-z0-9-]+)/[0-9a-f]+\.zip")


def is_artifact(key: Any, name: str) -> bool:
    """Whether a key in the artifact bucket is that of a zip of this name, by its digest."""
    found = _FORM.fullmatch(str(key))
    return bool(found and found["name"] == name)
