"""Takes one step of an adoption: a change set, made, executed and followed. For who holds the deployment's lock."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tapgen import naming, object_keys
from tapgen.aws import change_sets, stacks, storage
from tapgen.aws.import_change_sets import Import, StackChange, create_stack_change, execute_stack_change
from tapgen.deploy.adoption.definitions import (
    define,
    define_policies,
    encode,
    import_of,
    nested_row,
    placeholder,
    with_resources,
)
from tapgen.deploy.adoption.sequence import host_name
from tapgen.deploy.change_sets.change_set import await_change_set, discard_empty_stack
from tapgen.deploy.watch.stack_watcher import Operation, follow
from tapgen.engine.deployment import deployment_of
from tapgen.engine.polling import Ticker
from tapgen.engine.root_cause import find_cause
from tapgen.errors import AttentionError, AwsError, DeploymentError, RefusedError
from tapgen.gates.templates import NESTED_STACK, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tapgen.aws.import_change_sets import StackChange as Change
    from tapgen.deploy.adoption.candidates import Candidate
    from tapgen.deploy.adoption.observe import Observed
    from tapgen.deploy.adoption.sequence import Host, Step
    from tapgen.deploy.drift.expectation import Surroundings
    from tapgen.engine.context import Context
    from tapgen.engine.lock import Lock
    from tapgen.gates.templates import Stacks
    from tapgen.model import Rendered, StackState

_WELL = {"IMPORT_COMPLETE", "UPDATE_COMPLETE", "CREATE_COMPLETE"}


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """What is adopted, where, and on whose behalf."""

    rendered: Rendered
    templates: Stacks
    candidates: Sequence[Candidate]
    around: Surroundings
    role_arn: str | None
    lock: Lock

    @property
    def options(self) -> str:
        """How commands in hints name the deployment."""
        return deployment_of(self.rendered).options


class StepTaker:
    """Takes steps of one adoption."""

    def __init__(self, context: Context, adoption: Adoption) -> None:
        self._context = context
        self._adoption = adoption
        self._client = context.aws.client("cloudformation")

    def take(self, step: Step, observed: Observed) -> bool:
        """Take the step; False when the operator left before its end.

        Raises:
            RefusedError: The lock is not ours any more, or CloudFormation says that another stack has a resource.
            DeploymentError: The import was rolled back; nothing of it is in a stack.
            AttentionError: The stack needs a person.
        """
        if step.label == ROOT and step.action in {"make-root", "nest", "wait"}:
            return self._take_on_root(step, observed)
        host = observed.host(step.label)
        if step.action == "import":
            return self._import(host, step.parts)
        if host.state is None:
            raise _gone(step.label)
        if step.action == "update":
            return self._update(host.state)
        return self._wait(host.state.stack_id) if step.action == "wait" else self._clear(host.state.stack_id)

    def _take_on_root(self, step: Step, observed: Observed) -> bool:
        if step.action == "make-root":
            return self._make_root()
        if observed.root is None:
            raise _gone(ROOT)
        if step.action == "wait":
            return self._wait(observed.root.stack_id)
        return self._nest(observed, observed.root, step.parts)

    def _import(self, host: Host, logical_ids: Sequence[str]) -> bool:
        """Import the parts, and the policies of the buckets among them, into the host."""
        definitions, imports = self._definitions(host, logical_ids)
        state = host.state
        before = json.loads(stacks.read_template(self._client, state.stack_id)) if state else {}
        change = StackChange(
            stack=state.stack_id if state else host_name(self._adoption.rendered.root_stack, host.label),
            name=_fresh("adopt"),
            kind="IMPORT",
            template_url=self._upload(host.label, with_resources(before, definitions)),
            kept_parameters=tuple(state.parameters) if state else (),
            imports=imports,
        )
        return self._run(change, made=state is None)

    def _definitions(
        self, host: Host, logical_ids: Sequence[str]
    ) -> tuple[dict[str, dict[str, Any]], tuple[Import, ...]]:
        template, around = self._adoption.templates[host.label], self._adoption.around
        found: dict[str, dict[str, Any]] = {}
        imports: list[Import] = []
        for candidate in self._adoption.candidates:
            part, existing = candidate.part, candidate.existing
            if part.stack != host.label or part.logical_id not in logical_ids:
                continue
            made = {part.logical_id: define(part, existing, around)}
            if part.kind.word == "bucket":
                policies = define_policies(template, part.logical_id, existing, around)
                made |= {name: policy for name, policy in policies.items() if name not in host.held}
            found |= made
            imports += [import_of(name, definition, existing) for name, definition in made.items()]
        return found, tuple(imports)

    def _update(self, state: StackState) -> bool:
        """Change nothing but the tags: what has only imported cannot be nested (see ``sequence``)."""
        moment = datetime.now(UTC).isoformat(timespec="microseconds")
        change = StackChange(
            stack=state.stack_id,
            name=_fresh("tag"),
            kind="UPDATE",
            kept_parameters=tuple(state.parameters),
            tags={**self._adoption.rendered.tags, naming.ADOPTED_TAG: moment},
        )
        return self._run(change)

    def _make_root(self) -> bool:
        change = StackChange(
            stack=self._adoption.rendered.root_stack,
            name=_fresh("root"),
            kind="CREATE",
            template_url=self._upload(ROOT, placeholder()),
            tags=self._adoption.rendered.tags,
        )
        return self._run(change, made=True)

    def _nest(self, observed: Observed, root: StackState, labels: Sequence[str]) -> bool:
        """Make the stacks of these labels nested ones of the root."""
        rows, imports = {}, []
        for label in labels:
            state = observed.host(label).state
            if state is None:
                raise _gone(label)
            template = json.loads(stacks.read_template(self._client, state.stack_id))
            rows[label] = nested_row(self._upload(label, template), state.tags)
            imports.append(Import(resource_type=NESTED_STACK, logical_id=label, identifier={"StackId": state.stack_id}))
        before = json.loads(stacks.read_template(self._client, root.stack_id))
        change = StackChange(
            stack=root.stack_id,
            name=_fresh("nest"),
            kind="IMPORT",
            template_url=self._upload(ROOT, with_resources(before, rows)),
            kept_parameters=tuple(root.parameters),
            imports=tuple(imports),
        )
        return self._run(change)

    def _run(self, change: Change, *, made: bool = False) -> bool:
        """Make the change set, execute it and follow it.

        Args:
            change: What is asked for.
            made: Whether the change set makes the stack, which is deleted again where the change set fails.
        """
        change_set_id = create_stack_change(self._client, replace(change, role_arn=self._adoption.role_arn))
        status = await_change_set(self._context, change_set_id)
        if not status.ready:
            self._discard(change, change_set_id, made=made)
            raise _refused(change, status.reason)
        self._adoption.lock.require_held()
        found = self._client_change_set(change_set_id)
        execute_stack_change(self._client, change_set_id)
        followed = follow(self._context, Operation(stack_id=found.stack_id, since=found.created_at))
        if followed.detached:
            return False
        if followed.status not in _WELL:
            raise _failed(change, followed.status, find_cause(followed.events), self._adoption.options)
        return True

    def _client_change_set(self, change_set_id: str) -> Any:
        return change_sets.describe_change_set(self._client, change_set_id, kind="UPDATE")

    def _discard(self, change: Change, change_set_id: str, *, made: bool) -> None:
        change_sets.delete_change_set(self._client, change_set_id)
        if made:
            discard_empty_stack(self._context, change.stack)

    def _wait(self, stack_id: str) -> bool:
        """Until CloudFormation has ended what another run began."""
        ticker = Ticker(self._context.clock)
        while (state := stacks.describe_stack(self._client, stack_id)) and state.in_progress:
            ticker.wait()
        return True

    def _clear(self, stack_id: str) -> bool:
        since = stacks.latest_event_time(self._client, stack_id) + timedelta(microseconds=1)
        stacks.delete_stack(self._client, stack_id)
        state = stacks.describe_stack(self._client, stack_id)
        # A stack in REVIEW_IN_PROGRESS is gone at once, without an event.
        if state is None or state.status == "DELETE_COMPLETE":
            return True
        return not follow(self._context, Operation(stack_id=stack_id, since=since)).detached

    def _upload(self, label: str, template: Mapping[str, Any]) -> str:
        """The template's URL in the artifact bucket."""
        body = encode(template)
        key = object_keys.template_key(label.lower(), object_keys.digest_of(body))
        bucket = deployment_of(self._adoption.rendered).bucket
        client = self._context.aws.client("s3")
        upload = storage.Upload(key=key, size_bytes=len(body), content_type="application/json", body=body)
        storage.put_all(client, bucket, storage.find_absent(client, bucket, [upload]), progress=lambda *_: None)
        return storage.object_url(client, bucket, key)


