"""A hook against real functions: the packaged API on the embedded Lambda, called by the ARNs of its versions."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from handlers.common.clients import make_client
from tapgen.hook_runtime.invocations import Functions, Qualified
from tapgen.journey.transport import NoAnswerError
from tapgen.packaging.functions import zip_function
from tests.handlers.hook_bench import API, ARN, LIVE, HookBench
from tests.local.conftest import REGION

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory

HANDLERS = Path(__file__).parents[2] / "handlers"
PLAIN = """import time
def handler(event, context):
    if "raise" in event:
        raise ValueError(event["raise"])
    time.sleep(event.get("sleep", 0))
    return {"arn": context.invoked_function_arn}
"""


@pytest.fixture(name="role_arn", scope="module")
def _role_arn(client: ClientFactory, table_name: str) -> str:
    """What the API's function may do, and nothing else."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    use = {
        "Effect": "Allow",
        "Action": [f"dynamodb:{name}" for name in ("DeleteItem", "GetItem", "PutItem", "Query")],
        "Resource": f"arn:aws:dynamodb:{REGION}:000000000000:table/{table_name}",
    }
    iam = client("iam")
    made = iam.create_role(RoleName=API, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    iam.put_role_policy(RoleName=API, PolicyName="use", PolicyDocument=json.dumps({"Statement": [use]}))
    return str(made["Role"]["Arn"])


@pytest.fixture(name="api", scope="module")
def _api(client: ClientFactory, role_arn: str, table_name: str) -> dict[str, str]:
    """Authorization → the version of the API's function that has it; the last one is live."""
    functions = client("lambda")
    versions: dict[str, str] = {}
    for authorization in ("NONE", "IAM", "JWT"):
        variables = {"AUTHORIZATION": authorization, "TABLE_NAME": table_name, "TTL_ATTRIBUTE": "expiresAt"}
        variables |= {"POWERTOOLS_SERVICE_NAME": "api", "POWERTOOLS_METRICS_NAMESPACE": "transactions/test"}
        variables |= {"ENVIRONMENT": "test", "REQUIRE_IF_MATCH": "true", "POWERTOOLS_LOG_LEVEL": "INFO"}
        settings = {"FunctionName": API, "Environment": {"Variables": variables}}
        if versions:
            functions.update_function_configuration(**settings)
        else:
            _create(
                client,
                role_arn,
                zip_function("api", folder="api", sources=HANDLERS).data,
                "handlers.api.app.handler",
                **settings,
            )
        versions[authorization] = functions.publish_version(FunctionName=API)["Version"]
    functions.create_alias(FunctionName=API, Name=LIVE, FunctionVersion=versions["JWT"])
    return versions


@pytest.fixture(name="plain", scope="module")
def _plain(client: ClientFactory, role_arn: str) -> str:
    """The ARN of a small function's version."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", PLAIN)
    _create(client, role_arn, code.getvalue(), "index.handler", FunctionName="service-plain")
    return str(client("lambda").publish_version(FunctionName="service-plain")["FunctionArn"])


def _create(client: ClientFactory, role_arn: str, code: bytes, handler: str, **settings: Any) -> None:
    common: dict[str, Any] = {"Runtime": "python3.13", "Architectures": ["arm64"], "Timeout": 30, "MemorySize": 256}
    client("lambda").create_function(Role=role_arn, Code={"ZipFile": code}, Handler=handler, **common, **settings)


def _calling(arn: str, *, read_timeout_s: float = 30) -> Qualified:
    client = make_client("lambda", read_timeout_s=read_timeout_s, attempts=1)
    return Qualified(Functions(client), arn, remaining_s=lambda: 60.0)


@pytest.mark.parametrize("authorization", ["NONE", "IAM", "JWT"])
def test_packaged_api_passes_whatever_its_authorization(api: dict[str, str], authorization: str) -> None:
    """The synthetic user owns its path under each of them."""
    client = make_client("lambda", read_timeout_s=30, attempts=1)
    bench = HookBench(client, target=api[authorization])

    bench.judge("Succeeded")

    assert bench.passed[-1] == "read deleted"
    assert bench.outcome["version"] == api[authorization]


def test_live_alias_is_recognised_by_the_version_that_executes(api: dict[str, str]) -> None:
    """Lambda says which version an alias sent the call to."""
    client = make_client("lambda", read_timeout_s=30, attempts=1)
    served, bypassed = (
        HookBench(client, "AfterAllowTraffic", target=api[authorization]) for authorization in ("JWT", "NONE")
    )

    served.judge("Succeeded")
    bypassed.judge("Failed")

    assert served.passed[-1] == "live alias"
    assert (bypassed.outcome["check"], bypassed.outcome["got"]) == ("live alias", f"version {api['JWT']} answers")


def test_version_is_called_by_its_arn(plain: str) -> None:
    """The function is told the version's own ARN, and the answer names the version."""
    invocation = _calling(plain).call({})

    assert invocation.document == {"arn": plain}
    assert invocation.executed_version == plain.rpartition(":")[2]


def test_what_a_function_raises_is_told_without_its_trace(plain: str) -> None:
    """Type and message; the trace is in the function's own log."""
    with pytest.raises(NoAnswerError) as caught:
        _calling(plain).call({"raise": "no such table"})

    # The embedded Lambda has one type for all errors.
    assert caught.value.got.endswith("Error: no such table")
    assert "index.py" not in caught.value.got


def test_function_that_is_slow_fails_its_check(plain: str) -> None:
    """A hook waits no longer than its client does, and asks once."""
    with pytest.raises(NoAnswerError, match="ReadTimeoutError"):
        _calling(plain, read_timeout_s=0.3).call({"sleep": 3})


@pytest.mark.parametrize("arn", [f"{ARN}:service-plain:99", f"{ARN}:service-none:1"])
def test_version_that_does_not_exist_fails_its_check(plain: str, arn: str) -> None:
    """A deployment to nowhere is told."""
    del plain
    with pytest.raises(NoAnswerError, match="ResourceNotFoundException"):
        _calling(arn).call({})
