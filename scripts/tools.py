"""Tools whose dependencies clash with the development environment's: each in one of its own, from its lock file."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def ensure_tool(name: str) -> Path:
    """The ``bin`` folder of ``.tapgen/tools/NAME``, installed from ``requirements/NAME.txt`` when that changed.

    Raises:
        subprocess.CalledProcessError: It could not be installed; uv has said why on stderr.
    """
    lock = REPOSITORY / "requirements" / f"{name}.txt"
    folder = REPOSITORY / ".tapgen" / "tools" / name
    mark, digest = folder / ".fingerprint", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text(encoding="ascii") != digest:
        uv = str(Path(sys.executable).with_name("uv"))
        python = folder / "bin" / "python"
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes", "--no-deps"]
        subprocess.run([*install, "-r", str(lock)], check=True)
        mark.write_text(digest, encoding="ascii")
    return folder / "bin"
