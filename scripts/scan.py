"""Findings of checkov on rendered templates, for each environment: each is inherent to a setting of it, or a fault.

Usage: python -m scripts.scan FOLDER, with ``FOLDER/NAME/templates`` and ``FOLDER/NAME/bootstrap`` in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from scripts.tools import REPOSITORY, ensure_tool
from tapgen.build import Builder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.config.environment import Environment

_PARTS = ("templates", "bootstrap")
_KINDS = ("passed_checks", "failed_checks", "skipped_checks")
_AWS_OWNED = "encryption: aws-owned"
_ACCOUNT = "deployer.principals: an account's root"
INHERENT = {
    "CKV_AWS_26": (_AWS_OWNED, "the topics are encrypted with the customer's key, or not at all"),
    "CKV_AWS_27": (_AWS_OWNED, "SQS encrypts with a key of its own (SSE-SQS), which the check does not count"),
    "CKV_AWS_61": (_ACCOUNT, "whoever the account's own policies let assume the deployer role may"),
    "CKV_AWS_119": (_AWS_OWNED, "DynamoDB encrypts with a key of its own, which the check does not count"),
    "CKV_AWS_158": (_AWS_OWNED, "CloudWatch Logs encrypts with a key of its own, which the check does not count"),
    "CKV_AWS_173": (_AWS_OWNED, "Lambda encrypts variables with a key of its own; they hold names, no secrets"),
}
"""Check → the setting that it follows from, and what that means. Everything else is a fault, in every environment."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What checkov found in the templates of a folder.

    Attributes:
        passed: Number of checks.
        failed: Check id of each failed one, with its resource.
        suppressed: Number of checks that the templates' metadata explains.
    """

    passed: int
    failed: tuple[tuple[str, str], ...]
    suppressed: int


def scan(folder: Path) -> Scan:
    """Run checkov, offline, over the templates in a folder.

    Raises:
        json.JSONDecodeError: checkov did not answer.
    """
    return counted(_run(folder)["results"])


def scan_each(folder: Path) -> dict[str, Scan]:
    """The same for each folder below one, by its relative path; checkov, whose start takes seconds, runs once.

    Raises:
        json.JSONDecodeError: checkov did not answer.
        ValueError: It could not read a template.
    """
    results = _run(folder)["results"]
    if results["parsing_errors"]:
        raise ValueError(f"checkov cannot read {', '.join(results['parsing_errors'])}")
    return {name: counted(part) for name, part in by_folder(results).items()}


def by_folder(results: Mapping[str, Any]) -> dict[str, dict[str, list[Any]]]:
    """Checkov's results, apart for each folder that it looked into."""
    found: dict[str, dict[str, list[Any]]] = {}
    for kind in _KINDS:
        for check in results[kind]:
            name = str(PurePosixPath(check["file_path"]).parent.relative_to("/"))
            found.setdefault(name, {each: [] for each in _KINDS})[kind].append(check)
    return found


def counted(results: Mapping[str, Any]) -> Scan:
    """What was found, of checkov's results."""
    failed = ((check["check_id"], check["resource"]) for check in results["failed_checks"])
    return Scan(passed=len(results["passed_checks"]), failed=tuple(failed), suppressed=len(results["skipped_checks"]))


def _run(folder: Path) -> Any:
    checkov = ensure_tool("checkov") / "checkov"
    # Not --quiet, which leaves out what has passed.
    options = ["--framework", "cloudformation", "--output", "json", "--compact", "--skip-download"]
    done = subprocess.run(
        [str(checkov), "--directory", str(folder), *options], capture_output=True, text=True, check=False
    )
    return json.loads(done.stdout)


def settings_of(environment: Environment) -> frozenset[str]:
    """The settings of an environment that findings follow from."""
    found = {f"encryption: {environment.encryption}"}
    if any(principal.endswith(":root") for principal in environment.deployer.principals):
        found.add(_ACCOUNT)
    return frozenset(found)


def faults(failed: Iterable[tuple[str, str]], settings: frozenset[str]) -> Iterator[str]:
    """The findings that no setting of the environment explains."""
    for check, resource in failed:
        if check not in INHERENT or INHERENT[check][0] not in settings:
            yield f"{check} on {resource}"


def explanations(failed: Iterable[tuple[str, str]], settings: frozenset[str]) -> Iterator[str]:
    """A line for each finding that a setting explains."""
    for check, count in sorted(Counter(check for check, _ in failed).items()):
        if check in INHERENT and INHERENT[check][0] in settings:
            setting, meaning = INHERENT[check]
            yield f"{check}: {count}, inherent to `{setting}`: {meaning}"


def main(folder: Path) -> int:
    """Print what was found in each environment; 1 when a finding is not inherent to its configuration."""
    environments = Builder(REPOSITORY).environments
    found, scans = 0, scan_each(folder)
    for name in environments.names:
        settings = settings_of(environments.resolve(name))
        for part in _PARTS:
            result = scans[f"{name}/{part}"]
            counts = f"passed {result.passed:>4}  failed {len(result.failed):>3}  suppressed {result.suppressed:>3}"
            print(f"{name:<10} {part:<10} {counts}")
            for line in explanations(result.failed, settings):
                print(f"  {line}")
            for line in faults(result.failed, settings):
                found += 1
                print(f"  FAULT: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
