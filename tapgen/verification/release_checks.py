"""Whether the release stands as its stack says: stacks at rest and protected, aliases whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.findings import Report
from tapgen.gates.stack_policy import standing_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.findings import Finding
    from tapgen.verification.deployed import Deployed

_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def check_stacks(deployed: Deployed) -> Iterator[Finding]:
    """The last operation of every stack ended well, and none is under way."""
    report = Report("stacks-complete")
    odd = [stack for stack in deployed.found.stacks if stack.status not in _GOOD]
    for stack in odd:
        yield report.failed(f"the stack {stack.label} is {stack.status}", f"`tapgen status {deployed.options}`")
    if not odd:
        yield report.passed(f"{len(deployed.found.stacks)} stacks, release {deployed.situation.history.live_release}")


def check_aliases(deployed: Deployed) -> Iterator[Finding]:
    """Each live alias sends all traffic to the version that the stack has."""
    report = Report("alias-whole")
    for alias in deployed.situation.aliases:
        if alias.drift:
            yield report.failed(f"{alias.path}: {alias.drift}", f"`tapgen recover {deployed.options}`")
        elif alias.state:
            yield report.passed(f"{alias.state.function}:{alias.state.name} is at version {alias.state.version}")
    if not deployed.situation.aliases:
        yield report.failed("the stack has no alias", f"`tapgen deploy {deployed.options}`")


def check_policies(deployed: Deployed) -> Iterator[Finding]:
    """Every stack's policy keeps updates of anybody from replacing or deleting data."""
    report = Report("stack-policies")
    client, wanted = deployed.context.aws.client("cloudformation"), json.loads(standing_policy())
    bare = [
        stack.label
        for stack in deployed.found.stacks
        if json.loads(stacks.read_stack_policy(client, stack.stack_id) or "{}") != wanted
    ]
    for label in bare:
        yield report.failed(
            f"the policy of the stack {label} is not the one that protects data",
            f"`tapgen deploy {deployed.options}` sets it with the next change",
        )
    if not bare:
        yield report.passed(f"{len(deployed.found.stacks)} stacks refuse to replace or delete data")


def check_termination_protection(deployed: Deployed) -> Iterator[Finding]:
    """The root stack is protected where the configuration says so."""
    report = Report("stack-protection")
    wanted, actual = deployed.environment.stack_protection, deployed.found.root.termination_protection
    if wanted and not actual:
        yield report.failed(
            f"termination protection of {deployed.found.root.name} is off; configured is on",
            f"`tapgen deploy {deployed.options}` switches it on",
        )
    elif not wanted:
        yield report.skipped("`stack_protection` is false")
    else:
        yield report.passed("termination protection is on")
