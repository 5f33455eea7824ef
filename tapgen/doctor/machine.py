"""The machine: Python and the packages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from tapgen.findings import Finding
from tapgen.local.launch import PYTHON_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUPPORTED = ((3, 11), (3, 13))
_PACKAGES = ("boto3", "botocore", "troposphere", "awacs", "click", "pydantic", "rich")
_ANSWERS_S = 30.0
_SAY_VERSIONS = """
import json, sys
from importlib import metadata
found = {each.name.lower(): each.version for each in metadata.distributions() if each.name}
print(json.dumps({name: found.get(name, "") for name in sys.argv[1:]}))
"""
_PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[\w.]+);.*extra == [\"']local[\"']")


def examine_machine() -> Iterator[Finding]:
    """Python, the packages of tapgen, and those of the embedded AWS."""
    yield examine_python(sys.version_info[:3])
    yield _examine_packages()
    yield _examine_embedded()


def examine_python(version: tuple[int, int, int]) -> Finding:
    """Whether this Python is one that tapgen is tested on."""
    lowest, highest = _SUPPORTED
    text = "Python " + ".".join(map(str, version))
    if version[:2] < lowest:
        fix = f"install Python {lowest[0]}.{lowest[1]} or newer"
        return Finding(check="python", status="failed", what=text, why="older than tapgen needs", fix=fix)
    if version[:2] > highest:
        why = f"tapgen is tested up to Python {highest[0]}.{highest[1]}"
        return Finding(check="python", status="warned", what=text, why=why)
    return Finding(check="python", status="passed", what=text)


def pinned_packages() -> dict[str, str]:
    """Package → version that the extra ``local`` pins; what the embedded AWS leans on."""
    found = (_PIN.match(requirement.replace(" ;", ";")) for requirement in metadata.requires("tapgen") or ())
    return {match["name"]: match["version"] for match in found if match}


def examine_pins(installed: dict[str, str]) -> Finding:
    """Whether the embedded AWS has the very versions that it is made for."""
    pins = pinned_packages()
    missing = [name for name, version in installed.items() if not version]
    other = [f"{name} {version}, not {pins[name]}" for name, version in installed.items() if version != pins[name]]
    fix = "pip install 'tapgen[local]'"
    if missing:
        what = f"not installed: {', '.join(missing)}"
        return Finding(check="embedded-aws", status="warned", what=what, why="--env local needs them", fix=fix)
    if other:
        why = "the extension leans on private names of exactly these versions"
        return Finding(check="embedded-aws", status="failed", what="; ".join(other), why=why, fix=fix)
    what = ", ".join(f"{name} {version}" for name, version in installed.items())
    return Finding(check="embedded-aws", status="passed", what=what)


def _examine_embedded() -> Finding:
    """The packages of the interpreter that runs the embedded AWS."""
    named = os.environ.get(PYTHON_VARIABLE, "")
    if not named:
        return examine_pins({name: _version(name) for name in pinned_packages()})
    try:
        said = subprocess.run(
            [named, "-c", _SAY_VERSIONS, *pinned_packages()],
            capture_output=True,
            text=True,
            check=True,
            timeout=_ANSWERS_S,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        fix = "name a Python that has tapgen[local], or unset it"
        return Finding(
            check="embedded-aws", status="failed", what=f"{PYTHON_VARIABLE}={named}", why=str(error), fix=fix
        )
    return examine_pins(json.loads(said))


def _examine_packages() -> Finding:
    versions = {name: _version(name) for name in ("tapgen", *_PACKAGES)}
    missing = [name for name, version in versions.items() if not version]
    if missing:
        what = f"not installed: {', '.join(missing)}"
        return Finding(check="packages", status="failed", what=what, fix="install tapgen again: pip install tapgen")
    what = ", ".join(f"{name} {version}" for name, version in versions.items())
    return Finding(check="packages", status="passed", what=what)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
