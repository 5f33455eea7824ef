"""docs/start/your-service.md does what it says, block by block, in an empty folder against the embedded AWS."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "start" / "your-service.md"
_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "== block {} =="

pytestmark = pytest.mark.local


@dataclass(frozen=True)
class Block:
    """One fenced block of the page."""

    line: int
    words: tuple[str, ...]
    """Its language, and what the test does with it: ``file=``, ``append=``, ``fails``, ``install``."""
    text: str

    @property
    def target(self) -> tuple[str, str] | None:
        """(``file`` or ``append``, path in the project)."""
        for word in self.words[1:]:
            action, equals, path = word.partition("=")
            if equals and action in ("file", "append"):
                return action, path
        return None

    def script(self, number: int) -> str:
        """What bash does for the block; it stops at the first block that does not what is said."""
        if self.target:
            action, path = self.target
            redirect = ">" if action == "file" else ">>"
            return f"mkdir -p {Path(path).parent}\ncat {redirect} {path} <<'END_OF_BLOCK'\n{self.text}END_OF_BLOCK\n"
        if self.words[0] != "sh" or "install" in self.words:
            return ""
        # curl ends no line.
        mark = f"printf '\\n%s\\n' '{_MARK.format(number)}'\n"
        if "fails" in self.words:
            return f"{mark}if ( set -e\n{self.text}); then echo 'line {self.line}: must fail' >&2; exit 1; fi\n"
        return mark + self.text


def read_blocks() -> list[Block]:
    page = PAGE.read_text(encoding="utf-8")
    return [
        Block(line=page[: found.start()].count("\n") + 1, words=tuple(found["info"].split()), text=found["text"])
        for found in _BLOCK.finditer(page)
    ]


def test_every_block_is_executed() -> None:
    """Nothing on the page is left to the reader's luck: each block is a command, a file, or the output of a command."""
    known = {"sh", "python", "yaml", "text"}
    for block in read_blocks():
        assert block.words, f"line {block.line}: a block without a language"
        assert block.words[0] in known, f"line {block.line}: {block.words[0]}"
        if block.words[0] in ("python", "yaml"):
            assert block.target, f"line {block.line}: a file without a place"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page asks with curl")
def test_tutorial_does_what_it_says(tmp_path: Path) -> None:
    """Every command of the page succeeds or fails as it says, and prints what it says."""
    blocks = read_blocks()
    script = "\n".join(["set -euo pipefail", *(block.script(number) for number, block in enumerate(blocks))])
    done = run_script(script, tmp_path)

    output = outputs(done.stdout)
    last = blocks[max(output, default=0)]
    assert done.returncode == 0, f"line {last.line}: {last.text}\n{done.stdout[-3000:]}"
    for number, block in enumerate(blocks):
        if block.words[0] == "text":
            shown = output[number - 1]
            missing = [line for line in block.text.splitlines() if line not in shown]
            assert not missing, f"line {block.line}: {missing} is not in\n{shown}"


def run_script(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Bash in a folder, in CI, with the tools of this Python's environment and without AWS settings."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    try:
        return subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env=environ | {"CI": "true", "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    finally:
        # A page that ended early leaves its AWS running.
        if (folder / "orders").is_dir():
            command = [sys.executable, "-m", "tapgen", "local", "stop"]
            subprocess.run(command, cwd=folder / "orders", capture_output=True, check=False)


def outputs(text: str) -> dict[int, str]:
    """Number of each block that ran → what it printed."""
    parts = re.split(r"^== block (\d+) ==$", text, flags=re.MULTILINE)
    return {int(number): shown for number, shown in zip(parts[1::2], parts[2::2], strict=True)}
