"""Runs pip for another platform than this one, and says in its words and ours why it could not.

pip downloads wheels alone and runs none of their code; every file is checked against its recorded hash.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.errors import PackagingError
from tapgen.packaging.platform import PLATFORMS, PYTHON_VERSION

if TYPE_CHECKING:
    from pathlib import Path

_MACHINE = {"arm64": "aarch64", "x86_64": "x86_64"}
# A developer's own settings of these would send the files elsewhere, or refuse to run.
_SETTINGS = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_TARGET": "", "PIP_PREFIX": ""}
_MAX_REASON = 2000

# Words of pip's output → (code, hint); the first that is found tells what to do.
_CAUSES = (
    (
        "No module named pip",
        "no-pip",
        "install pip for this Python: `python -m ensurepip`, or `uv pip install pip` in an environment of uv",
    ),
    (
        "DO NOT MATCH THE HASHES",
        "layer-hash-mismatch",
        "the index serves another file than was locked: find out why before you lock the requirements again",
    ),
    (
        "connection",
        "layer-offline",
        "check the network and pip's index settings; once built, the layer is cached and needs neither",
    ),
    (
        "(from versions: none)",
        "layer-not-found",
        "check the network and pip's index settings, then the name and that it has a wheel for the Lambda platform",
    ),
    (
        "No matching distribution",
        "layer-no-wheel",
        f"pin a version that has a wheel for Python {PYTHON_VERSION} on the Lambda platform",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Pip:
    """pip of one Python."""

    python: str = sys.executable
    timeout_s: float = 600.0

    def install(self, requirements: Path, *, architecture: str, target: Path) -> None:
        """Unpack the wheels of hashed requirements into a folder, for Lambda on ``arm64`` or ``x86_64``.

        Raises:
            PackagingError: pip is missing, took too long, or refused; with its reason.
        """
        platforms = [f"--platform={platform}_{_MACHINE[architecture]}" for platform in PLATFORMS]
        command = [
            *(self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
            *("--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile", "--implementation=cp"),
            *(f"--python-version={PYTHON_VERSION}", *platforms, f"--target={target}", f"--requirement={requirements}"),
        ]
        environment = {key: value for key, value in {**os.environ, **_SETTINGS}.items() if value}
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=self.timeout_s, check=False, env=environment
            )
        except subprocess.TimeoutExpired as error:
            raise PackagingError(
                f"pip did not finish the layer in {self.timeout_s:g} s",
                hint="check the network and retry",
                code="layer-timeout",
            ) from error
        except OSError as error:
            raise PackagingError(
                f"{self.python} cannot be run", why=str(error), hint="reinstall tapgen's environment", code="no-pip"
            ) from error
        if done.returncode:
            raise _refused(done.stderr.replace(str(requirements), requirements.name))


def _refused(output: str) -> PackagingError:
    lower = output.lower()
    code, hint = next(
        ((code, hint) for words, code, hint in _CAUSES if words.lower() in lower),
        ("layer-build-failed", "run pip with the same requirements to see all of its output"),
    )
    told = [line for line in output.splitlines() if line.strip() and not line.startswith("WARNING")]
    return PackagingError(
        "pip cannot install the layer's requirements", why="\n".join(told)[-_MAX_REASON:], hint=hint, code=code
    )
