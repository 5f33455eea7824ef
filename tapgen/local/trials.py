"""What CloudFormation could do with its role, asked of the embedded AWS: operations that are authorised and not done.

Imports neither MiniStack nor an AWS SDK.
"""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.local.record import TRIALS_PATH

if TYPE_CHECKING:
    from collections.abc import Iterable

_TIMEOUT_S = 120


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One operation on one deployed resource.

    Attributes:
        operation: ``create``, ``update`` or ``delete``.
        type: The resource type.
        resource: The logical id.
        stack: The stack's name.
        calls: How many calls it takes.
        refused: (action, resource, AWS's words) of each that the role may not make.
    """

    operation: str
    type: str
    resource: str
    stack: str
    calls: int
    refused: tuple[tuple[str, str, str], ...]

    @property
    def kind(self) -> str:
        """``create AWS::SQS::Queue``."""
        return f"{self.operation} {self.type}"

    def __str__(self) -> str:
        return f"{self.operation} {self.resource} of {self.stack}"


def try_operations(endpoint_url: str, *, role_arn: str, region: str, kinds: Iterable[str] = ()) -> list[Trial]:
    """Have every operation on what a role's stacks have deployed authorised, and none carried out.

    Args:
        endpoint_url: ``LocalStatus.endpoint_url``.
        role_arn: The role that the stacks were given.
        region: Where they are.
        kinds: ``Trial.kind`` of those that are wanted; all where there are none.
    """
    asked = [("role", role_arn), ("region", region), *(("kind", kind) for kind in kinds)]
    url = f"{endpoint_url}{TRIALS_PATH}?{urllib.parse.urlencode(asked)}"
    # The shell's proxies do not lead to this machine.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=_TIMEOUT_S) as answer:
        found = json.load(answer)["trials"]
    return [Trial(**{**each, "refused": tuple(tuple(call) for call in each["refused"])}) for each in found]
