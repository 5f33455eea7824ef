"""The adopt operation: find what exists, show what will be imported, import it step by step.

Nothing of a resource is changed. What is not as the release wants it is shown, and the next deploy changes it. Each
step is decided from what is there: a run that was killed is resumed by the same command.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tapgen.aws.session import check_account
from tapgen.deploy.adoption.candidates import find_candidates, find_key_left, surroundings_of
from tapgen.deploy.adoption.definitions import define
from tapgen.deploy.adoption.execute import Adoption, StepTaker
from tapgen.deploy.adoption.observe import observe
from tapgen.deploy.adoption.recording import AdoptionRecord
from tapgen.deploy.adoption.sequence import Step, next_steps
from tapgen.deploy.change_sets.execution_role import with_execution_role
from tapgen.deploy.parts import list_parts, read_wishes
from tapgen.deploy.records.release_record import open_journal
from tapgen.deploy.release.deploy import hold_release_lock
from tapgen.deploy.state.preflight import find_obstacle
from tapgen.engine.deployment import deployment_of
from tapgen.errors import AttentionError, ExitCode, RefusedError
from tapgen.events import AdoptedPart, AdoptionPlanned, Result
from tapgen.gates.templates import ROOT, path_of, show, stacks_of
from tapgen.gates.weakening import find_weakenings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tapgen.deploy.adoption.candidates import Candidate
    from tapgen.deploy.adoption.observe import Observed
    from tapgen.deploy.drift.expectation import Surroundings
    from tapgen.deploy.parts import Part, Wish
    from tapgen.deploy.request import DeployRequest
    from tapgen.engine.context import Context
    from tapgen.engine.lock import Lock


@dataclass(frozen=True, kw_only=True)
class AdoptRequest:
    """What to adopt."""

    release: DeployRequest
    """Whose parts are meant: where it would be deployed, and as whom."""
    assignments: tuple[str, ...]
    """``PART=PHYSICAL_ID``."""
    confirm: Callable[[], bool]
    """Asked when everything was shown; False declines."""


def adopt(context: Context, request: AdoptRequest) -> Result:
    """Import what exists into the deployment's stacks.

    Returns:
        ``done``, ``unchanged`` when all of it is there already, ``declined``, or ``detached``.

    Raises:
        UsageError: A part or a resource does not exist.
        RefusedError: A resource is another stack's, can never be the part, or the lock is taken.
        DeploymentError: An import was rolled back.
        AttentionError: A stack needs a person.
    """
    rendered = request.release.rendered
    templates = stacks_of(rendered)
    parts = list_parts(templates, rendered)
    wishes = read_wishes(request.assignments, parts)
    check_account(context.aws, environment=rendered.environment, account_id=rendered.account_id)
    with hold_release_lock(context, request.release, operation="adopt") as lock:
        return _Adopting(context, request, lock, wishes=wishes, parts=parts).run()


class _Adopting:
    """One adoption under the lock."""

    def __init__(
        self, context: Context, request: AdoptRequest, lock: Lock, *, wishes: Sequence[Wish], parts: Sequence[Part]
    ) -> None:
        self._context = context
        self._request = request
        self._lock = lock
        self._wishes = wishes
        self._parts = parts
        self._rendered = request.release.rendered
        self._templates = stacks_of(self._rendered)

    def run(self) -> Result:
        with self._context.step("survey", "Looking at the stacks and at what exists") as step:
            observed = self._observe()
            self._require_free(observed)
            own = {host.state.stack_id for host in observed.hosts if host.state} | set(observed.nested.values())
            around = surroundings_of(self._context, self._rendered)
            candidates = find_candidates(self._context, self._wishes, around, own=own)
            self._require_same(observed, candidates)
            steps = self._steps(observed)
            step.text = f"{len(candidates)} found, {len(steps)} steps to do" if steps else "All of it is adopted"
        record = AdoptionRecord(self._context, self._lock, self._rendered, candidates)
        if not steps:
            record.close()
            return self._result("unchanged")
        self._show(observed, candidates, steps)
        if not self._request.confirm():
            return self._result("declined", ExitCode.REFUSED)
        release = with_execution_role(self._context, self._request.release)
        taker = StepTaker(
            self._context,
            Adoption(
                rendered=self._rendered,
                templates=self._templates,
                candidates=candidates,
                around=around,
                role_arn=release.role_arn,
                lock=self._lock,
            ),
        )
        with open_journal(record.open(release, observed.root)):
            result = self._take_all(taker)
            if result.status == "done":
                record.close()
        if result.status == "done":
            self._name_next(candidates, around)
        return result

    def _name_next(self, candidates: Sequence[Candidate], around: Surroundings) -> None:
        """The deploy that brings the rest, with what it would be refused for: the resource was protected more."""
        weaker = [
            each.part.path
            for each in candidates
            if any(find_weakenings(define(each.part, each.existing, around), each.part.definition))
        ]
        options = " ".join([self._options, *(f"--allow-replace {path}" for path in weaker)])
        why = f"; the release protects {', '.join(weaker)} less than it is protected now" if weaker else ""
        self._context.tell(f"next: `tapgen deploy {options}` brings the rest{why}", code="deploy-next")

    def _take_all(self, taker: StepTaker) -> Result:
        """Take the first step that is left, look again, and so on; the same one twice would not help."""
        taken: list[Step] = []
        while steps := self._steps(observed := self._observe()):
            step = steps[0]
            if step in taken:
                raise AttentionError(
                    f"this did not help: {step.text}",
                    hint=f"`tapgen status {self._options}` shows the stacks",
                    code="adoption-stuck",
                )
            position = f"step {len(taken) + 1} of {len(taken) + len(steps)}"
            with self._context.step("adopt", f"{position}: {step.text}") as told:
                if not taker.take(step, observed):
                    told.text = "Left running"
                    text = "CloudFormation ends this step by itself"
                    self._context.warn(
                        text, hint="the same command waits for it and goes on from there", code="import-runs"
                    )
                    return self._result("detached", ExitCode.INTERRUPTED)
            taken.append(step)
        return self._result("done")

    @property
    def _options(self) -> str:
        return deployment_of(self._rendered).options

    @property
    def _wanted(self) -> Mapping[str, tuple[str, ...]]:
        """Label → logical ids."""
        found: dict[str, tuple[str, ...]] = {}
        for wish in self._wishes:
            found[wish.part.stack] = (*found.get(wish.part.stack, ()), wish.part.logical_id)
        return found

    def _observe(self) -> Observed:
        labels = [label for label in self._templates if label != ROOT]
        return observe(self._context, self._rendered.root_stack, labels, wanted=self._wanted)

    def _steps(self, observed: Observed) -> tuple[Step, ...]:
        return next_steps(observed.root, observed.hosts, self._wanted, root_stack=self._rendered.root_stack)

    def _require_free(self, observed: Observed) -> None:
        """Go on only where the root can be changed; what an earlier run began is waited for."""
        root = observed.root
        if root is None or (root.in_progress and any(not host.nested for host in observed.hosts)):
            return
        obstacle = find_obstacle(root, options=self._options)
        if obstacle:
            raise obstacle

    def _require_same(self, observed: Observed, candidates: Sequence[Candidate]) -> None:
        """A part that is in a stack already is that resource, and no other."""
        for candidate in candidates:
            part = candidate.part
            held = observed.host(part.stack).held.get(part.logical_id)
            if held and held != candidate.existing.physical_id:
                raise RefusedError(
                    f"{part.path} is {held} already",
                    why=f"the deployment has that resource, and {candidate.existing.physical_id} is another one",
                    hint="take the part out of the release and deploy that, keeping its data; then adopt the other one",
                    code="part-taken",
                )

    def _show(self, observed: Observed, candidates: Sequence[Candidate], steps: Sequence[Step]) -> None:
        held = {path_of(host.label, name) for host in observed.hosts for name in host.held}
        self._context.emit(
            AdoptionPlanned(
                parts=tuple(
                    AdoptedPart(
                        part=each.part.path,
                        resource_type=each.part.resource_type,
                        physical_id=each.existing.physical_id,
                        differences=tuple(
                            f"{one.name} is {show(one.actual)}, the release says {show(one.wanted)}"
                            for one in each.differences
                        ),
                    )
                    for each in candidates
                ),
                steps=tuple(step.text for step in steps),
            )
        )
        key, left = find_key_left(candidates, self._parts, held)
        if left:
            self._context.warn(
                f"the data is encrypted with {left}, which is not adopted: the release would make another key",
                hint=f"add {key.path}={left.rpartition('/')[2]}",
                code="key-not-adopted",
            )

    def _result(
        self, status: Literal["done", "unchanged", "declined", "detached"], exit_code: ExitCode = ExitCode.DONE
    ) -> Result:
        return Result(
            status=status,
            operation="adopt",
            deployment=self._rendered.deployment,
            exit_code=exit_code,
            release_id=self._rendered.release_id,
        )
