"""How ``config/service.py`` writes a bucket."""

from __future__ import annotations

from typing import Any

from tapgen.parts.bucket.model import Bucket
from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place
from tapgen.parts.part import pascal_case, upper_case


class Buckets(Collector):
    """Makes buckets."""

    def bucket(
        self,
        name: str,
        *,
        access_logs: bool = True,
        key: str = "",
        variable: str | None = None,
        logical_id: str | None = None,
        **settings: Any,
    ) -> Bucket:
        """A private, versioned, encrypted bucket.

        Args:
            name: Of the bucket, between the deployment's prefix and the account id.
            access_logs: Whether S3 logs each request to it.
            key: Of others that encrypts it: ``existing.key(arn)``; ``encryption`` decides when left out.
            variable: The variable that a grant brings; ``REPORTS_BUCKET`` when left out.
            logical_id: Of the resource, for a deployed stack that has another.
            **settings: Defaults of ``buckets.<name>``: ``expire_after_days``, ``glacier_after_days`` …
        """
        return self.add(
            Bucket(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Bucket",
                access_logs=access_logs,
                variable=variable or f"{upper_case(name)}_BUCKET",
                defaults=settings,
                key_arn=key,
                place=calling_place(),
            )
        )
