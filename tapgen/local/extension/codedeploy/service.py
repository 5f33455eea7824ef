"""The service on the wire: JSON 1.1 with ``X-Amz-Target: CodeDeploy_20141006.<Operation>``.

Stands in for a service module of MiniStack, which asks for ``handle_request``, ``reset``, ``get_state`` and
``load_persisted_state``.
"""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope

from tapgen.local.extension.codedeploy import iam
from tapgen.local.extension.codedeploy.applications import Applications
from tapgen.local.extension.codedeploy.engine import Engine
from tapgen.local.extension.codedeploy.errors import CodeDeployError
from tapgen.local.extension.codedeploy.groups import Groups
from tapgen.local.extension.codedeploy.operations import Deployments
from tapgen.local.extension.codedeploy.state import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.codedeploy.state import Record
    from tapgen.local.extension.time_scale import TimeScale

_HEADERS = {"Content-Type": "application/x-amz-json-1.1"}  # copied for each response: MiniStack adds to it
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_LOG = logging.getLogger("codedeploy")

Response = tuple[int, dict[str, str], bytes]


class CodeDeploy:
    """The service, all accounts and regions.

    Args:
        time_scale: How long an AWS minute takes.
    """

    def __init__(self, time_scale: TimeScale) -> None:
        self.store = Store()
        self.engine = Engine(self.store, time_scale)
        self.applications = Applications(self.store)
        self.groups = Groups(self.store)
        self.deployments = Deployments(self.store, self.engine, self.applications)

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Response:
        """Answer one request, as MiniStack's router passes it on."""
        del method, path, query_params
        name = iam.operation_of(headers)
        operation = self._operation(name)
        if operation is None:
            return _refusal("UnknownOperationException", f"The embedded AWS does not offer codedeploy:{name}")
        try:
            request = json.loads(body or b"{}")
            iam.require_more(self.store, headers, request)
            with self.store.lock:
                return 200, dict(_HEADERS), json.dumps(operation(request)).encode()
        except CodeDeployError as error:
            return _refusal(error.code, str(error))
        except (AttributeError, TypeError, ValueError) as error:
            _LOG.exception("%s cannot be read", name)
            return _refusal("SerializationException", f"The request cannot be read: {error}")

    def reset(self) -> None:
        """Forget everything."""
        self.store.clear()

    def get_state(self) -> Record:
        """Everything that must survive a restart."""
        return self.store.dump()

    def load_persisted_state(self, data: Record | None) -> None:
        """Take back what ``get_state`` gave."""
        for account, region, deployment in self.store.load(data) if data else ():
            with request_scope(account, region):
                self.engine.recover(deployment)

    def _operation(self, name: str) -> Callable[[Record], Record] | None:
        method = _CAPITAL.sub("_", name).lower()
        for part in (self.applications, self.groups, self.deployments):
            if name in _OPERATIONS and hasattr(part, method):
                found: Callable[[Record], Record] = getattr(part, method)
                return found
        return None


_OPERATIONS = frozenset(
    (
        "BatchGetApplicationRevisions",
        "BatchGetApplications",
        "BatchGetDeploymentGroups",
        "BatchGetDeploymentTargets",
        "BatchGetDeployments",
        "ContinueDeployment",
        "CreateApplication",
        "CreateDeployment",
        "CreateDeploymentConfig",
        "CreateDeploymentGroup",
        "DeleteApplication",
        "DeleteDeploymentConfig",
        "DeleteDeploymentGroup",
        "GetApplication",
        "GetApplicationRevision",
        "GetDeployment",
        "GetDeploymentConfig",
        "GetDeploymentGroup",
        "GetDeploymentTarget",
        "ListApplicationRevisions",
        "ListApplications",
        "ListDeploymentConfigs",
        "ListDeploymentGroups",
        "ListDeploymentTargets",
        "ListDeployments",
        "ListTagsForResource",
        "PutLifecycleEventHookExecutionStatus",
        "RegisterApplicationRevision",
        "StopDeployment",
        "TagResource",
        "UntagResource",
        "UpdateApplication",
        "UpdateDeploymentGroup",
    )
)


def _refusal(code: str, message: str) -> Response:
    return 400, dict(_HEADERS), json.dumps({"__type": code, "message": message}).encode()
