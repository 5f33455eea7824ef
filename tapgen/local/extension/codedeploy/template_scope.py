"""The template that a running stack operation carries out: what an update handler of MiniStack is not told.

A handler gets resolved properties; an ``UpdatePolicy`` is none of them. So the running operation keeps its template at
hand, and references in an update policy count as dependencies, as they do in AWS.
"""

from __future__ import annotations

import contextvars
import copy
import functools
from dataclasses import dataclass
from typing import Any

from tapgen.local.extension import cloudformation as cfn
from tapgen.local.extension.seams import Seam, original, replace

_PACKAGE = "ministack.services.cloudformation"
_RESOLVE = Seam(
    module=f"{_PACKAGE}.engine",
    attribute="_resolve_refs",
    parameters=("value", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    gap="called only: resolves intrinsic functions",
)
_SORT = Seam(
    module=f"{_PACKAGE}.engine",
    attribute="_topological_sort",
    parameters=("resources", "conditions"),
    gap="one resource after another in the order of their names; AWS updates whatever is ready at the same time, so "
    "guarded aliases come last among the ready ones and can then shift together",
)
_NO_VALUE = Seam(module=f"{_PACKAGE}.engine", attribute="_NO_VALUE", parameters=None, gap="read only: AWS::NoValue")
SEAMS = (_RESOLVE, _SORT, _NO_VALUE, cfn.DEPLOY, cfn.EXTRACT_DEPENDENCIES, cfn.STACKS)

POLICY = "CodeDeployLambdaAliasUpdate"
ALIAS_TYPE = "AWS::Lambda::Alias"

_operation: contextvars.ContextVar[tuple[str, dict[str, Any], dict[str, Any]] | None] = contextvars.ContextVar(
    "tapgen_stack_operation", default=None
)


@dataclass(frozen=True)
class Scope:
    """The template of a stack's running operation, with what its references resolve to.

    Attributes:
        stack: MiniStack's record of the stack.
        template: The template after its transforms.
        parameters: The parameter values of the operation.
    """

    stack: cfn.Stack
    template: dict[str, Any]
    parameters: dict[str, Any]

    def definition(self, logical_id: str) -> dict[str, Any]:
        """A resource as the template has it; empty when there is none."""
        found: dict[str, Any] = self.template.get("Resources", {}).get(logical_id, {})
        return found

    def resolve(self, value: Any) -> Any:
        """A part of the template with its intrinsic functions resolved; ``AWS::NoValue`` members are gone."""
        stack = self.stack
        resolved = original(_RESOLVE)(
            copy.deepcopy(value),
            stack.get("_resources", {}),
            self.parameters,
            original(cfn.EVALUATE_CONDITIONS)(self.template, self.parameters),
            self.template.get("Mappings", {}),
            stack["StackName"],
            stack["StackId"],
        )
        if isinstance(resolved, dict):
            return {key: member for key, member in resolved.items() if member is not original(_NO_VALUE)}
        return resolved

    def policy(self, logical_id: str) -> dict[str, Any]:
        """The resolved update policy of an alias; empty when it has none."""
        policy = (self.definition(logical_id).get("UpdatePolicy") or {}).get(POLICY)
        resolved: dict[str, Any] = self.resolve(policy) if policy else {}
        return resolved

    def order(self) -> list[str]:
        """The logical ids in the order in which the operation takes them."""
        conditions = original(cfn.EVALUATE_CONDITIONS)(self.template, self.parameters)
        found: list[str] = original(_SORT)(self.template.get("Resources", {}), conditions)
        return found

    def dependencies(self, logical_id: str) -> set[str]:
        """The logical ids that a resource waits for, directly."""
        names = set(self.template.get("Resources", {}))
        found: set[str] = original(cfn.EXTRACT_DEPENDENCIES)(self.definition(logical_id), names)
        return found


def current(stack_name: str) -> Scope:
    """The scope of the operation that is running on a stack."""
    stack = cfn.stacks()[stack_name]
    running = _operation.get()
    if running is not None and running[0] == stack_name:
        return Scope(stack, running[1], running[2])
    return Scope(stack, stack.get("_template") or {}, stack.get("_resolved_params") or {})


def install() -> None:
    """Keep the template of each operation at hand, and order resources as AWS may."""
    _keep_operation()
    _count_policy_references()
    _take_guarded_aliases_last()


def _keep_operation() -> None:
    deploy = original(cfn.DEPLOY)

    @functools.wraps(deploy)
    async def keep(stack_name: str, stack_id: str, template: Any, parameters: Any, *args: Any, **kwargs: Any) -> None:
        token = _operation.set((stack_name, template, parameters))
        try:
            await deploy(stack_name, stack_id, template, parameters, *args, **kwargs)
        finally:
            _operation.reset(token)

    replace(cfn.DEPLOY, keep, also=(f"{_PACKAGE}.handlers", f"{_PACKAGE}.changesets"))


def _count_policy_references() -> None:
    """A reference in an UpdatePolicy is a dependency: the group is there, and updated, before the alias."""
    extract = original(cfn.EXTRACT_DEPENDENCIES)

    @functools.wraps(extract)
    def with_policies(resource: dict[str, Any], names: set[str]) -> set[str]:
        found: set[str] = extract(resource, names)
        if resource.get("UpdatePolicy"):
            found |= extract({"Properties": {"UpdatePolicy": resource["UpdatePolicy"]}}, names)
        return found

    replace(cfn.EXTRACT_DEPENDENCIES, with_policies, also=(f"{_PACKAGE}.stacks",))


def _take_guarded_aliases_last() -> None:
    sort = original(_SORT)

    @functools.wraps(sort)
    def guarded_last(resources: dict[str, Any], conditions: dict[str, Any]) -> list[str]:
        order: list[str] = sort(resources, conditions)  # also refuses circular dependencies
        return _delayed(order, resources)

    replace(_SORT, guarded_last, also=(f"{_PACKAGE}.stacks",))


def _delayed(order: list[str], resources: dict[str, Any]) -> list[str]:
    """The same order with every guarded alias moved behind all that does not depend on one."""
    names = set(order)
    late: set[str] = set()
    for name in order:
        waits_for = original(cfn.EXTRACT_DEPENDENCIES)(resources[name], names)
        if guarded(resources[name]) or waits_for & late:
            late.add(name)
    return [name for name in order if name not in late] + [name for name in order if name in late]


def guarded(resource: dict[str, Any]) -> bool:
    """Whether a resource is an alias whose updates CodeDeploy carries out."""
    return resource.get("Type") == ALIAS_TYPE and POLICY in (resource.get("UpdatePolicy") or {})
