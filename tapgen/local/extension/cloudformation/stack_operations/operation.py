"""One create or update of a stack while it runs: what was asked for, how far it is, and whether it must end.

Provisions nothing. Handlers of resource types that take their time ask ``current`` for the operation that they are
part of, and look at ``Operation.ending``.
"""

from __future__ import annotations

import contextlib
import contextvars
import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RESOLVE = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_resolve_refs",
    parameters=("value", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    gap="Used: resolves intrinsic functions.",
)
_NO_VALUE = Seam(
    module="ministack.services.cloudformation.engine", attribute="_NO_VALUE", parameters=None, gap="Used: AWS::NoValue."
)
SEAMS: tuple[Seam, ...] = (_RESOLVE, _NO_VALUE, cfn.STACKS, cfn.STACK_EVENTS, cfn.ADD_EVENT, cfn.EVALUATE_CONDITIONS)

ROLLBACK_DISABLED = "_tapgen_rollback_disabled"
"""On a stack: its last operation was asked to leave a failure as it is."""

RETAIN_EXCEPT_ON_CREATE = "_tapgen_retain_except_on_create"
"""On a stack: the rollback of its last operation deletes what it has created, retained or not."""

AS_FOUND = "_tapgen_as_found"
"""On a resource's record: its properties are what is there, with the tags of the stack, not what a template says."""

IN_FLIGHT = "_tapgen_in_flight"
"""On a stack: what it takes to undo the update that runs, written as it goes on and saved with the stack."""

IMPORTS = "_tapgen_imports"
"""On a nested stack whose change set is being executed: logical id → identifier of what it imports."""

CANCEL_REQUESTED = "_cancel_requested"
"""On a root stack: CancelUpdateStack was called."""

_running: contextvars.ContextVar[Operation | None] = contextvars.ContextVar("tapgen_stack_operation", default=None)


class Cancelled(Exception):  # noqa: N818 - nothing has gone wrong with the resource itself
    """The work on a resource was cut short: its operation has failed elsewhere, or somebody cancelled it."""


class Failure(NamedTuple):
    """A resource that an operation did not bring to its end.

    Attributes:
        reason: What its event says.
        cancelled: Whether only the end of the operation kept it.
        attempted: The properties that an update in place may have applied; None when it has not touched the resource.
    """

    reason: str
    cancelled: bool
    attempted: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Removal:
    """A physical resource that an update leaves behind.

    Attributes:
        stack: The record of its stack.
        logical_id: Its name in the template.
        resource_type: For example ``AWS::SNS::Topic``.
        physical_id: What is deleted.
        actions: What deletes it.
    """

    stack: cfn.Stack
    logical_id: str
    resource_type: str
    physical_id: str
    actions: tuple[Callable[[], Any], ...]


