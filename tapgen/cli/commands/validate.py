"""``tapgen validate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, optional_selection_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.cli.wiring import Wiring
    from tapgen.findings import Finding
    from tapgen.model import Rendered
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@optional_selection_options
@click.option("--offline", is_flag=True, help="Look at the templates alone: no credentials, no network.")
@click.option("--list", "listing", is_flag=True, help="Print the rules instead: what must hold, why, and who says so.")
@json_option
@click.pass_obj
def command(project: Project, *, selection: Selection | None, offline: bool, listing: bool, as_json: bool) -> int:
    """Find out whether the environment can be deployed, before it is tried.

    Offline, the rules and cfn-lint look at the templates. With
    credentials, names that are taken, quotas and CloudFormation's own
    validation of a change set follow; the change set is deleted again. A
    JWT issuer is asked as API Gateway will ask it. All findings at once;
    exit code 2 when one of them failed.

    A rule that need not hold in an environment is suppressed in
    config/environments.yaml, with the reason:
    `validation: {suppress: {RULE: reason}}`.

    \b
    Examples:
      tapgen validate --env prod --offline
      tapgen validate --env prod --profile deployer
      tapgen validate --list
      tapgen validate --env dev --json
    """
    from tapgen.cli.findings import print_findings
    from tapgen.cli.wiring import Wiring
    from tapgen.errors import ExitCode, UsageError

    if listing:
        _print_rules(as_json=as_json)
        return ExitCode.DONE
    if selection is None:
        raise UsageError(
            "validate wants an environment",
            hint="name it with --env, or print the rules with --list",
            code="no-environment",
        )
    findings = list(_validate(Wiring(project, selection, as_json=as_json), offline=offline))
    return print_findings(findings, as_json=as_json, failure=ExitCode.USAGE)


def _print_rules(*, as_json: bool) -> None:
    from tapgen.cli.printing import print_document, print_lines
    from tapgen.rules.registry import rules_by_origin
    from tapgen.ui.rules import rules_document, rules_page

    rules = rules_by_origin()
    if as_json:
        print_document(rules_document(rules))
    else:
        print_lines(rules_page(rules))


def _validate(wiring: Wiring, *, offline: bool) -> Iterator[Finding]:
    from tapgen.errors import ConfigError, RenderError
    from tapgen.validation.offline import explain_refusal, lint, report_rules
    from tapgen.validation.validate import skip_account

    try:
        rendered = wiring.rendered
    except (ConfigError, RenderError) as error:
        yield from explain_refusal(error)
        yield from skip_account("there are no templates to look at")
        return
    yield from report_rules(wiring.environment, rendered)
    yield from lint(rendered)
    if offline:
        yield from skip_account("--offline")
    else:
        yield from _validate_online(wiring, rendered)


def _validate_online(wiring: Wiring, rendered: Rendered) -> Iterator[Finding]:
    from tapgen.gates.templates import stacks_of
    from tapgen.toolkit.deploy_request import read_needs
    from tapgen.validation.issuer import check_issuers
    from tapgen.validation.validate import validate_account

    yield from check_issuers(stacks_of(rendered))
    yield from validate_account(
        wiring.silent_context,
        rendered,
        bootstrap_stack=wiring.names.bootstrap_stack,
        needs=None if wiring.is_local else lambda: read_needs(wiring, rendered),
    )
