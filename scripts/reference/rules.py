"""``scripts/rules write|check``: docs/reference/rules.md from the rules that tapgen validates with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scripts.reference.command import REPOSITORY, WrittenPage
from tapgen.parts.registry import list_kinds
from tapgen.rules.registry import ROOMS, rules_by_origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.rule import Rule

PAGE = REPOSITORY / "docs" / "reference" / "rules.md"
_OWN = (*ROOMS, *(kind.name for kind in list_kinds()))

_HEAD = """# Rules

What must hold in the templates of every service, whatever its parts. This page is written from the rules themselves by
`scripts/rules write`; `tapgen validate --list` prints them, with those of other packages.

Rendering applies all of them to every template. An **error** keeps the templates from being written and deployed; a
**warning** is told by [`tapgen validate`](../ship/validating.md). A rule knows what the configuration asks for: backups
that an environment turns off are no fault of its table. What need not hold is accepted by the rule's id, in one
environment or in `defaults`, everywhere or for one resource, always with the reason:

```yaml
environments:
  dev:
    validation:
      suppress:
        queue-retention.JobsQueue: messages of the load test are worth nothing after an hour
```

A suppression that nothing breaks is told as a warning, so that none outlives its reason.

## Rules of your own

A package brings rules by the entry point `tapgen.rules`; each is a `tapgen.elements.rule.Rule`:

```python
from tapgen.elements.rule import Rule


def _find(templates):
    for function in templates.of_type("AWS::Lambda::Function"):
        if function.get("Architectures.0") != "arm64":
            yield function, "runs on x86_64"


ARM = Rule(
    id="acme-arm-only",
    holds="Functions run on arm64.",
    why="Our builds are for arm64 alone.",
    source="platform handbook, chapter 4",
    find=_find,
)
```

```ini
[options.entry_points]
tapgen.rules =
    acme-arm-only = acme_rules:ARM
```

`templates.environment` is the resolved configuration, `templates.environment.service` the service, and
`templates.trace(stack, value)` follows a reference through the nested stacks. A kind of part that a package brings has
its rules in its own folder, as those of tapgen have: `rules/`, one file a rule, each with `RULE`.
"""


def write_page() -> str:
    """The whole page."""
    sections = [_HEAD]
    for origin, rules in rules_by_origin().items():
        if rules and origin in _OWN:
            sections.append(f"## {_title(origin)}")
            sections += ["\n\n".join(_rule(rule)) for rule in rules]
    return "\n\n".join(section.strip("\n") for section in sections) + "\n"


def _title(origin: str) -> str:
    return origin.capitalize().replace("Http api", "HTTP API")


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    yield f"{rule.holds} {'**Warning.**' if rule.severity == 'warning' else '**Error.**'}"
    yield f"Why: {rule.why}"
    if rule.fix:
        yield f"Fix: {rule.fix}"
    yield f"Source: {rule.source}."


if __name__ == "__main__":
    sys.exit(WrittenPage(path=PAGE, script="scripts/rules", source="rules", write=write_page).run(__doc__))
