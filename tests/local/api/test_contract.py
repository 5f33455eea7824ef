"""Schemathesis against the deployed service: what the description promises, whatever is sent.

``TAPGEN_CONTRACT_CASES`` says how many cases to generate at least, see CONTRIBUTING.md.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local.api.conftest import Service

HERE = Path(__file__).parent
CASES = int(os.environ.get("TAPGEN_CONTRACT_CASES", "500"))


@pytest.mark.usefixtures("unmeasured_children")
def test_service_keeps_to_its_description(service: Service, tmp_path: Path) -> None:
    """All checks in all phases: no 5xx, no status or media type that is not described, no document off its schema."""
    command = [sys.executable, "-m", "schemathesis.cli", "--no-color"]
    command += ["--config-file", str(HERE / "schemathesis.toml"), "run", f"{service.url}/openapi.json"]
    command += ["--url", service.url, "--checks", "all", "--continue-on-failure", "--no-shrink"]
    # Whatever the number, examples and the coverage of the schemas' corners are some 800 cases.
    command += ["--max-examples", str(max(10, (CASES - 800) // 4)), "--generation-database", "none"]

    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ
        | {"SCHEMATHESIS_HOOKS": "tests.local.api.schemathesis_hooks", "PYTHONPATH": str(HERE.parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    counted = re.search(r"(\d[\d,]*) generated", done.stdout)
    assert counted, done.stdout[-2000:]
    assert int(counted.group(1).replace(",", "")) >= CASES
