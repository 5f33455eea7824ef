"""What an event rule is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns
from tapgen.parts.bus import names as bus_names

if TYPE_CHECKING:
    from tapgen.iam.arns import Arn
    from tapgen.naming import Names
    from tapgen.parts.rule.model import Rule


def physical_name(names: Names, part: Rule) -> str:
    """The rule's name."""
    return names.name("rule", part.name)


def make_arn(names: Names, part: Rule, path: str = "") -> Arn:
    """The ARN of the rule; a rule of another bus than the default has the bus in it."""
    bus = f"{bus_names.physical_name(names, part.bus)}/" if part.bus else ""
    return arns.regional("events", f"rule/{bus}{physical_name(names, part)}{path}")
