"""Logical ids that carry a hash: which new one takes the place of which old one.

A function's version, its guards and the layer are named by what they are made of (``ApiVersion87797700e7c9``), so that
CloudFormation makes a new one before it lets the old one go. To a comparison that is one resource which is renewed, not
one that went and one that came; and what merely repeats the hash, a name or a reference, did not change.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.diff.side import Template

_HASHED = re.compile(r"(?P<stem>[A-Za-z0-9]*[A-Za-z])(?P<hash>(?=[0-9a-f]*[0-9])[0-9a-f]{12})")


def pair(before: Template, after: Template) -> dict[str, str]:
    """New logical id → the old one whose place it takes: of the same type, and the same but for the hash."""
    old, new = (before.get("Resources", {}), after.get("Resources", {}))
    gone = _by_stem({name: old[name]["Type"] for name in old if name not in new})
    came = _by_stem({name: new[name]["Type"] for name in new if name not in old})
    return {came[key]: gone[key] for key in came if key in gone}


def rename(template: Template, pairs: Mapping[str, str]) -> Template:
    """The old template with each old hash replaced by the new one, wherever it is written.

    Args:
        template: The old one.
        pairs: New logical id → old one, of all stacks: names and references cross them.
    """
    hashes = {_hash_of(old): _hash_of(new) for new, old in pairs.items()}
    if not hashes:
        return template
    text = re.sub("|".join(hashes), lambda found: hashes[found[0]], json.dumps(template))
    renamed: Template = json.loads(text)
    return renamed


def stem_of(logical_id: str) -> str:
    """A logical id without its hash: ``ApiVersion``."""
    found = _HASHED.fullmatch(logical_id)
    return found["stem"] if found else logical_id


def _by_stem(types: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """(type, stem) → logical id, where the stem belongs to one resource alone."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, resource_type in types.items():
        hashed = _HASHED.fullmatch(name)
        if hashed:
            found.setdefault((resource_type, hashed["stem"]), []).append(name)
    return {key: names[0] for key, names in found.items() if len(names) == 1}


def _hash_of(logical_id: str) -> str:
    found = _HASHED.fullmatch(logical_id)
    return found["hash"] if found else logical_id
