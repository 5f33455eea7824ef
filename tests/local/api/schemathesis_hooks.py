"""What generated requests cannot know: cursors are the service's to make, and a key stands for one request."""

from __future__ import annotations

import re
import uuid
from typing import Any

import schemathesis


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Any, kwargs: dict[str, Any]) -> None:
    """No made-up cursors, which are refused by other tests; and a valid key is a fresh one, an invalid one stays."""
    if case.query:
        case.query.pop("cursor", None)
    for name, value in list((case.headers or {}).items()):
        if name.lower() == "idempotency-key" and re.fullmatch(r"[!-~]{1,255}", str(value)):
            case.headers[name] = str(uuid.uuid4())
