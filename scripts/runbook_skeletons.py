"""Skeletons of runbooks for alarms that have none, and the names of those whose alarm is gone.

A skeleton has what is known from the alarm; a person writes the rest. Nothing that is there is written over.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tapgen.config.load import load_environments
from tapgen.naming import Names
from tapgen.templates.alarms.runbooks import list_runbooks

REPOSITORY = Path(__file__).parents[1]
FOLDER = REPOSITORY / "docs" / "runbooks"
SECTIONS = ("Meaning", "First look", "Likely causes", "What to do", "Roll back")
OPEN = "TODO:"
"""Marks what a person must still write; a test refuses it."""
_HINTS = {
    "First look": f"{OPEN} commands, e.g. `tapgen status --env X`, `tapgen metrics --env X`, `tapgen logs --env X`",
    "Likely causes": f"{OPEN} the most frequent first",
    "What to do": f"{OPEN} numbered steps",
    "Roll back": "If a release went out shortly before, take the one before it live again: `tapgen rollback --env X`.",
}


def wanted() -> dict[str, str]:
    """The runbooks that the alarms of all environments name, with what is wrong."""
    environments = load_environments(REPOSITORY / "config" / "environments.yaml")
    found: dict[str, str] = {}
    for name in environments.names:
        environment = environments.resolve(name)
        found |= list_runbooks(environment, Names(environment))
    return found


def skeleton(slug: str, text: str) -> str:
    """The runbook as far as the alarm itself tells it."""
    sections = "".join(f"\n## {title}\n\n{_HINTS.get(title, f'{text}.')}\n" for title in SECTIONS)
    return f"# {slug}\n\n**{OPEN} severity, and who is told**\n{sections}"


def main(folder: Path = FOLDER) -> int:
    """Write what is missing; answers 1 when something is left to do by hand."""
    found = {path.stem for path in folder.glob("*.md")} - {"README"}
    named = wanted()
    for slug in sorted(named.keys() - found):
        (folder / f"{slug}.md").write_text(skeleton(slug, named[slug]), encoding="utf-8")
        print(f"written, to be completed: {folder.name}/{slug}.md")
    for slug in sorted(found - named.keys()):
        print(f"no alarm names it any more: {folder.name}/{slug}.md")
    return int(found != named.keys())


if __name__ == "__main__":
    sys.exit(main())
