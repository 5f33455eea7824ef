"""``tapgen adopt``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options, wait_option, yes_option
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from tapgen.model import Rendered
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@click.argument("assignments", metavar="PART=PHYSICAL_ID...", nargs=-1)
@selection_options
@yes_option
@click.option("--role-arn", metavar="ARN", help="Service role that CloudFormation assumes; bootstrap's if left out.")
@wait_option
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    assignments: tuple[str, ...],
    selection: Selection,
    yes: bool,
    role_arn: str | None,
    wait: bool,
    as_json: bool,
) -> int:
    """Bring existing resources, with their data, under a deployment.

    PART names a table, bucket, queue, topic, log group or key of the
    release: by its kind and name, by its name, or by its path. Left out, the
    parts are listed. PHYSICAL_ID is its name, URL, ARN or id in the account.

    Nothing of a resource is changed; `tapgen deploy` brings the rest of the
    release. A run that was killed is resumed by the same command.

    \b
    Examples:
      tapgen adopt --env prod table:transactions=shop-prod-eu-west-1-transactions
      tapgen adopt --env prod Data.ArchiveBucket=my-bucket Security.Key=1234abcd-…
    """
    from tapgen.cli.prompts import confirm_step
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.adoption.adopt import AdoptRequest, adopt
    from tapgen.toolkit.deploy_request import make_request
    from tapgen.toolkit.terms import Terms

    wiring = Wiring(project, selection, as_json=as_json)
    with wiring.operation("adopt") as operation:
        rendered = wiring.rendered
        if not assignments:
            raise _nothing_said(rendered, selection)
        if rendered.production:
            wiring.require_production_consent("adopt", assume_yes=yes)
        context = wiring.open_context(operation, region=rendered.region, deployment=rendered.deployment)
        request = AdoptRequest(
            release=make_request(wiring, context, Terms(role_arn=role_arn, wait=wait)),
            assignments=assignments,
            confirm=confirm_step("Import these?", assume_yes=yes, as_json=as_json),
        )
        return operation.finish(adopt(context, request))


def _nothing_said(rendered: Rendered, selection: Selection) -> UsageError:
    from tapgen.deploy.parts import describe_parts, list_parts
    from tapgen.gates.templates import stacks_of

    parts = list_parts(stacks_of(rendered), rendered)
    return UsageError(
        "nothing is said to be adopted",
        why=f"the parts of {rendered.deployment} are:\n{describe_parts(parts)}",
        hint=f"say which: tapgen adopt {selection.options} {parts[0].path if parts else 'PART'}=PHYSICAL_ID",
        code="part-missing",
    )
