"""Whose permissions are proven: the roles of a service with what their code calls, and the deployer role."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tapgen.iam.calls import HANDLERS, HOOK_CODE, find_unread, read_calls, read_hook_calls
from tapgen.iam.deployer import call_stated, detection_stated, refusal_stated
from tapgen.naming import Names
from tapgen.proof.deploying import hooks_refuse
from tapgen.proof.prove import Subject
from tapgen.proof.statements import stated_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tapgen.config.environment import Environment
    from tapgen.iam.stated import Stated
    from tapgen.parts.function.model import Function
    from tapgen.service.model import Model


def make_subjects(project: Path, names: Names, service: Model) -> tuple[Subject, ...]:
    """Every role of the service, with what its code calls and what can only be stated of it.

    Raises:
        UsageError: The handlers' code cannot be read.
    """
    stated = stated_for(names, service)
    return (
        # A role of others is its owner's to prove.
        *(_subject_of(project, part, names, stated) for part in service.functions if not part.role_arn),
        *(
            Subject(role=role, folder=HOOK_CODE, stated=stated[role], sites=read_hook_calls())
            for role in map(names.hook_role, names.hooks)
        ),
        Subject(role=names.function_role("codedeploy")),
    )


def _subject_of(project: Path, part: Function, names: Names, stated: Mapping[str, tuple[Stated, ...]]) -> Subject:
    role, python = names.function_role(part.name), part.runtime.startswith("python")
    unread = find_unread(project, part.folder) if python else f"its runtime is {part.runtime}"
    return Subject(
        role=role,
        folder=f"{HANDLERS}/{part.folder}",
        stated=stated[role],
        sites=() if unread else read_calls(project, part.folder),
        unread=unread,
    )


def deployer_subjects(environment: Environment) -> Iterator[Subject]:
    """The deployer role, where the configuration trusts anybody with it."""
    names = Names(dataclasses.replace(environment, suffix=None))
    # A second deployment's API asks IAM for its callers, whatever the first one's does.
    asked = not environment.production or environment.api.authorization == "IAM"
    if environment.deployer.principals or environment.deployer.github:
        refusable = hooks_refuse(environment.service)
        stated = (
            detection_stated(),
            *(() if asked else (call_stated(),)),
            *(() if refusable else (refusal_stated(),)),
        )
        yield Subject(role=names.deployer_role, stated=stated)
