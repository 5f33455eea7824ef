"""Reads and writes release records in the artifact bucket. Every write is conditional: nothing is ever overwritten."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tapgen import object_keys
from tapgen.aws import objects
from tapgen.errors import InternalError
from tapgen.ledger import record as records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_s3 import S3Client

    from tapgen.aws.storage import Bucket
    from tapgen.ledger.record import Execution, Intent, Outcome, Plan, Record

_KEY = re.compile(r"(?P<folder>.*/(?P<sequence>\d+)/)(?P<document>[a-z-]+)\.json")


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The records of one deployment."""

    client: S3Client
    bucket: Bucket
    deployment: str

    def read_all(self) -> tuple[Record, ...]:
        """Every record, oldest first (one listing, and a read for each document, in parallel).

        Raises:
            UsageError: A newer tapgen wrote one of them, or one is damaged.
        """
        return self._read(item.key for item in self._list())

    def read_latest(self, count: int) -> tuple[Record, ...]:
        """The newest records, oldest first."""
        listed = [item.key for item in self._list()]
        sequences = sorted({int(found["sequence"]) for found in map(_KEY.fullmatch, listed) if found})[-count:]
        wanted = tuple(
            object_keys.release_key(self.deployment, sequence, "").removesuffix(".json") for sequence in sequences
        )
        return self._read(key for key in listed if key.startswith(wanted)) if wanted else ()

    def begin(self, intent: Intent) -> Intent:
        """Write an intent under the first free sequence from its own on; S3 gives a sequence to one writer alone."""
        while True:
            key = object_keys.release_key(self.deployment, intent.sequence, records.INTENT)
            if objects.create_object(self.client, self.bucket, key, records.encode(intent)):
                return intent
            intent = replace(intent, sequence=intent.sequence + 1)

    def add(self, sequence: int, document: Plan | Execution) -> None:
        """Write a later document of a record.

        Raises:
            InternalError: The record has one that differs.
        """
        if not self._create(sequence, document):
            name = type(document).__name__.lower()
            raise InternalError(f"release {sequence} of {self.deployment} has its {name} already")

    def settle(self, sequence: int, outcome: Outcome) -> bool:
        """Write how a record ended; False when somebody has found that out before: the first word counts."""
        return self._create(sequence, outcome)

    def _create(self, sequence: int, document: Plan | Execution | Outcome) -> bool:
        key = object_keys.release_key(self.deployment, sequence, type(document).__name__.lower())
        return objects.create_object(self.client, self.bucket, key, records.encode(document)) is not None

    def _list(self) -> tuple[objects.ListedObject, ...]:
        return objects.list_objects(self.client, self.bucket, object_keys.release_prefix(self.deployment))

    def _read(self, keys: Iterable[str]) -> tuple[Record, ...]:
        folders: dict[str, dict[str, bytes]] = {}
        for key, body in objects.read_objects(self.client, self.bucket, list(keys)).items():
            found = _KEY.fullmatch(key)
            if found and found["document"] in records.DOCUMENTS:
                folders.setdefault(found["folder"], {})[found["document"]] = body
        return tuple(
            records.decode(bodies, place=f"s3://{self.bucket.name}/{folder}")
            for folder, bodies in sorted(folders.items())
            if records.INTENT in bodies
        )
