"""What a function is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.iam.arns import Arn
    from tapgen.naming import Names
    from tapgen.parts.function.model import Function


def physical_name(names: Names, part: Function) -> str:
    """The function's name."""
    return names.function(part.name)


def make_arn(names: Names, part: Function, path: str = "") -> Arn:
    """The ARN of the function's live alias, which is what others invoke."""
    return arns.regional("lambda", f"function:{physical_name(names, part)}:{LIVE_ALIAS}{path}")


def attributes(names: Names, part: Function) -> Mapping[str, object]:
    """What a reference may name."""
    return {"name": physical_name(names, part), "arn": make_arn(names, part)}
