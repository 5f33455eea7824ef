"""Single calls on Lambda functions, their aliases and versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated
from tapgen.errors import AwsError
from tapgen.model import AliasState

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import AliasConfigurationResponseTypeDef, AliasConfigurationTypeDef

_LATEST = "$LATEST"


def list_aliases(client: LambdaClient, function: str) -> tuple[AliasState, ...]:
    """Every alias of a function."""
    with translated(f"list the aliases of {function}"):
        return tuple(
            _state_of(function, item)
            for page in client.get_paginator("list_aliases").paginate(FunctionName=function)
            for item in page["Aliases"]
        )


def read_alias(client: LambdaClient, function: str, name: str) -> AliasState | None:
    """Where an alias points; None when there is no such alias (one call)."""
    with translated(f"look at the alias {function}:{name}"):
        try:
            return _state_of(function, client.get_alias(FunctionName=function, Name=name))
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise


def list_versions(client: LambdaClient, function: str) -> tuple[str, ...]:
    """The published versions of a function, oldest first; none when there is no such function."""
    with translated(f"list the versions of {function}"):
        try:
            pages = list(client.get_paginator("list_versions_by_function").paginate(FunctionName=function))
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return ()
            raise
    found = [item["Version"] for page in pages for item in page["Versions"] if item["Version"] != _LATEST]
    return tuple(sorted(found, key=int))


def delete_version(client: LambdaClient, *, function: str, version: str) -> None:
    """Delete one published version; Lambda refuses one that an alias points at."""
    with translated(f"delete version {version} of {function}"):
        client.delete_function(FunctionName=function, Qualifier=version)


def set_alias(client: LambdaClient, *, function: str, alias: str, version: str) -> None:
    """Send all traffic of an alias to one version: only ever to the one that its stack has."""
    with translated(f"point {function}:{alias} at version {version}"):
        client.update_alias(
            FunctionName=function, Name=alias, FunctionVersion=version, RoutingConfig={"AdditionalVersionWeights": {}}
        )


def invoke(client: LambdaClient, function: str, event: dict[str, Any], *, qualifier: str) -> Any:
    """Invoke an alias and wait for its answer, which is parsed JSON.

    Raises:
        AwsError: Lambda refuses the call, or the function failed.
    """
    with translated(f"invoke {function}:{qualifier}"):
        answer = client.invoke(FunctionName=function, Qualifier=qualifier, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        message = payload.get("errorMessage", "") if isinstance(payload, dict) else ""
        raise AwsError(f"{function} failed", why=str(message), hint="see its log group", code="function-failed")
    return payload


def find_reader(client: LambdaClient, source_arn: str) -> str:
    """The ARN of the function, with its alias, that an event source invokes; empty when it invokes none."""
    with translated(f"find the function that reads {source_arn}"):
        found = client.list_event_source_mappings(EventSourceArn=source_arn)["EventSourceMappings"]
    return next((mapping["FunctionArn"] for mapping in found if mapping.get("FunctionArn")), "")


def _state_of(function: str, found: AliasConfigurationTypeDef | AliasConfigurationResponseTypeDef) -> AliasState:
    return AliasState(
        function=function,
        name=found["Name"],
        version=found["FunctionVersion"],
        weights=dict(found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})),
    )
