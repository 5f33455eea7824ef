"""One run of a hook: find out what is on trial, try it, and tell CodeDeploy, whatever happens.

CodeDeploy waits an hour for a hook that says nothing. So the verdict is given in all cases and in time, and a hook that
breaks has found the version wanting.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from tapgen.hook_runtime.deployments import Call
from tapgen.hook_runtime.trials import Attempt, Bench, find_trial
from tapgen.hook_runtime.verdict import CheckFailedError, Log

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from tapgen.hook_runtime.deployments import Deployment, Deployments, LifecycleEvent
    from tapgen.hook_runtime.invocations import Functions
    from tapgen.hook_runtime.trials import Trial


class Hook:
    """The hook of one lifecycle event; made once at init.

    Args:
        lifecycle_event: When CodeDeploy calls it.
        deployments: CodeDeploy.
        functions: Lambda.
        trials: Name of a function → how it is tried.
        stream: Where the log goes; standard output when left out.
    """

    def __init__(
        self,
        lifecycle_event: LifecycleEvent,
        *,
        deployments: Deployments,
        functions: Functions,
        trials: Mapping[str, Trial],
        stream: TextIO | None = None,
    ) -> None:
        self._lifecycle_event = lifecycle_event
        self._deployments = deployments
        self._functions = functions
        self._trials = trials
        self._stream = stream

    def run(self, event: Mapping[str, Any], context: Any) -> None:
        """Judge a deployment. It returns when CodeDeploy has its answer, whichever it is.

        Raises:
            ClientError: CodeDeploy did not take the answer; Lambda tries again.
        """
        call = Call.of(event)
        log = Log({"deployment_id": call.deployment_id, "lifecycle_event": self._lifecycle_event}, stream=self._stream)
        passed, awaited = False, True
        try:
            deployment = self._deployments.find(call, self._lifecycle_event)
            log.add(function=deployment.function, version=deployment.target_version)
            awaited = not deployment.over
            if awaited:
                self._judge(deployment, context, log)
                passed = True
                log.hook_passed()
        except CheckFailedError as failed:
            log.hook_failed(failed)
        except BaseException as error:
            log.hook_failed(_broken(error), trace=traceback.format_exc())
            if not isinstance(error, Exception):
                raise
        finally:
            if not awaited or not self._deployments.answer(call, passed=passed):
                log.note("nobody waits for this hook any more")

    def _judge(self, deployment: Deployment, context: Any, log: Log) -> None:
        trial = find_trial(self._trials, deployment.function)
        bench = Bench(
            functions=self._functions,
            function_arn=f"{context.invoked_function_arn.partition(':function:')[0]}:function:{deployment.function}",
            remaining_s=lambda: context.get_remaining_time_in_millis() / 1000,
            timeout_s=context.get_remaining_time_in_millis() / 1000,
            log=log,
        )
        attempt = Attempt(trial=trial, deployment=deployment, bench=bench)
        attempt.check()
        if self._lifecycle_event == "AfterAllowTraffic":
            attempt.check_live()


def _broken(error: BaseException) -> CheckFailedError:
    return CheckFailedError("hook", expected="checks that run to their end", got=f"{type(error).__name__}: {error}")
