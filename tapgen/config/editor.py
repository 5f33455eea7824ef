"""The JSON Schema beside a project's cache, for editors: written anew when the service or tapgen's rules have changed.

``config/environments.yaml`` names it in its first line (``# yaml-language-server: $schema=…``), as YAML language
servers want it; a project whose file does not name it gets none.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.files import replace_file

if TYPE_CHECKING:
    from tapgen.service.model import Model

SCHEMA_FILE = Path(".tapgen") / "environments.schema.json"
"""From the project's folder on."""


def refresh_schema(project: Path, config_file: Path, service: Model, *, identity: str) -> None:
    """Write the schema where the file names it and it is not that of this service. A folder that refuses is no error.

    Args:
        project: The project's folder.
        config_file: ``config/environments.yaml``.
        service: Its parts have settings by name.
        identity: Changes with whatever the schema is made of.
    """
    target = project / SCHEMA_FILE
    with suppress(OSError):
        if SCHEMA_FILE.as_posix() not in config_file.read_text(encoding="utf-8", errors="replace"):
            return
        if _identity_of(target) == identity:
            return
        from tapgen.config.json_schema import build_json_schema

        document = {"$comment": identity, **build_json_schema(service)}
        replace_file(target, json.dumps(document, indent=1).encode())


def _identity_of(path: Path) -> str | None:
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return str(found["$comment"]) if isinstance(found, dict) and "$comment" in found else None
    return None
