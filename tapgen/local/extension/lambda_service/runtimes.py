"""Runtimes: the machine's own Python and Node.js run functions; what neither runs says so.

MiniStack answers for a runtime that it cannot run with an empty success, for a missing Node.js with an operating
system's error, and tells no type of an error of a Node.js function. Source: Lambda Developer Guide, "Node.js function
errors", "Lambda runtimes".
"""

from __future__ import annotations

import functools
import shutil
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, SeamError, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Result = dict[str, Any]

_RUNTIME = "ministack.core.lambda_runtime"
_BINARY = Seam(
    module=_RUNTIME,
    attribute="_detect_runtime_binary",
    parameters=("runtime",),
    gap="names a program that need not be there",
)
_SCRIPT = Seam(
    module=_RUNTIME,
    attribute="_NODEJS_WORKER_SCRIPT",
    parameters=None,
    gap="reports an error without its type; counts it as the end of the process",
)
_CONTAINER = Seam(
    module="ministack.services.lambda_svc",
    attribute="_execute_function_docker",
    parameters=("func", "event", "request_id"),
    gap="answers for what it cannot run with an empty success, or says that Docker is missing",
)
SEAMS = (_BINARY, _SCRIPT, _CONTAINER)

_NODE = "node"
_IN_SCRIPT = {
    'status: "error", error: String(err.message || err), trace: err.stack || ""': "err",
    'status: "error", error: e.message, trace: e.stack': "e",
}
_FAILURE = (
    'status: "ok", result: null, failure: {{errorMessage: String(({0} && {0}.message) || {0}), '
    'errorType: ({0} && {0}.name) || "Error", trace: String(({0} && {0}.stack) || "").split("\\n")}}'
)


def install(settings: Settings) -> None:
    """Look for programs, tell errors of Node.js, and refuse what cannot run."""
    del settings
    replace(_BINARY, _found(original(_BINARY)))
    replace(_SCRIPT, _script(original(_SCRIPT)))
    replace(_CONTAINER, _refuse)


def _found(detect: Callable[[str], tuple[str, str]]) -> Callable[[str], tuple[str, str]]:
    @functools.wraps(detect)
    def detect_found(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        if binary == _NODE and shutil.which(_NODE) is None:
            raise RuntimeError(
                f"{runtime} needs Node.js on this machine: the embedded AWS runs functions with its programs, and "
                f"there is no {_NODE} on the PATH. Install Node.js"
            )
        return binary, script

    return detect_found


def _script(source: str) -> str:
    for old, name in _IN_SCRIPT.items():
        if source.count(old) != 1:
            raise SeamError(f"{_SCRIPT.name}: does not contain {old} exactly once")
        source = source.replace(old, _FAILURE.format(name))
    return source


def _refuse(func: dict[str, Any], event: Any, request_id: str) -> Result:  # noqa: ARG001 - MiniStack's signature
    config = func.get("config") or func
    what = f"the runtime {config.get('Runtime', '')}"
    if config.get("PackageType") == "Image":
        what = f"the container image {(func.get('image_uri') or config.get('ImageUri') or '').strip()}".rstrip()
    message = (
        f"The embedded AWS cannot run {what}: it runs zips of Python and Node.js, and custom runtimes. "
        "Deploy to an account to try this function"
    )
    body = {"errorMessage": message, "errorType": "Runtime.NotOffered", "requestId": request_id}
    return {"body": body, "error": True, "log": ""}
