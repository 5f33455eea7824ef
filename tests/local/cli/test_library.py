"""docs/reference/library.md: every example of the page runs, in its order, against the embedded AWS."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tapgen.cli.main import run

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "library.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run(["init", str(tmp_path / "orders")]) == 0
    return tmp_path


def test_examples_do_what_they_say(folder: Path) -> None:
    """A deploy by the library serves, a second one has nothing to do, a fault has a code, and nothing needs a shell."""
    blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    try:
        printed = [_python(block, folder).splitlines() for block in blocks]
    finally:
        subprocess.run(
            [sys.executable, "-m", "tapgen", "--project", str(folder / "orders"), "local", "stop"], check=True
        )

    rendered, deployed, again, refused, looked = printed
    assert re.fullmatch(r"[0-9a-f]{16}", rendered[0])
    assert deployed[0].startswith("done http://127.0.0.1:")
    assert "execute" in deployed[1]
    assert again == ["unchanged"]
    assert refused[0].startswith("unknown-environment 2 ")
    assert looked[0].startswith("True")
    assert "'stacks-complete': 'passed'" in looked[1]
    assert looked[2] == "False"


def _python(block: str, folder: Path) -> str:
    """Run an example as its reader would; what it prints."""
    done = subprocess.run([sys.executable, "-c", block], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