@dataclass(kw_only=True, eq=False)
class Operation:
    """A create or an update.

    Attributes:
        stack: MiniStack's record of the stack.
        template: The template after its transforms.
        parameters: The parameter values.
        conditions: The conditions of the template, evaluated.
        previous: What the record was before an update; None for a create.
        above: The operation of the stack that this one is nested in.
        first_event: How many events the stack had before.
        done: Logical ids of what is where the template wants it.
        touched: Those of them that were created or updated, in the order in which that was done.
        failures: By logical id.
        removals: What is deleted once the root has been updated; only the root's list is used.
        replaced: Logical ids of what has got another physical id.
        attempts: The properties that an update in place, which has begun and not ended, may have applied.
        imports: Logical id → identifier of what exists and is imported instead of created.
    """

    stack: cfn.Stack
    template: cfn.Template
    parameters: dict[str, Any]
    conditions: dict[str, bool]
    previous: cfn.Stack | None
    above: Operation | None
    first_event: int
    done: set[str] = field(default_factory=set)
    touched: list[str] = field(default_factory=list)
    failures: dict[str, Failure] = field(default_factory=dict)
    removals: list[Removal] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    attempts: dict[str, dict[str, Any]] = field(default_factory=dict)
    imports: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def start(
        cls, stack: cfn.Stack, template: cfn.Template, parameters: dict[str, Any], *, previous: cfn.Stack | None
    ) -> Operation:
        """An operation that is about to begin; what an earlier one has left on the stack's record is forgotten."""
        stack["StackStatusReason"] = ""
        for left in ("_failed_operation", IN_FLIGHT, CANCEL_REQUESTED, "_cancel_token"):
            stack.pop(left, None)
        return cls(
            stack=stack,
            template=template,
            parameters=parameters,
            conditions=original(cfn.EVALUATE_CONDITIONS)(template, parameters),
            previous=previous,
            above=_above(stack),
            first_event=len(cfn.events(stack["StackId"])),
        )

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Be the current operation, also of the worker threads that are started meanwhile."""
        token = _running.set(self)
        try:
            yield
        finally:
            _running.reset(token)

    @property
    def is_update(self) -> bool:
        """Whether the stack existed before."""
        return self.previous is not None

    @property
    def kind(self) -> str:
        """``CREATE`` or ``UPDATE``, the first word of its statuses."""
        return "UPDATE" if self.is_update else "CREATE"

    @property
    def root(self) -> Operation:
        """The operation at the top, which may be this one."""
        return self.above.root if self.above else self

    @property
    def cancelled_by_user(self) -> bool:
        """Whether CancelUpdateStack was called on the root."""
        return bool(self.root.stack.get(CANCEL_REQUESTED))

    @property
    def failing(self) -> bool:
        """Whether something has failed, here or in a stack above."""
        return bool(self.failures) or (self.above is not None and self.above.failing)

    @property
    def ending(self) -> bool:
        """Whether nothing more may be begun, and whatever is under way should end: it is failing, or was cancelled."""
        return self.failing or self.cancelled_by_user

    @property
    def cut_short(self) -> bool:
        """Whether it has ended without its aim although nothing in it has failed by itself."""
        complete = not self.failures and self.done >= set(self.active)
        return not complete and all(failure.cancelled for failure in self.failures.values())

    @property
    def active(self) -> dict[str, Any]:
        """The resources of the template whose condition holds, by logical id."""
        return {
            name: definition
            for name, definition in self.template.get("Resources", {}).items()
            if self.conditions.get(definition.get("Condition", ""), True)
        }

    def definition(self, logical_id: str) -> dict[str, Any]:
        """A resource as the template has it."""
        found: dict[str, Any] = self.template["Resources"][logical_id]
        return found

    def record(self, logical_id: str) -> dict[str, Any] | None:
        """A resource as it was before the update; None when there was none."""
        found: dict[str, Any] | None = (self.previous or {}).get("_resources", {}).get(logical_id)
        return found

    def resolve(self, value: Any) -> Any:
        """A part of the template with its intrinsic functions resolved; ``AWS::NoValue`` members are gone.

        Raises:
            ValueError: It refers to something that does not exist.
        """
        stack = self.stack
        resolved = original(_RESOLVE)(
            copy.deepcopy(value),
            stack["_resources"],
            self.parameters,
            self.conditions,
            self.template.get("Mappings", {}),
            stack["StackName"],
            stack["StackId"],
        )
        if isinstance(resolved, dict):
            return {key: member for key, member in resolved.items() if member is not original(_NO_VALUE)}
        return resolved

    def report(self, logical_id: str, status: str, reason: str = "") -> None:
        """Record an event of a resource."""
        stack = self.stack
        known = stack["_resources"].get(logical_id) or {}
        original(cfn.ADD_EVENT)(
            stack["StackId"],
            stack["StackName"],
            logical_id,
            self.definition(logical_id).get("Type", ""),
            status,
            reason,
            known.get("PhysicalResourceId", ""),
        )

    def fail(self, logical_id: str, failure: Failure) -> None:
        """Record that a resource was not brought to its end, which ends the operation."""
        verb = "UPDATE" if self.record(logical_id) else "CREATE"
        self.failures[logical_id] = failure
        self.report(logical_id, f"{verb}_FAILED", failure.reason)


def current(stack_name: str) -> Operation | None:
    """The operation that this thread or task is part of, when it is one of that stack."""
    running = _running.get()
    return running if running is not None and running.stack["StackName"] == stack_name else None


def _above(stack: cfn.Stack) -> Operation | None:
    parent = cfn.parent(stack)
    return current(parent["StackName"]) if parent else None
