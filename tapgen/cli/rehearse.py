"""``tapgen rehearse``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import Selection, env_option, json_option, suffix_option
from tapgen.local.record import MINUTE_VARIABLE
from tapgen.rehearsal.scenarios import SCENARIOS, enough_requests_per_min

if TYPE_CHECKING:
    from tapgen.cli.app import App
    from tapgen.events import Result
    from tapgen.rehearsal.rehearse import RehearsalRequest
    from tapgen.rehearsal.report import Report


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
@click.option("--from", "revision", metavar="REV", help="Commit whose release is the baseline.")
@click.option(
    "--requests-per-min",
    type=click.FloatRange(min=1),
    help="Requests in an AWS minute; as many as the guards need to see something if left out.",
)
@click.option(
    "--minute",
    "minute_s",
    type=click.FloatRange(min=0.2, max=60),
    default=1.0,
    show_default=True,
    envvar=MINUTE_VARIABLE,
    help="Seconds that an AWS minute takes.",
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
    app: App,
    *,
    environment: str,
    suffix: str | None,
    names: tuple[str, ...],
    revision: str | None,
    requests_per_min: float | None,
    minute_s: float,
    output: Path | None,
    keep: bool,
    as_json: bool,
) -> int:
    """Rehearse a rollout with all its failures on a private embedded AWS.

    Deploys the release before this one, puts traffic on it, ships the project
    as it is with the environment's own configuration, and then candidates
    that throw, answer 500, are slow or are refused by a hook, and one that an
    operator stops. For each it says what must happen and what happened, and
    exits with 4 when a guard did not bite. Needs no account and no network.

    \b
    Examples:
      tapgen rehearse --env prod
      tapgen rehearse --env prod --from v1.4.0
      tapgen rehearse --env staging --scenario throws --scenario slow
    """
    from tapgen.cli.bootstrap import make_request
    from tapgen.cli.wiring import Wiring
    from tapgen.rehearsal.rehearse import RehearsalRequest, rehearse
    from tapgen.rehearsal.sources import choose_baseline
    from tapgen.rehearsal.stage import Pace

    wiring = Wiring(app, Selection(environment=environment, suffix=suffix), as_json=as_json)
    with wiring.operation("rehearse") as operation:
        resolved = app.builder.environments.resolve(environment, suffix=suffix)
        request = RehearsalRequest(
            project=app.project,
            environment=resolved,
            baseline=choose_baseline(app.project, revision),
            scenarios=tuple(scenario for scenario in SCENARIOS if not names or scenario.name in names),
            pace=Pace(minute_s=minute_s, requests_per_min=requests_per_min or enough_requests_per_min(resolved)),
            output=output or app.project / "build" / "rehearsal" / resolved.label,
            keep=keep,
            tokens=None,
            bootstrapping=make_request,
        )
        report = rehearse(operation.listener, request)
        return operation.finish(_conclude(report, request, as_json=as_json))


def _conclude(report: Report, request: RehearsalRequest, *, as_json: bool) -> Result:
    """Print the table, write the report and answer the result.

    Raises:
        RehearsalError: A scenario did not end as it must.
    """
    from tapgen.errors import ExitCode, RehearsalError
    from tapgen.events import Result
    from tapgen.rehearsal.report import HEADERS
    from tapgen.ui.tables import table

    path = report.write(request.output)
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
            hint=f"{path.parent} holds a timeline and a drawing of each",
        )
    return Result(
        status="done",
        operation="rehearse",
        deployment=request.environment.label,
        exit_code=ExitCode.DONE,
        outputs={"report": str(path)},
    )
