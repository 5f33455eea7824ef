"""Streams are encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for stream in templates.of_type("AWS::Kinesis::Stream"):
        if stream.get("StreamEncryption.EncryptionType") != "KMS":
            yield stream, "is not encrypted"


RULE = Rule(
    id="stream-encryption",
    holds="Streams are encrypted.",
    why="Records of a stream that is not encrypted lie on disk as they were put.",
    source='Kinesis Data Streams developer guide, "Data protection"',
    find=_find,
)
