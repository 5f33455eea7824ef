"""The finished templates of every shipped environment, compared with what was last reviewed.

``TAPGEN_UPDATE_SNAPSHOTS=1 pytest tests/unit/templates/test_snapshots.py`` writes them anew; review the difference.
"""

from __future__ import annotations

import json
import os

import pytest

from tests.unit.templates.variants import ENVIRONMENTS, REPOSITORY, STACKS, templates

SNAPSHOTS = REPOSITORY / "tests" / "snapshots"


@pytest.mark.parametrize("name", ENVIRONMENTS.names)
def test_templates_are_as_reviewed(name: str) -> None:
    """A change of a template is a change of its snapshot, which a reviewer sees."""
    finished = templates(ENVIRONMENTS.resolve(name))

    for stack, template in finished.items():
        path = SNAPSHOTS / name / f"{stack}.json"
        text = json.dumps(template, indent=2, sort_keys=True) + "\n"
        if os.environ.get("TAPGEN_UPDATE_SNAPSHOTS"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), path


def test_no_snapshot_is_left_over() -> None:
    """A snapshot that no template is compared with would be read as if it were true."""
    known = {f"{name}/{stack}.json" for name in ENVIRONMENTS.names for stack in (*STACKS, "bootstrap")}

    assert known == {str(path.relative_to(SNAPSHOTS)) for path in SNAPSHOTS.rglob("*.json")}
