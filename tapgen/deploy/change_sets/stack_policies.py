"""Sets the policies of the stacks: standing ones after each release, lenient ones while one replaces on purpose.

A lenient policy is put back by whoever finds out how the operation ended: the process that began it, one that joined
it, or the next command that settles its record.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.refusals import is_denied
from tapgen.deploy.state.live_templates import list_stack_ids
from tapgen.errors import AwsError
from tapgen.gates.stack_policy import lenient_policy, standing_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.deploy.change_sets.gate_checks import ApprovedChangeSet
    from tapgen.engine.context import Context


def set_standing_policies(context: Context, root_id: str) -> None:
    """Give every stack its standing policy; a refusal is told and stops nothing that is done already."""
    try:
        _set(context, dict.fromkeys(list_stack_ids(context, root_id).values(), standing_policy()))
    except AwsError as error:
        may = "run `tapgen bootstrap`, which lets the deployer role do it" if is_denied(error) else error.hint
        hint = "; ".join(filter(None, (may, "the next deploy tries again")))
        context.warn(f"the stack policies could not be set: {error}", hint=hint, code="stack-policies-unset")


@contextmanager
def lenient_policies(context: Context, approved: ApprovedChangeSet) -> Iterator[None]:
    """Let the change set do what was allowed; what is not begun in the block is forbidden again.

    Left open at the end: the execution has only begun.

    Raises:
        AwsError: A policy could not be set; nothing was begun.
    """
    baseline = approved.baseline
    opened = {
        baseline.stack_ids[stack]: lenient_policy(baseline.templates[stack], names)
        for stack, names in approved.exceptions.items()
        if stack in baseline.stack_ids
    }
    try:
        _set(context, opened)
        yield
    except BaseException:
        if opened:
            _set(context, dict.fromkeys(opened, standing_policy()))
        raise


def _set(context: Context, policies: Mapping[str, str]) -> None:
    client = context.aws.client("cloudformation")
    with ThreadPoolExecutor(8, thread_name_prefix="policies") as pool:
        list(pool.map(lambda item: stacks.set_stack_policy(client, item[0], item[1]), policies.items()))
