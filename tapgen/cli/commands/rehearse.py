"""``tapgen rehearse``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import Selection, env_option, json_option, suffix_option
from tapgen.local.record import MINUTE_VARIABLE
from tapgen.rehearsal.scenarios import SCENARIOS, enough_requests_per_min

if TYPE_CHECKING:
    from tapgen.cli.project import App
    from tapgen.cli.wiring import Operation, Wiring
    from tapgen.events import Result
    from tapgen.rehearsal.baselines import Baseline
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
    app: App,
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
    from tapgen.cli.bootstrap_request import bootstrap_request
    from tapgen.cli.wiring import Wiring
    from tapgen.rehearsal.rehearse import RehearsalRequest, rehearse
    from tapgen.rehearsal.subject import choose_subject

    resolved = app.builder.environments.resolve(environment, suffix=suffix)
    # The configured region, whatever the shell says: what is rehearsed is the environment as the file has it.
    selection = Selection(environment=environment, suffix=suffix, profile=profile, region=resolved.region)
    wiring = Wiring(app, selection, as_json=as_json)
    with wiring.operation("rehearse") as operation:
        operation.deployment = wiring.deployment.name
        request = RehearsalRequest(
            project=app.project,
            environment=resolved,
            subject=choose_subject(resolved.service, function),
            baselines=_choose_baselines(wiring, operation, revision=revision, offline=offline),
            scenarios=tuple(scenario for scenario in SCENARIOS if not names or scenario.name in names),
            requests_per_min=requests_per_min or enough_requests_per_min(resolved),
            minute_s=minute_s,
            output=output or app.project / "build" / "rehearsal" / resolved.label,
            keep=keep,
            bootstrapping=bootstrap_request,
        )
        try:
            report = rehearse(operation.listener, request)
        except KeyboardInterrupt:
            # Nothing goes on: the AWS that it ran on is gone.
            raise click.Abort from None
        return operation.finish(_conclude(report, request, deployment=operation.deployment, as_json=as_json))


def _choose_baselines(
    wiring: Wiring, operation: Operation, *, revision: str | None, offline: bool
) -> tuple[Baseline, ...]:
    """What the candidate may replace, best first."""
    from tapgen.engine.context import Context
    from tapgen.errors import TapgenError
    from tapgen.events import Noted
    from tapgen.rehearsal.baselines import choose_commit
    from tapgen.rehearsal.live import find_live_release

    commit = choose_commit(wiring.app.project, revision)
    # The embedded AWS of the project is asked when it runs; it is not started for a question.
    if revision or offline or (wiring.is_local and not wiring.app.local_aws.status().running):
        return (commit,)
    context = Context(aws=wiring.make_aws(wiring.environment.region), emit=operation.listener)
    try:
        return find_live_release(context, wiring.deployment), commit
    except TapgenError as error:
        text = f"the live release is not known ({error.what}); {commit.text} stands for it"
        operation.listener(Noted(level="info", text=text, hint="--offline does not ask"))
        return (commit,)


def _conclude(report: Report, request: RehearsalRequest, *, deployment: str, as_json: bool) -> Result:
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
        deployment=deployment,
        exit_code=ExitCode.DONE,
        outputs={"report": str(path)},
    )
