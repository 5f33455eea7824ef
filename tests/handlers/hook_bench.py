"""A hook on the bench: CodeDeploy as a stub that checks every request, Lambda as functions of this process."""

from __future__ import annotations

import io
import json
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from botocore.stub import Stubber

from handlers.common.clients import make_client
from tapgen.hook_runtime.deployments import Deployments
from tapgen.hook_runtime.hook import Hook
from tapgen.hook_runtime.invocations import Functions
from tapgen.hook_runtime.trials import read_trials
from tapgen.packaging.hooks import write_journeys
from tapgen.service.load import load_service
from tapgen.service.tried import tried_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tapgen.hook_runtime.trials import Trial

    Handler = Callable[[dict[str, Any], Any], Any]
    Spoil = Callable[[dict[str, Any]], Any]

API, ARCHIVER = "service-api", "service-archiver"
OLD, NEW, LIVE = "7", "8", "live"
ARN = "arn:aws:lambda:eu-central-1:000000000000:function"
EVENT = {"DeploymentId": "d-ABCDEFGHI", "LifecycleEventHookExecutionId": "sealed"}
REPOSITORY = Path(__file__).parents[2]
BEFORE, AFTER = "BeforeAllowTraffic", "AfterAllowTraffic"


def _read_trials() -> dict[str, Trial]:
    """The project's own journeys, through the file that the zip of the hooks has."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journeys.json"
        file.write_bytes(write_journeys(tried_of(load_service(REPOSITORY / "config"))))
        return read_trials(file, prefix="service-")


TRIALS = _read_trials()


@dataclass
class Context:
    """What Lambda says of an invocation.

    Attributes:
        clock_s: The seconds that are left, one for each look at the clock; the last one stays.
    """

    clock_s: list[float] = field(default_factory=lambda: [60.0])
    invoked_function_arn: str = f"{ARN}:CodeDeployHook_service-before"

    def get_remaining_time_in_millis(self) -> int:
        left = self.clock_s.pop(0) if len(self.clock_s) > 1 else self.clock_s[0]
        return int(left * 1000)


@dataclass
class InProcess:
    """Lambda's ``invoke`` with a handler of this process behind it.

    Attributes:
        handler: The function's code.
        spoiled: (route, which call of it) → what the new version makes of the right answer.
        live: The versions behind the alias, one a call; the last one stays.
        broken: Qualifiers that only fail.
        calls: (qualifier, route) of every call.
    """

    handler: Handler
    spoiled: dict[tuple[str, int], Spoil] = field(default_factory=dict)
    live: list[str] = field(default_factory=lambda: [NEW])
    broken: set[str] = field(default_factory=set)
    calls: list[tuple[str, str]] = field(default_factory=list)
    _seen: Counter[str] = field(default_factory=Counter)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        event = json.loads(Payload)
        qualifier = FunctionName.rpartition(":")[2]
        route = event.get("routeKey", "batch")
        self.calls.append((qualifier, route))
        version = self.live.pop(0) if qualifier == LIVE and len(self.live) > 1 else self.live[0]
        executed = version if qualifier == LIVE else qualifier
        if qualifier in self.broken:
            return _failed("out of order", executed)
        answer = self.handler(event, None)
        if executed == NEW:
            self._seen[route] += 1
            spoil = self.spoiled.get((route, self._seen[route]))
            try:
                answer = spoil(answer) if spoil else answer
            except RuntimeError as error:
                return _failed(str(error), executed)
        return _answered(answer, executed)


def _failed(message: str, executed: str) -> dict[str, Any]:
    document = {"errorType": "RuntimeError", "errorMessage": message, "stackTrace": ["secret"]}
    return _answered(document, executed) | {"FunctionError": "Unhandled"}


def _answered(document: Any, executed: str) -> dict[str, Any]:
    return {"ExecutedVersion": executed, "Payload": io.BytesIO(json.dumps(document).encode())}


def refusal(code: str, operation: str = "Invoke") -> ClientError:
    """What a service refuses with."""
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


class HookBench:
    """One hook with everything around it.

    Args:
        client: Stands for Lambda.
        lifecycle_event: Which hook.
        function: What is on trial.
        target: The version on trial.
        trials: How functions are tried; as the project says when left out.
    """

    def __init__(
        self,
        client: Any,
        lifecycle_event: Any = BEFORE,
        *,
        function: str = API,
        target: str = NEW,
        trials: Mapping[str, Trial] = TRIALS,
    ) -> None:
        self._trials = trials
        self.client = client
        self.slept: list[float] = []
        self.codedeploy = make_client("codedeploy")
        self.stubber = Stubber(self.codedeploy)
        self._lifecycle_event = lifecycle_event
        self._function = function
        self._target = target
        self._stream = io.StringIO()

    def expect_question(self, *, statuses: Sequence[str] = ("InProgress", "Pending", "Pending")) -> None:
        """The hook asks what is on trial."""
        events = zip((BEFORE, "AllowTraffic", AFTER), statuses, strict=True)
        target = {
            "deploymentId": EVENT["DeploymentId"],
            "lifecycleEvents": [{"lifecycleEventName": name, "status": status} for name, status in events],
            "lambdaFunctionInfo": {
                "functionName": self._function,
                "functionAlias": LIVE,
                "currentVersion": OLD,
                "targetVersion": self._target,
            },
        }
        asked = {"deploymentId": EVENT["DeploymentId"]}
        self.stubber.add_response("list_deployment_targets", {"targetIds": ["f:live"]}, asked)
        answer = {"deploymentTarget": {"deploymentTargetType": "LambdaTarget", "lambdaTarget": target}}
        self.stubber.add_response("get_deployment_target", answer, asked | {"targetId": "f:live"})

    def expect_answer(self, status: str) -> None:
        """The hook tells its verdict."""
        told = {
            "deploymentId": EVENT["DeploymentId"],
            "lifecycleEventHookExecutionId": EVENT["LifecycleEventHookExecutionId"],
            "status": status,
        }
        self.stubber.add_response("put_lifecycle_event_hook_execution_status", {}, told)

    def judge(self, status: str, *, context: Context | None = None) -> None:
        """Run the hook, which asks, and tells ``status``."""
        self.expect_question()
        self.expect_answer(status)
        self.run(context or Context())

    def run(self, context: Context) -> None:
        """Run the hook; whatever was expected must have happened."""
        hook = Hook(
            self._lifecycle_event,
            deployments=Deployments(self.codedeploy),
            functions=Functions(self.client, sleep=self.slept.append),
            trials=self._trials,
            stream=self._stream,
        )
        with self.stubber:
            try:
                hook.run(EVENT, context)
            finally:
                self.stubber.assert_no_pending_responses()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log."""
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]

    @property
    def told(self) -> str:
        """What the log says, but for the time."""
        return json.dumps([{name: value for name, value in line.items() if name != "timestamp"} for line in self.lines])

    @property
    def outcome(self) -> dict[str, Any]:
        """The line that tells the outcome."""
        (line,) = [line for line in self.lines if line["message"] in ("hook passed", "hook failed")]
        return line

    @property
    def passed(self) -> list[str]:
        """The checks that passed, in order."""
        return [line["check"] for line in self.lines if line["message"] == "check passed"]
