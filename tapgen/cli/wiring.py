"""The composition root of a command: a workspace, and how its events look on this terminal."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import click

from tapgen.cli.interrupts import TerminalInterrupts
from tapgen.cli.prompts import ask_code, offer_start
from tapgen.errors import TapgenError
from tapgen.events import Noted, Result
from tapgen.gates.production import Consent, check_consent, is_pipeline
from tapgen.toolkit.toolkit import Toolkit
from tapgen.toolkit.workspace import Workspace
from tapgen.ui.terminal import choose_listener

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.engine.context import Context
    from tapgen.events import Event, Listener
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection

ENDED = "local-ended"
"""The code of the error that says that the embedded AWS is gone."""


@dataclass(kw_only=True)
class Operation:
    """One running command: where its events and its end go."""

    deployment: str
    """What the result is about; the environment and suffix until the names are known."""
    listener: Listener

    def finish(self, result: Result) -> int:
        """Report the result; answers the process's exit code."""
        self.listener(result)
        return int(result.exit_code)


class Wiring(Workspace):
    """A workspace of one command."""

    def __init__(self, project: Project, selection: Selection, *, as_json: bool) -> None:
        super().__init__(project, selection, listener=_warn, ask_code=ask_code(as_json=as_json))
        self.as_json = as_json

    @cached_property
    def quiet_toolkit(self) -> Toolkit:
        """The operations of a command that only looks, and tells nothing while it does."""
        return Toolkit(self.selection, workspace=self)

    def toolkit(self, operation: Operation) -> Toolkit:
        """The operations, told on this terminal."""
        operation.deployment = self.deployment.name
        return Toolkit(
            self.selection,
            listener=operation.listener,
            interrupts=TerminalInterrupts(operation.listener, as_json=self.as_json),
            workspace=self,
        )

    @contextmanager
    def operation(self, name: str) -> Iterator[Operation]:
        """Run an operation with the listener that fits this terminal; a failure ends the JSON stream properly."""
        streams = {"stdout": sys.stdout, "stderr": sys.stderr}
        options = self.selection.options
        with choose_listener(os.environ, **streams, as_json=self.as_json, options=options) as listener:
            operation = Operation(deployment=self.selection.label, listener=listener)
            try:
                yield operation
            except TapgenError as error:
                listener(_failed(error, name, operation.deployment))
                if error.code == ENDED and not self.as_json:
                    offer_start(self.project.local_aws)
                raise
            except KeyboardInterrupt:
                text = "interrupted; CloudFormation goes on with what was started"
                hint = f"join it again with `tapgen attach {self.selection.options}`"
                listener(Noted(level="warning", text=text, hint=hint, code="interrupted"))
                raise

    def open_context(self, operation: Operation, *, region: str, deployment: str) -> Context:
        """Clients for the operation, whose deployment is known now."""
        operation.deployment = deployment
        interrupts = TerminalInterrupts(operation.listener, as_json=self.as_json)
        return self.make_context(operation.listener, region=region, interrupts=interrupts)

    def require_production_consent(self, operation: str, *, assume_yes: bool) -> None:
        """``--yes`` counts on production only for what was looked at, or in a pipeline.

        Raises:
            RefusedError: It does not count here.
        """
        consent = Consent(assume_yes=assume_yes, in_pipeline=is_pipeline(os.environ))
        check_consent(consent, operation=operation, options=self.selection.options)


def _warn(event: Event) -> None:
    if isinstance(event, Noted):
        click.echo(f"{event.level}: {event.text}", err=True)


def _failed(error: TapgenError, name: str, deployment: str) -> Result:
    return Result(
        status="failed",
        operation=name,
        deployment=deployment,
        exit_code=int(error.exit_code),
        shifts=error.shifts,
        failure=error.failure,
        error=error.as_dict(),
    )
