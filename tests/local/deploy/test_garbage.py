"""What stands between tapgen and AWS may answer anything: it is never called a bug, and never taken for success.

Each kind once here, by one command; ``TAPGEN_LONG_FAULTS=1`` sends each kind to every command that looks at an account,
and spoils every single call of a deploy.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.command_line import run_command, user_environment
from tests.local.deploy.driver import make_service
from tests.local.deploy.garbage_proxy import GARBAGE, GarbageProxy, running

if TYPE_CHECKING:
    from tapgen.aws.session import Aws

LONG = bool(os.environ.get("TAPGEN_LONG_FAULTS"))
REPOSITORY = Path(__file__).parents[3]
# They mostly wait: botocore tries a 5xx and a lost connection six times.
_AT_ONCE = 8

_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("outputs",),
    ("releases",),
    ("diff",),
    ("destroy", "--yes"),
    ("unlock", "--yes"),
    ("attach",),
    ("recover", "--yes"),
    ("gc", "--yes"),
    ("rollback", "--yes"),
    ("deploy", "--yes"),
    ("bootstrap",),
    ("drift",),
    ("logs", "--since", "5m"),
    ("metrics",),
    ("verify",),
    ("doctor",),
    ("dashboard",),
    ("tune",),
    ("report",),
)


def _run(kind: str, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """A command whose every call is answered with garbage, as a user in CI runs it."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "CI": "true"}
    with running(GarbageProxy(kind)) as url:
        return run_command(
            *command, "--env", "dev", "--endpoint-url", url, folder=REPOSITORY, environ=user_environment(**keys)
        )


def _fault(kind: str, command: tuple[str, ...]) -> str:
    """What is wrong with how a command takes garbage; empty when nothing is."""
    done = _run(kind, command)
    said = done.stderr + done.stdout
    if done.returncode in {0, 1} or "this is a bug" in said or "Traceback" in said:
        return f"{kind}, {command[0]}: exit {done.returncode}\n{said}"
    # Doctor's and verify's findings have a `fix`, an error has a `next:`.
    if command[0] not in {"doctor", "verify"} and not all(word in done.stderr for word in ("error:", "why:", "next:")):
        return f"{kind}, {command[0]}: says too little\n{said}"
    return ""


def test_every_kind_of_garbage_is_explained() -> None:
    """Each ends with what happened, why and what to do next; none is a bug, none is taken for AWS's own answer."""
    every = [(kind, command) for kind in GARBAGE for command in _COMMANDS]
    short = [(kind, _COMMANDS[index % 8]) for index, kind in enumerate(GARBAGE)]
    # A listing of somebody else's making is not that of an empty bucket.
    short.append(("xml-other-with-id", ("report",)))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        faults = [fault for fault in pool.map(lambda pair: _fault(*pair), every if LONG else short) if fault]

    assert faults == [], "\n".join(faults)


def test_a_spoilt_call_of_a_deploy_is_explained(aws: Aws, tmp_path: Path) -> None:
    """Whichever call is spoilt, a deploy goes on or says why not, and the next one ends as if nothing had happened."""
    assert aws.target.endpoint_url
    service = make_service(aws, tmp_path, f"shop-{uuid.uuid4().hex[:8]}", 1)
    service.create_bucket()
    service.deploy()
    kinds = list(GARBAGE) if LONG else ["page-200", "xml-other-with-id"]
    edition = 1
    for kind in kinds:
        for call in range(1, 40) if LONG else range(2, 40, 8):
            edition += 1
            with running(GarbageProxy(kind, forward_to=aws.target.endpoint_url, at_call=call)) as url:
                order = {
                    "endpoint": url,
                    "key": aws.target.access_key_id,
                    "secret": aws.target.secret_access_key,
                    "folder": str(tmp_path),
                    "name": service.name,
                    "edition": edition,
                }
                done = subprocess.run(
                    [sys.executable, "-m", "tests.local.deploy.driver", json.dumps(order)],
                    cwd=REPOSITORY,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=120,
                )
            assert done.returncode == 0, (kind, call, done.stderr)
            answer = json.loads(done.stdout)
            assert answer.get("code") != "internal", (kind, call, answer)
            target = dataclasses.replace(aws.target)
            again = make_service(type(aws)(target), tmp_path, service.name, edition)
            assert again.deploy().status in {"done", "unchanged"}, (kind, call)
