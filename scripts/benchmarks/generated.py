"""A generated service of any size, to measure and to check with: what one function is, so many times."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tapgen.service import blocks
from tapgen.service.load import load_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_KIB = 1024
_CONFIGURATION = """\
project: wide
environments:
  local: {}
  prod: {account_id: "123456789012", region: eu-west-1, production: true}
"""
_HANDLER = '''\
"""Answers whatever it is asked."""


def handler(event: dict, context: object) -> dict:
    """One answer."""
    return {"statusCode": 200, "body": "{}"}
'''


def name_functions(count: int) -> list[str]:
    """``w000``, ``w001`` …"""
    return [f"w{number:03}" for number in range(count)]


def write_project(folder: Path, names: Iterable[str]) -> Path:
    """A project whose functions have a table, a queue with dead letters and three routes each; answers the folder."""
    (folder / "config").mkdir(parents=True, exist_ok=True)
    (folder / "config" / "environments.yaml").write_text(_CONFIGURATION)
    lines = ['"""A generated service."""', "from tapgen.service import Service", 'service = Service("wide")']
    for name in names:
        lines += _define(name)
        handler = folder / "handlers" / name / "app.py"
        handler.parent.mkdir(parents=True, exist_ok=True)
        handler.write_text(_HANDLER)
    (folder / "config" / "service.py").write_text("\n".join(lines) + "\n")
    return folder


def record_blocks(folder: Path) -> None:
    """Write the lock of the nested stacks, as the first render outside of CI does."""
    config = folder / "config"
    blocks.write_lock(config, load_service(config).blocks)


def _define(name: str) -> list[str]:
    return [
        f'{name}_rows = service.table("{name}-rows", partition_key="id")',
        f'{name}_jobs = service.queue("{name}-jobs", dead_letter_after=3)',
        f'{name} = service.function("{name}", on={name}_jobs.messages(batch=10))',
        f'{name}.route("GET /{name}").may({name}_rows.get)',
        f'{name}.route("PUT /{name}").may({name}_rows.put)',
        f'{name}.route("POST /{name}/jobs").may({name}_rows.update)',
    ]


def measure_memory_mb(command: Sequence[str], *, cwd: Path) -> float:
    """The largest resident set of a process, in MiB.

    Raises:
        SystemExit: The process failed.
    """
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed with status {process.returncode}")
    return usage.ru_maxrss / _KIB
