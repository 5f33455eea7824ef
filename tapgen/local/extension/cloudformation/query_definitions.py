"""Saved queries of CloudWatch Logs Insights: the type AWS::Logs::QueryDefinition and the three calls of its API.

CloudWatch Logs API reference: PutQueryDefinition, DescribeQueryDefinitions, DeleteQueryDefinition.
"""

from __future__ import annotations

import functools
import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tapgen.local.extension.settings import Settings

    Answer = tuple[int, dict[str, str], bytes]

_LOGS = "ministack.services.cloudwatch_logs"
_STATE_KEY = "tapgen_query_definitions"

_HANDLE_REQUEST = Seam(
    module=_LOGS,
    attribute="handle_request",
    parameters=("method", "path", "headers", "body", "query_params"),
    gap="The API knows no query definitions.",
)
_GET_STATE = Seam(module=_LOGS, attribute="get_state", parameters=(), gap="Used: query definitions are saved along.")
_LOAD_STATE = Seam(
    module=_LOGS, attribute="load_persisted_state", parameters=("data",), gap="Used: and restored with the log groups."
)
_RESET = Seam(module=_LOGS, attribute="reset", parameters=(), gap="Used: a reset forgets query definitions too.")

SEAMS: tuple[Seam, ...] = (
    cfn.RESOURCE_HANDLERS,
    _HANDLE_REQUEST,
    _GET_STATE,
    _LOAD_STATE,
    _RESET,
)

_MEMBERS = ("queryDefinitionId", "name", "queryString", "logGroupNames", "queryLanguage", "lastModified")


class QueryDefinitionError(Exception):
    """A request that CloudWatch Logs refuses; ``code`` is its error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class QueryDefinitions:
    """The query definitions of every account and region.

    Args:
        store: A dictionary that shows each account and region its own entries, by definition id.
    """

    def __init__(self, store: Any) -> None:
        self.store = store

    def put(self, request: dict[str, Any]) -> dict[str, Any]:
        """PutQueryDefinition: create one, or change the one whose id is given."""
        for member in ("name", "queryString"):
            if not request.get(member):
                raise QueryDefinitionError("InvalidParameterException", f"{member} must not be empty")
        identifier = request.get("queryDefinitionId") or str(uuid.uuid4())
        if "queryDefinitionId" in request and identifier not in self.store:
            raise _missing(identifier)
        given = {member: request[member] for member in _MEMBERS if member in request}
        self.store[identifier] = {**given, "queryDefinitionId": identifier, "lastModified": int(time.time() * 1000)}
        return {"queryDefinitionId": identifier}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeQueryDefinitions: those whose name begins with a prefix, sorted by name."""
        prefix = request.get("queryDefinitionNamePrefix", "")
        found = [definition for definition in self.store.values() if definition["name"].startswith(prefix)]
        found.sort(key=lambda definition: str(definition["name"]))
        start = int(request.get("nextToken") or 0)
        end = start + int(request.get("maxResults") or 1000)
        more = {"nextToken": str(end)} if end < len(found) else {}
        return {"queryDefinitions": found[start:end], **more}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteQueryDefinition."""
        identifier = request.get("queryDefinitionId", "")
        if self.store.pop(identifier, None) is None:
            raise _missing(identifier)
        return {"success": True}


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Add the API, its state and the type."""
    from ministack.core.responses import AccountRegionScopedDict

    definitions = QueryDefinitions(AccountRegionScopedDict())
    replace(_HANDLE_REQUEST, _serving(original(_HANDLE_REQUEST), definitions))
    _keep_state(definitions)
    original(cfn.RESOURCE_HANDLERS)["AWS::Logs::QueryDefinition"] = _handlers(definitions)


def _serving(
    handle_request: Callable[..., Awaitable[Answer]], definitions: QueryDefinitions
) -> Callable[..., Awaitable[Answer]]:
    operations = {
        "PutQueryDefinition": definitions.put,
        "DescribeQueryDefinitions": definitions.describe,
        "DeleteQueryDefinition": definitions.delete,
    }

    @functools.wraps(handle_request)
    async def serve(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any) -> Answer:
        operation = operations.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if operation is None:
            return await handle_request(method, path, headers, body, query_params)
        try:
            return _answer(200, operation(json.loads(body or b"{}")))
        except QueryDefinitionError as error:
            return _answer(400, {"__type": error.code, "message": str(error)})

    return serve


def _keep_state(definitions: QueryDefinitions) -> None:
    get_state, load_state, reset = original(_GET_STATE), original(_LOAD_STATE), original(_RESET)

    def get() -> dict[str, Any]:
        return {**get_state(), _STATE_KEY: definitions.store}

    def load(data: dict[str, Any]) -> None:
        load_state(data)
        # No test for truth: the dictionary counts the entries of the current account alone, and none is current here.
        definitions.store.update(data.get(_STATE_KEY, {}))

    def forget() -> None:
        reset()
        definitions.store.clear()

    replace(_GET_STATE, get)
    replace(_LOAD_STATE, load)
    replace(_RESET, forget)


def _handlers(definitions: QueryDefinitions) -> dict[str, Callable[..., Any]]:
    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:  # noqa: ARG001 - the signature of MiniStack's handlers
        identifier = str(definitions.put(_request(props))["queryDefinitionId"])
        return identifier, {"QueryDefinitionId": identifier}

    def update(
        physical_id: str,
        old: dict[str, Any],  # noqa: ARG001 - the signature of MiniStack's handlers
        new: dict[str, Any],
        stack_name: str,  # noqa: ARG001 - the same
    ) -> tuple[str, dict[str, str]]:
        definitions.put({**_request(new), "queryDefinitionId": physical_id})
        return physical_id, {"QueryDefinitionId": physical_id}

    def delete(physical_id: str, props: dict[str, Any]) -> None:  # noqa: ARG001 - the signature of MiniStack's handlers
        definitions.store.pop(physical_id, None)

    return {"create": create, "update": update, "delete": delete}


def _request(props: dict[str, Any]) -> dict[str, Any]:
    return {key[:1].lower() + key[1:]: value for key, value in props.items()}


def _missing(identifier: str) -> QueryDefinitionError:
    return QueryDefinitionError("ResourceNotFoundException", f"The query definition {identifier} does not exist.")


def _answer(status: int, content: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(content).encode()
