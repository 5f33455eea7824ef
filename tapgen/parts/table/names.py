"""What a table is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.iam.arns import Arn
    from tapgen.naming import Names
    from tapgen.parts.table.model import Table


def physical_name(names: Names, part: Table) -> str:
    """The table's name."""
    if part.existing_arn:
        return part.existing_arn.rpartition("/")[2]
    return names.name("table", part.name)


def make_arn(names: Names, part: Table, path: str = "") -> Arn:
    """The ARN of the table, or of one of its indexes."""
    if part.existing_arn:
        return {"Fn::Sub": f"{part.existing_arn}{path}"}
    return arns.regional("dynamodb", f"table/{physical_name(names, part)}{path}")


def attributes(names: Names, part: Table) -> Mapping[str, object]:
    """What a reference may name."""
    return {"name": physical_name(names, part), "arn": make_arn(names, part)}


def variables(names: Names, part: Table) -> Mapping[str, object]:
    """What a grant brings: the table's name."""
    return {part.variable: physical_name(names, part)}
