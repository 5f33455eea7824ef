"""Reads a dashboard. Changes none: dashboards belong to the template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from tapgen.aws.session import Aws


def read_dashboard(aws: Aws, name: str) -> dict[str, Any] | None:
    """The dashboard's body; None when there is none of this name."""
    with translated(f"read the dashboard {name}"):
        try:
            found = aws.client("cloudwatch").get_dashboard(DashboardName=name)
        except ClientError as error:
            if error_code(error) in ("ResourceNotFound", "DashboardNotFoundError", "ResourceNotFoundException"):
                return None
            raise
    body: dict[str, Any] = json.loads(found["DashboardBody"])
    return body
