"""CloudFormation's own validation: a change set is made, what it objects to is read, and it is taken away again.

The deployment's lock is held meanwhile: the stack that a first change set leaves behind is deleted, and must be nobody
else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.early_validation import read_objections
from tapgen.deploy.change_sets.change_set import await_change_set
from tapgen.deploy.change_sets.preview import TemporaryChangeSet
from tapgen.deploy.change_sets.taken_names import find_taken
from tapgen.deploy.change_sets.upload import upload
from tapgen.deploy.state.preflight import Blocked, NothingToDo, decide, wanted_of
from tapgen.engine.lock import hold_lock
from tapgen.errors import AwsError, RefusedError
from tapgen.findings import Finding
from tapgen.gates.templates import ROOT, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.aws.change_sets import Kind
    from tapgen.aws.early_validation import Objection
    from tapgen.validation.subject import Subject

_CHECK = "cloudformation"


def check_change_set(subject: Subject) -> Iterator[Finding]:
    """What CloudFormation says of the release before it provisions anything."""
    decision = decide(subject.state, wanted_of(subject.rendered))
    if isinstance(decision, NothingToDo):
        yield Finding(check=_CHECK, status="passed", what="this release is live: there is nothing to change")
        return
    if isinstance(decision, Blocked):
        error = decision.error
        yield Finding(check=_CHECK, status="skipped", what="not asked", why=str(error), fix=error.hint)
        return
    try:
        with hold_lock(subject.context, subject.deployment.lock_request("validate")):
            upload(subject.context, subject.rendered)
            yield from _ask(subject, decision.kind)
    except (AwsError, RefusedError) as error:
        fix = error.hint
        if error.code == "NoSuchBucket":
            fix = f"tapgen bootstrap --env {subject.rendered.environment}"
        yield Finding(check=_CHECK, status="skipped", what="not asked", why=str(error), fix=fix)


def _ask(subject: Subject, kind: Kind) -> Iterator[Finding]:
    temporary = TemporaryChangeSet(rendered=subject.rendered, kind=kind, role_arn=subject.role_arn, purpose="validate")
    with temporary.made(subject.context) as change_set_id:
        status = await_change_set(subject.context, change_set_id)
        objections = read_objections(subject.context.aws, change_set_id)
    adoptable = {each.path: each for each in find_taken(objections, subject.rendered) if each.part}
    for objection in objections:
        taken = adoptable.get(path_of(objection.stack or ROOT, objection.logical_id))
        fix = "correct the template, or remove what is in its way"
        if taken:
            fix = f"`tapgen adopt {subject.deployment.options} {taken.path}={taken.physical_id}`, or {fix}"
        yield _finding(objection, fix=fix)
    if status.failed and not status.empty and not objections:
        fix = "correct what it names; `tapgen render` shows the templates"
        yield Finding(check=_CHECK, status="failed", what="no change set can be made", why=status.reason, fix=fix)
    elif not any(objection.blocking for objection in objections):
        yield Finding(check=_CHECK, status="passed", what="CloudFormation takes the change set")


def _finding(objection: Objection, *, fix: str) -> Finding:
    return Finding(
        check=_CHECK,
        status="failed" if objection.blocking else "warned",
        what=f"{objection.logical_id} {objection.path}".strip(),
        why=f"{objection.name}: {objection.reason}",
        fix=fix,
    )
