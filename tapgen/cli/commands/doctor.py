"""``tapgen doctor``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.options import json_option, optional_selection_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.cli.wiring import Wiring
    from tapgen.findings import Finding
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@optional_selection_options
@json_option
@click.pass_obj
def command(project: Project, *, selection: Selection | None, as_json: bool) -> int:
    """Find out why something does not work, before it is tried.

    Looks at Python and the packages, the configuration, what an earlier
    command left behind, and with --env at the environment's account: region,
    endpoint, credentials, clock, bootstrap, the caller's permissions by what
    is missing, the lock and the stack. Changes nothing, and starts nothing.
    Exit code 2 when something must be put right.

    \b
    Examples:
      tapgen doctor
      tapgen doctor --env prod --profile deployer
      tapgen doctor --env dev --json
    """
    from tapgen.cli.findings import print_findings
    from tapgen.errors import ExitCode

    return print_findings(list(_examine(project, selection, as_json=as_json)), as_json=as_json, failure=ExitCode.USAGE)


def _examine(project: Project, selection: Selection | None, *, as_json: bool) -> Iterator[Finding]:
    from tapgen.cli.wiring import Wiring
    from tapgen.doctor.machine import examine_machine
    from tapgen.doctor.project import examine_project

    yield from examine_machine()
    found = list(examine_project(project.folder, project.builder.environments, project.local_aws.status()))
    yield from found
    if selection and not any(finding.check == "configuration" and finding.status == "failed" for finding in found):
        yield from _examine_account(Wiring(project, selection, as_json=as_json))


def _examine_account(wiring: Wiring) -> Iterator[Finding]:
    from tapgen.aws.session import Region
    from tapgen.doctor.account import Access, examine_access, examine_credentials, examine_deployment
    from tapgen.doctor.permissions import examine_permissions
    from tapgen.findings import Finding

    selection, environment = wiring.selection, wiring.environment
    environ: Mapping[str, str] = {} if wiring.is_local else os.environ
    region = wiring.region_override or Region(name=environment.region, source="configuration")
    local = wiring.project.local_aws.status() if wiring.is_local and not selection.endpoint_url else None
    if local and not local.running:
        what = "not looked at: the embedded AWS does not run"
        yield Finding(check="account", status="skipped", what=what, fix="tapgen local start")
        return
    endpoint_url = selection.endpoint_url or (local.endpoint_url if local else None)
    yield from examine_access(
        Access(region=region, environ=environ, endpoint_url=endpoint_url, is_local=wiring.is_local)
    )
    context, deployment = wiring.silent_context, wiring.deployment
    credentials = list(examine_credentials(context, deployment))
    yield from credentials
    if credentials[0].status == "passed":
        yield from examine_permissions(context.aws, _deployer_statements(wiring))
        yield from examine_deployment(context, deployment, bootstrap_stack=wiring.names.bootstrap_stack)


def _deployer_statements(wiring: Wiring) -> list[Mapping[str, Any]]:
    from tapgen.templates.blueprint import deployer_document
    from tapgen.templates.bootstrap import make_blueprint

    environment = wiring.environment
    statements: list[Mapping[str, Any]] = deployer_document(environment, make_blueprint(environment))["Statement"]
    return statements
