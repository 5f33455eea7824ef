"""From a project and a selection to clients, names and a rendered release: each part is made on first use.

Everything an operation needs is made here and handed down; nothing below reads the process environment.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from tapgen.aws.session import Aws, Target, resolve_region
from tapgen.aws.target import UploadEncryption
from tapgen.engine.context import AWS_MINUTE_S, Context
from tapgen.engine.interrupts import NoInterrupts
from tapgen.errors import RefusedError
from tapgen.events import Noted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.aws.session import Region
    from tapgen.config.environment import Environment
    from tapgen.engine.deployment import Deployment
    from tapgen.engine.interrupts import Interrupts
    from tapgen.events import Listener, Result
    from tapgen.local.server import LocalStatus
    from tapgen.model import Rendered
    from tapgen.naming import Names
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection

LOCAL = "local"


def ignore(_: object) -> None:
    """A listener that nobody hears."""


class Workspace:
    """Builds what an operation needs, each part on first use.

    Args:
        project: The project.
        selection: Which deployment, and how to reach AWS.
        listener: Told what happens before an operation has a context of its own.
        ask_code: Asks a person for the code of an MFA device; None refuses a profile that wants one.
    """

    def __init__(
        self,
        project: Project,
        selection: Selection,
        *,
        listener: Listener = ignore,
        ask_code: Callable[[str], str] | None = None,
    ) -> None:
        self.project = project
        self.selection = selection
        self.is_local = selection.environment == LOCAL
        self._listener = listener
        self._ask_code = ask_code

    @cached_property
    def region_override(self) -> Region | None:
        """A region that the selection or the process environment names; None leaves it to the configuration.

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
        rendered = self.project.builder.load_or_render(
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
        """The resolved configuration, for operations that do not render."""
        override = self.region_override
        return self.project.builder.environments.resolve(
            self.selection.environment,
            suffix=self.selection.suffix,
            region=override.name if override else None,
        )

    @cached_property
    def names(self) -> Names:
        """All names of the selected deployment, for operations that do not render."""
        from tapgen.naming import Names

        return Names(self.environment)

    @cached_property
    def deployment(self) -> Deployment:
        """The selected deployment, for operations that do not render."""
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
        """Clients for an operation that only looks."""
        return Context(aws=self.make_aws(self.environment.region), emit=ignore, minute_s=self.minute_s)

    def make_context(self, listener: Listener, *, region: str, interrupts: Interrupts | None = None) -> Context:
        """Clients for an operation that tells what it does."""
        return Context(
            aws=self.make_aws(region),
            emit=listener,
            interrupts=interrupts or NoInterrupts(),
            minute_s=self.minute_s,
        )

    @cached_property
    def local_status(self) -> LocalStatus | None:
        """The embedded AWS, running; None for an account."""
        if not self.is_local or self.selection.endpoint_url:
            return None
        return self.project.local_aws.ensure_running()

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
                require_target=self.project.local_aws.require_running if status else None,
            )
        target = Target(
            region=region, profile=selection.profile, endpoint_url=selection.endpoint_url, uploads=self._uploads
        )
        return Aws(target, ask_code=self._ask_code)

    @property
    def _uploads(self) -> UploadEncryption | None:
        """The header that uploads carry, where the environment says that the artifact bucket's policy wants one."""
        value = self.environment.artifact_encryption
        return UploadEncryption(bucket=self.names.artifact_bucket, value=value) if value else None

    @property
    def minute_s(self) -> float:
        """Seconds of a minute at the target: the embedded AWS lives faster, also where it is named by its URL."""
        status = self.local_status
        url = self.selection.endpoint_url
        if status is None and url:
            own = self.project.local_aws.status()
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
        self._listener(Noted(level="warning", text=f"{text}; deploying to {override.name}", code="region-differs"))
