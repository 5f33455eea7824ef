"""What a stream is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns

if TYPE_CHECKING:
    from outside_streams.model import Stream
    from tapgen.iam.arns import Arn
    from tapgen.naming import Names


def physical_name(names: Names, part: Stream) -> str:
    """Its name."""
    return names.name("stream", part.name)


def make_arn(names: Names, part: Stream, path: str = "") -> Arn:
    """Its ARN."""
    return arns.regional("kinesis", f"stream/{physical_name(names, part)}{path}")


def attributes(names: Names, part: Stream) -> dict[str, object]:
    """What a reference may name."""
    return {"name": physical_name(names, part), "arn": make_arn(names, part)}


def variables(names: Names, part: Stream) -> dict[str, object]:
    """What a grant brings: the stream's name."""
    return {part.variable: physical_name(names, part)}