def _gone(label: str) -> AttentionError:
    return AttentionError(f"the stack of {label} is gone", why="somebody deleted it", hint="rerun", code="stack-moved")


def _fresh(purpose: str) -> str:
    return f"{purpose}-{uuid.uuid4().hex[:12]}"


def _refused(change: Change, reason: str) -> RefusedError | AwsError:
    if "already exists in stack" in reason:
        return RefusedError(
            f"CloudFormation does not import into {_name(change)}",
            why=reason,
            hint="give it `DeletionPolicy: Retain` in that stack and take it out of its template; then rerun",
            code="already-owned",
        )
    return AwsError(
        f"CloudFormation refused the change set of {_name(change)}",
        why=reason,
        hint="correct what it names and rerun: what was done already is not done again",
        code="change-set-failed",
    )


def _failed(change: Change, status: str, cause: Any, options: str) -> DeploymentError | AttentionError:
    why = f"{cause.logical_id} ({cause.resource_type}): {cause.reason}" if cause else f"the stack is {status}"
    if status.endswith("_FAILED"):
        return AttentionError(
            f"{_name(change)} is in {status}",
            why=why,
            hint=f"`tapgen status {options}` says what to do",
            code="stack-stuck",
            failure=cause,
        )
    return DeploymentError(
        f"{_name(change)} was rolled back: {status}",
        why=why,
        hint="correct the cause and rerun: what was imported before stays imported",
        code="adoption-failed",
        failure=cause,
    )


def _name(change: Change) -> str:
    return change.stack.split("/")[1] if change.stack.startswith("arn:") else change.stack
