"""UpdatePolicy: CodeDeployLambdaAliasUpdate. A changed FunctionVersion is a deployment that the stack waits for.

Sources: CloudFormation User Guide, "UpdatePolicy attribute"; events and texts were seen in stacks of AWS CDK and SAM.
Creating an alias runs no deployment, neither does a change of anything but its FunctionVersion. A stack that rolls back
moves its aliases at once, and one whose update is cancelled stops its shifts [inferred]: AWS documents neither, and
``Settings`` has the alternatives. Independent aliases shift side by side, as every update runs on a thread of its own.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.stack_operations.operation import current
from tapgen.local.extension.codedeploy import appspec, deployments, resource_types
from tapgen.local.extension.codedeploy.alias_shifts import AliasShift
from tapgen.local.extension.codedeploy.appspec import Shift
from tapgen.local.extension.codedeploy.errors import CodeDeployError
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.stack_operations.operation import Operation
    from tapgen.local.extension.codedeploy.service import CodeDeploy
    from tapgen.local.extension.codedeploy.state import Record
    from tapgen.local.extension.settings import Settings

_FUNCTION_OF_REFERENCE = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_lambda_function_for_cfn_ref",
    parameters=None,
    gap="called only: the function behind the FunctionName of an alias",
)
SEAMS = (
    cfn.RESOURCE_HANDLERS,
    cfn.ON_WORKER_THREAD,
    cfn.STACKS,
    cfn.EXTRACT_DEPENDENCIES,
    _FUNCTION_OF_REFERENCE,
)

_ALIAS = "AWS::Lambda::Alias"
_POLICY = "CodeDeployLambdaAliasUpdate"


def install(service: CodeDeploy, settings: Settings) -> None:
    """Give aliases an update that knows their policy, off the event loop."""
    handlers = provisioners._RESOURCE_HANDLERS[_ALIAS]  # noqa: SLF001 - a seam
    updates = AliasUpdates(service, handlers["update"], settings)
    provisioners._RESOURCE_HANDLERS[_ALIAS] = {  # noqa: SLF001 - a seam
        **handlers,
        "update": updates.update,
        "update_with_logical_id": True,
    }
    blocks = original(cfn.ON_WORKER_THREAD)

    @functools.wraps(blocks)
    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type == _ALIAS or bool(blocks(resource_type))

    replace(cfn.ON_WORKER_THREAD, runs_on_worker_thread)
    replace(cfn.EXTRACT_DEPENDENCIES, _with_policies(original(cfn.EXTRACT_DEPENDENCIES)), also=(cfn.STACKS_MODULE,))


def _with_policies(extract: Callable[..., set[str]]) -> Callable[..., set[str]]:
    """A reference in an UpdatePolicy is a dependency: the group is there, and updated, before the alias."""

    @functools.wraps(extract)
    def with_policies(resource: dict[str, Any], names: set[str]) -> set[str]:
        found = extract(resource, names)
        if resource.get("UpdatePolicy"):
            found |= extract({"Properties": {"UpdatePolicy": resource["UpdatePolicy"]}}, names)
        return found

    return with_policies


class AliasUpdates:
    """Updates aliases, through CodeDeploy where their policy says so.

    Args:
        service: CodeDeploy.
        plain_update: MiniStack's own update of an alias.
        settings: How to do what AWS leaves open.
    """

    def __init__(
        self, service: CodeDeploy, plain_update: Callable[..., tuple[str, Record]], settings: Settings
    ) -> None:
        self._service = service
        self._plain_update = plain_update
        self._shifts_back = settings.alias_rollback == "shift"
        self._finishes_cancelled = settings.cancelled_shift == "finish"

    def update(
        self, physical_id: str, old: Record, new: Record, stack_name: str, logical_id: str
    ) -> tuple[str, Record]:
        """Update an alias.

        Raises:
            ValueError: The deployment did not succeed; the alias is back where it was if it was rolled back.
            Cancelled: The deployment was stopped since something else has failed, or somebody cancelled the update.
        """
        operation = current(stack_name)
        if operation is None:
            return self._send_back(physical_id, old, new, stack_name, logical_id)
        if _rolling_back(operation.stack):
            policy = _policy((operation.previous or {}).get("_template") or {}, logical_id)
            if self._shifts_back and policy and _shifts(old, new):
                self._shift(operation, logical_id, policy, old, new).follow(stops=lambda: False)
                old = {**old, "FunctionVersion": new["FunctionVersion"]}
            return self._send_back(physical_id, old, new, stack_name, logical_id)
        policy = _policy(operation.template, logical_id)
        if policy and _shifts(old, new):
            stops = (lambda: False) if self._finishes_cancelled else (lambda: operation.ending)
            self._shift(operation, logical_id, policy, old, new).follow(stops=stops)
            # CodeDeploy has moved the version; whatever else the template changes is left to the plain update.
            old = {**old, "FunctionVersion": new["FunctionVersion"]}
        return self._plain_update(physical_id, old, new, stack_name, logical_id)

    def _send_back(self, physical_id: str, old: Record, new: Record, *names: str) -> tuple[str, Record]:
        """Move an alias at once, and end a split that an interrupted or hand-stopped deployment has left behind."""
        if not new.get("RoutingConfig"):
            old = {**old, "RoutingConfig": {}}  # as if the template had dropped it: the plain update then removes it
        return self._plain_update(physical_id, old, new, *names)

    def _shift(self, operation: Operation, logical_id: str, policy: Record, old: Record, new: Record) -> AliasShift:
        policy = operation.resolve(policy)
        request = deployments.Request(
            application=policy["ApplicationName"],
            group=policy["DeploymentGroupName"],
            content=appspec.write(
                Shift(
                    function=_function_name(new["FunctionName"]),
                    alias=new["Name"],
                    current=str(old["FunctionVersion"]),
                    target=str(new["FunctionVersion"]),
                    before=policy.get("BeforeAllowTrafficHook") or "",
                    after=policy.get("AfterAllowTrafficHook") or "",
                )
            ),
        )
        try:
            deployment = deployments.create(self._service.store, request)
        except CodeDeployError as error:
            raise resource_types.failure(error) from error
        self._service.applications.remember_revision(request.application, request.content)
        return AliasShift(operation, logical_id, self._service.engine.start(deployment))


def _policy(template: cfn.Template, logical_id: str) -> Record:
    """The update policy of an alias in a template, not resolved; empty when it has none."""
    definition = template.get("Resources", {}).get(logical_id) or {}
    found: Record = (definition.get("UpdatePolicy") or {}).get(_POLICY) or {}
    return found


def _shifts(old: Record, new: Record) -> bool:
    """Whether an update of an alias is one of its version alone: a new name is another alias, made without a shift."""
    replaced = any(old.get(key) != new.get(key) for key in ("Name", "FunctionName"))
    return not replaced and str(old.get("FunctionVersion")) != str(new.get("FunctionVersion"))


def _rolling_back(stack: cfn.Stack | None) -> bool:
    while stack is not None:
        if "ROLLBACK" in stack["StackStatus"]:
            return True
        stack = cfn.parent(stack)
    return False


def _function_name(reference: Any) -> str:
    """The name of the function that an alias's FunctionName (a name or an ARN) means."""
    found = provisioners._lambda_function_for_cfn_ref(reference)  # noqa: SLF001 - a seam
    return str(found[1])
