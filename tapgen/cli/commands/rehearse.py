"""``tapgen rehearse``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import env_option, json_option, suffix_option
from tapgen.local.record import MINUTE_VARIABLE
from tapgen.rehearsal.scenarios import SCENARIOS

if TYPE_CHECKING:
    from tapgen.events import Result
    from tapgen.rehearsal.report import Report
    from tapgen.toolkit.project import Project


@click.command()
@env_option
@suffix_option
@click.option(
    "--scenario",
    "names",
    multiple=True,
    type=click.Choice([scenario.name for scenario in SCENARIOS]),
    help="Rehearse this one alone; may be given more than once.",
)
@click.option(
    "--function", metavar="NAME", help="The function that gets the faults; the first with routes if left out."
)
@click.option(
    "--from", "revision", metavar="REV", help="Commit whose release is the baseline, instead of what is live."
)
@click.option("--offline", is_flag=True, help="Ask no account what is live; take the baseline from git.")
@click.option("--profile", metavar="NAME", help="Profile to read the live release with.")
@click.option(
    "--requests-per-min",
    type=click.FloatRange(min=1),
    help="Requests in an AWS minute; as many as the guards need to see something if left out.",
)
@click.option(
    "--minute",
    "minute_s",
    type=click.FloatRange(min=0.2, max=60),
    envvar=MINUTE_VARIABLE,
    help="Seconds that an AWS minute takes; as few as this machine allows if left out.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for timelines and drawings; build/rehearsal/NAME if left out.",
)
@click.option("--keep", is_flag=True, help="Leave the embedded AWS running, to look at.")
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    environment: str,
    suffix: str | None,
    names: tuple[str, ...],
    function: str | None,
    revision: str | None,
    offline: bool,
    profile: str | None,
    requests_per_min: float | None,
    minute_s: float | None,
    output: Path | None,
    keep: bool,
    as_json: bool,
) -> int:
    """Rehearse a rollout with all its failures on a private embedded AWS.

    Deploys the release that is live, puts traffic on it, ships the project as
    it is with the environment's own configuration, and then candidates that
    throw, answer 500, are slow or are refused by a hook, and one that an
    operator stops. For each it says what must happen and what happened, and
    exits with 4 when a guard did not stop its shift.

    The traffic is the journey of the function that gets the faults
    (`tapgen guide journeys`).

    The live release is read with your credentials. Without any, or with
    --offline, the last commit that differs stands for it; nothing then needs
    an account or a network.

    \b
    Examples:
      tapgen rehearse --env prod
      tapgen rehearse --env prod --from v1.4.0
      tapgen rehearse --env staging --scenario throws --scenario slow
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.toolkit.selection import Selection
    from tapgen.toolkit.terms import RehearsalTerms

    resolved = project.builder.environments.resolve(environment, suffix=suffix)
    # The configured region, whatever the shell says: what is rehearsed is the environment as the file has it.
    selection = Selection(environment=environment, suffix=suffix, profile=profile, region=resolved.region)
    wiring = Wiring(project, selection, as_json=as_json)
    terms = RehearsalTerms(
        scenarios=names,
        function=function,
        baseline=revision,
        offline=offline,
        requests_per_min=requests_per_min,
        minute_s=minute_s,
        output=output,
        keep=keep,
    )
    with wiring.operation("rehearse") as operation:
        try:
            report = wiring.toolkit(operation).rehearse(terms)
        except KeyboardInterrupt:
            # Nothing goes on: the AWS that it ran on is gone.
            raise click.Abort from None
        return operation.finish(_conclude(report, deployment=operation.deployment, as_json=as_json))


def _conclude(report: Report, *, deployment: str, as_json: bool) -> Result:
    """Print the table and answer the result.

    Raises:
        RehearsalError: A scenario did not end as it must.
    """
    from tapgen.errors import ExitCode, RehearsalError
    from tapgen.events import Result
    from tapgen.rehearsal.report import HEADERS
    from tapgen.ui.tables import table

    if not as_json:
        click.echo(table(HEADERS, report.rows()))
    if not report.passed:
        raise RehearsalError(
            f"{len(report.failed)} of {len(report.verdicts)} scenarios did not end as they must",
            why="\n".join(
                f"{verdict.scenario.name}: {check.must}: {check.happened}"
                for verdict in report.failed
                for check in verdict.failed
            ),
            hint=f"{report.folder} holds a timeline and a drawing of each",
        )
    return Result(
        status="done",
        operation="rehearse",
        deployment=deployment,
        exit_code=ExitCode.DONE,
        outputs={"report": str(report.path)},
    )
