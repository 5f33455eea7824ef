"""One deploy of the small service in a process of its own, which may kill itself at a call: ``python -m … JSON``.

Prints the result, or the error's code, as one line of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from tapgen.aws.session import Aws, Target
from tapgen.deploy.records.markers import FileMarker
from tapgen.errors import TapgenError
from tests.local.deploy.service import REGION, Service, queue


def make_service(aws: Aws, folder: Path, name: str, edition: int) -> Service:
    """The service at an edition; the same everywhere."""
    return Service(
        aws=aws,
        folder=folder,
        name=name,
        resources={
            "Data": {"Orders": queue(f"{name}-orders")},
            "Compute": {"Jobs": queue(f"{name}-jobs", VisibilityTimeout=edition)},
        },
    )


def marker_of(service: Service) -> FileMarker:
    """What this machine remembers of unfinished deploys of the service."""
    return FileMarker(service.folder / "unsettled" / service.name)


def main(order: dict[str, Any]) -> None:
    """Deploy, or die on the way."""
    target = Target(
        region=REGION, endpoint_url=order["endpoint"], access_key_id=order["key"], secret_access_key=order["secret"]
    )
    aws = Aws(target)
    service = make_service(aws, Path(order["folder"]), order["name"], order["edition"])
    calls = _count_calls(aws, order.get("kill_at"), order.get("moment", "before"))
    while order.get("go") and not Path(order["go"]).exists():
        time.sleep(0.001)
    try:
        result = service.deploy(marker=marker_of(service))
        answer: dict[str, Any] = {"status": result.status, "calls": calls}
    except TapgenError as error:
        answer = {"status": "error", "code": error.code, "why": str(error)}
    sys.stdout.write(f"{json.dumps(answer)}\n")


def _count_calls(aws: Aws, kill_at: int | None, moment: str) -> list[str]:
    """The names of the calls so far; dies at one of them, before it is sent or after it was answered."""
    calls: list[str] = []

    def before(model: Any, **_: Any) -> None:
        calls.append(model.name)
        if moment == "before" and len(calls) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(**_: Any) -> None:
        if moment == "after" and kill_at is not None and len(calls) >= kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for client in (aws.client("cloudformation"), aws.client("s3"), aws.client("sts")):
        client.meta.events.register("before-call.*", before)
        client.meta.events.register("after-call.*", after)
    return calls


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
