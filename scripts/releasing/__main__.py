"""``scripts/release build|try|tag VERSION``: a release of tapgen itself. Nothing is uploaded."""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from scripts.releasing.build import build_distributions, export_commit
from scripts.releasing.changelog import name_version, release_notes
from scripts.releasing.trial import try_distribution

REPOSITORY = Path(__file__).parents[2]
DIST = REPOSITORY / "dist"
CHANGELOG = REPOSITORY / "CHANGELOG.md"
VERSION_FILE = REPOSITORY / "tapgen" / "_version.py"


class ReleaseError(Exception):
    """Why there is no release, in a sentence."""


def main() -> int:
    """Do one of the three; 1 and a sentence when it is refused."""
    parser = argparse.ArgumentParser(prog="scripts/release", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("build", help="build the commit twice into dist/, and compare the bytes")
    actions.add_parser("try", help="build, then install each in an empty environment and deploy with it")
    actions.add_parser("tag", help="write version and changelog, commit, build, try, tag").add_argument("version")
    given = parser.parse_args()
    try:
        if given.action == "tag":
            tag_version(given.version)
        else:
            built = build_commit("HEAD")
            for path in built if given.action == "try" else ():
                _say(f"trying {path.name} in an empty environment")
                try_distribution(path)
    except (ReleaseError, ValueError) as refused:
        print(f"error: {refused}", file=sys.stderr)
        return 1
    return 0


def build_commit(commit: str) -> list[Path]:
    """Sdist and wheel of a commit in ``dist/``, built twice.

    Raises:
        ReleaseError: The two builds differ.
    """
    _say(f"building {commit} twice")
    with tempfile.TemporaryDirectory(prefix="tapgen-build-") as name:
        first, second = (_build(commit, Path(name) / turn) for turn in ("first", "second"))
        different = [path.name for path, again in zip(first, second, strict=True) if _digest(path) != _digest(again)]
        if different:
            raise ReleaseError(f"two builds of one commit differ: {', '.join(different)}")
        DIST.mkdir(exist_ok=True)
        built = [Path(shutil.copy(path, DIST)) for path in first]
    for path in built:
        print(f"{_digest(path)}  {path.name}")
    return built


def _build(commit: str, folder: Path) -> list[Path]:
    epoch_s = export_commit(REPOSITORY, commit=commit, target=folder / "sources")
    return build_distributions(folder / "sources", target=folder / "dist", epoch_s=epoch_s)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tag_version(version: str) -> None:
    """Write ``version`` into the tree, commit it, build and try it, and tag it.

    The commit stays when a trial fails, and the tag is not made: put right what failed, and amend.

    Raises:
        ReleaseError: The tree has changes, or the tag is there.
        ValueError: The version or the changelog does not fit.
    """
    if _git("status", "--porcelain"):
        raise ReleaseError("the tree has changes that are not committed")
    if _git("tag", "--list", f"v{version}"):
        raise ReleaseError(f"the tag v{version} is there")
    text = name_version(CHANGELOG.read_text(encoding="utf-8"), version=version, on=datetime.now(UTC).date())
    CHANGELOG.write_text(text, encoding="utf-8")
    code = VERSION_FILE.read_text(encoding="utf-8")
    VERSION_FILE.write_text(re.sub(r'__version__ = ".*"', f'__version__ = "{version}"', code), encoding="utf-8")
    _git("commit", "--all", "--message", f"release: {version}")
    for path in build_commit("HEAD"):
        _say(f"trying {path.name} in an empty environment")
        try_distribution(path)
    _git("tag", "--annotate", f"v{version}", "--message", f"{version}\n\n{release_notes(text, version=version)}")
    _say(f"tagged v{version}; `git push --follow-tags` and the upload of dist/ are yours")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _say(text: str) -> None:
    print(f"== {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
