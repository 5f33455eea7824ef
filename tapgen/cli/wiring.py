"""The composition root: from options to a session with credentials, a listener and a rendered release.

Everything an operation needs is made here and handed down; nothing below reads the process environment.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import click

from tapgen.aws.session import Aws, Target, resolve_region
from tapgen.aws.target import UploadEncryption
from tapgen.cli.interrupts import TerminalInterrupts
from tapgen.cli.prompts import ask_code, offer_start
from tapgen.engine.context import AWS_MINUTE_S, Context
from tapgen.errors import RefusedError, TapgenError
from tapgen.events import Noted, Result
from tapgen.gates.production import Consent, check_consent, is_pipeline
from tapgen.ui.terminal import choose_listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.aws.session import Region
    from tapgen.cli.options import Selection
    from tapgen.cli.project import App
    from tapgen.config.environment import Environment
    from tapgen.engine.deployment import Deployment
    from tapgen.events import Listener
    from tapgen.local.server import LocalStatus
    from tapgen.model import Rendered
    from tapgen.naming import Names

LOCAL = "local"
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


class Wiring:
    """Builds what a command needs, each part on first use."""

    def __init__(self, app: App, selection: Selection, *, as_json: bool) -> None:
        self.app = app
        self.selection = selection
        self.as_json = as_json
        self.is_local = selection.environment == LOCAL

    @cached_property
    def region_override(self) -> Region | None:
        """A region that the flag or the process environment names; None leaves it to the configuration.

        The embedded AWS is not a region of anybody's account: AWS_REGION says nothing about it.
        """
        environ = {} if self.is_local else os.environ
        region = resolve_region(environ, flag=self.selection.region, configured="")
        return region if region.name else None

    @cached_property
    def rendered(self) -> Rendered:
        """The release, rendered or taken from ``build/`` when nothing it is made of changed."""
        from tapgen.build import BuildRequest

        override = self.region_override
        rendered = self.app.builder.load_or_render(
            BuildRequest(
                environment=self.selection.environment,
                suffix=self.selection.suffix,
                region=override.name if override else None,
            )
        )
        self._check_region(rendered)
        return rendered

    @cached_property
    def environment(self) -> Environment:
        """The resolved configuration, for commands that do not render."""
        override = self.region_override
        return self.app.builder.environments.resolve(
            self.selection.environment,
            suffix=self.selection.suffix,
            region=override.name if override else None,
        )

    @cached_property
    def names(self) -> Names:
        """All names of the selected deployment, for commands that do not render."""
        from tapgen.naming import Names

        return Names(self.environment)

    @cached_property
    def deployment(self) -> Deployment:
        """The selected deployment, for commands that do not render."""
        from tapgen.engine.deployment import Deployment

        environment, names = self.environment, self.names
        return Deployment(
            name=names.deployment,
            environment=environment.name,
            suffix=environment.suffix,
            account_id=environment.account_id,
            root_stack=names.root_stack,
            artifact_bucket=names.artifact_bucket,
        )

    @cached_property
    def silent_context(self) -> Context:
        """Clients for a command that only looks."""
        return Context(aws=self.make_aws(self.environment.region), emit=lambda _: None, minute_s=self._minute_s)

    @cached_property
    def local_status(self) -> LocalStatus | None:
        """The embedded AWS, running; None for an account."""
        if not self.is_local or self.selection.endpoint_url:
            return None
        return self.app.local_aws.ensure_running()

    def make_aws(self, region: str) -> Aws:
        """Clients for the selected target."""
        selection = self.selection
        if self.is_local:
            from tapgen.local.server import LocalAws

            credentials = LocalAws.credentials()
            status = self.local_status
            return Aws(
                Target(
                    region=region,
                    endpoint_url=selection.endpoint_url or (status.endpoint_url if status else None),
                    access_key_id=credentials.access_key_id,
                    secret_access_key=credentials.secret_access_key,
                    uploads=self._uploads,
                ),
                require_target=self.app.local_aws.require_running if status else None,
            )
        target = Target(
            region=region, profile=selection.profile, endpoint_url=selection.endpoint_url, uploads=self._uploads
        )
        return Aws(target, ask_code=ask_code(as_json=self.as_json))

    @property
    def _uploads(self) -> UploadEncryption | None:
        """The header that uploads carry, where the environment says that the artifact bucket's policy wants one."""
        value = self.environment.artifact_encryption
        return UploadEncryption(bucket=self.names.artifact_bucket, value=value) if value else None

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
                    offer_start(self.app.local_aws)
                raise
            except KeyboardInterrupt:
                text = "interrupted; CloudFormation goes on with what was started"
                hint = f"join it again with `tapgen attach {self.selection.options}`"
                listener(Noted(level="warning", text=text, hint=hint))
                raise

    def open_context(self, operation: Operation, *, region: str, deployment: str) -> Context:
        """Clients for the operation, whose deployment is known now."""
        operation.deployment = deployment
        return Context(
            aws=self.make_aws(region),
            emit=operation.listener,
            interrupts=TerminalInterrupts(operation.listener, as_json=self.as_json),
            minute_s=self._minute_s,
        )

    @property
    def _minute_s(self) -> float:
        """Seconds of a minute at the target: the embedded AWS lives faster, also where it is named by its URL."""
        status = self.local_status
        url = self.selection.endpoint_url
        if status is None and url:
            own = self.app.local_aws.status()
            status = own if own.running and own.endpoint_url == url.rstrip("/") else None
        return status.minute_s if status and status.minute_s else AWS_MINUTE_S

    def local_outputs(self, outputs: Mapping[str, str]) -> dict[str, str]:
        """The outputs, with ``LocalApiUrl`` when the API answers on this machine."""
        merged = dict(outputs)
        if self.is_local and "ApiId" in outputs:
            from tapgen.local.urls import public_url

            status = self.local_status
            endpoint = self.selection.endpoint_url or (status.endpoint_url if status else "")
            merged["LocalApiUrl"] = public_url(endpoint, outputs)
        return merged

    def with_local_outputs(self, result: Result) -> Result:
        """The result with ``local_outputs``."""
        return replace(result, outputs=self.local_outputs(result.outputs))

    def require_production_consent(self, operation: str, *, assume_yes: bool) -> None:
        """``--yes`` counts on production only for what was looked at, or in a pipeline.

        Raises:
            RefusedError: It does not count here.
        """
        consent = Consent(assume_yes=assume_yes, in_pipeline=is_pipeline(os.environ))
        check_consent(consent, operation=operation, options=self.selection.options)

    def _check_region(self, rendered: Rendered) -> None:
        """A shell's AWS_REGION must not silently make a second production."""
        override = self.region_override
        if not override or override.source == "--region" or rendered.region == rendered.configured_region:
            return
        text = (
            f"{override.source}={override.name} differs from region {rendered.configured_region} "
            f"of environment {rendered.environment}"
        )
        if rendered.production:
            raise RefusedError(
                text,
                why="another region is another deployment, and this one is production",
                hint=f"unset {override.source}, or say --region {override.name} if that is meant",
                code="region-differs",
            )
        click.echo(f"warning: {text}; deploying to {override.name}", err=True)


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
