"""Making CodeDeploy one of MiniStack's services: its routes, its handler and its state file."""

from __future__ import annotations

from typing import Any

from ministack import app
from ministack.core import router

from tapgen.local.extension.seams import Seam

_GAP = "knows no CodeDeploy: a signed request is answered with Unsupported service"
SEAMS = (
    Seam(module="ministack.app", attribute="SERVICE_REGISTRY", parameters=None, gap=_GAP),
    Seam(module="ministack.app", attribute="SERVICE_HANDLERS", parameters=None, gap=_GAP),
    Seam(module="ministack.app", attribute="_loaded_modules", parameters=None, gap=_GAP),
    Seam(
        module="ministack.app",
        attribute="_state_map",
        parameters=None,
        gap="names what is saved on shutdown: CodeDeploy's deployments must survive a restart too",
    ),
    Seam(module="ministack.app", attribute="_lazy_handler", parameters=("module_name",), gap="called only"),
    Seam(module="ministack.core.router", attribute="SERVICE_PATTERNS", parameters=None, gap=_GAP),
)


def register(name: str, service: Any, target_prefix: str) -> None:
    """Route requests for ``name`` to ``service``, and keep its state."""
    app.SERVICE_REGISTRY[name] = {"module": name}
    app._loaded_modules[name] = service  # noqa: SLF001 - a seam
    app.SERVICE_HANDLERS[name] = app._lazy_handler(name)  # noqa: SLF001 - a seam
    app._state_map[name] = name  # noqa: SLF001 - a seam
    router.SERVICE_PATTERNS[name] = {
        "target_prefixes": [target_prefix],
        "host_patterns": [rf"{name}\."],
        "credential_scope": name,
    }
