"""The resources of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Tags
from troposphere.kinesis import Stream, StreamEncryption, StreamModeDetails

from outside_streams.names import physical_name

if TYPE_CHECKING:
    from outside_streams.model import Stream as StreamPart
    from tapgen.elements.wiring import Context, Stack


def build(stack: Stack, context: Context, part: StreamPart) -> None:
    """The stream, encrypted with the key of Kinesis."""
    stack.add(
        Stream(
            part.logical_id,
            Name=physical_name(context.names, part),
            StreamModeDetails=StreamModeDetails(StreamMode="ON_DEMAND"),
            StreamEncryption=StreamEncryption(EncryptionType="KMS", KeyId="alias/aws/kinesis"),
            Tags=Tags(**context.tags),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )
