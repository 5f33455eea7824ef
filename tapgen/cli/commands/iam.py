"""``tapgen iam``: what the permissions are, why, and the proof that they are exact."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.options import env_option, json_option, selection_options, suffix_option
from tapgen.cli.printing import print_document
from tapgen.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from tapgen.proof.prove import Proof
    from tapgen.proof.stage import Play
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.group()
def command() -> None:
    """Show who may do what and why, and prove that nobody may do more."""


@command.command()
@env_option
@suffix_option
@click.option("--role", "roles", multiple=True, metavar="NAME", help="Prove this role alone; may be repeated.")
@json_option
@click.pass_obj
def prove(project: Project, *, environment: str, suffix: str | None, roles: tuple[str, ...], as_json: bool) -> None:
    """Prove that the roles of a deployment may do what they must, and nothing else.

    \b
    Deploys the environment to an embedded AWS of its own, uses every part of
    it, and takes each action and each resource away from each statement of
    each role in turn: somebody must be refused then. Exit code 3 when a
    permission is missing or not needed.

    \b
    Examples:
      tapgen iam prove --env local
      tapgen iam prove --env prod --role orders-prod-eu-west-1-api
    """
    from tapgen.proof.stage import open_stage
    from tapgen.ui.proofs import proof_page

    play = _make_play(project, environment, suffix)
    with open_stage(play) as stage:
        unknown = sorted(set(roles) - {subject.role for subject in stage.subjects})
        if unknown:
            known = ", ".join(subject.role for subject in stage.subjects)
            raise UsageError(f"no role {unknown[0]} in {environment}", hint=f"one of {known}", code="no-role")
        proof = stage.prover.prove([s for s in stage.subjects if not roles or s.role in roles])
        if not roles:
            proof = replace(proof, differences=(*proof.differences, *stage.compare_execution()))
    document = _document(proof)
    if as_json:
        print_document(document)
    else:
        click.echo("\n".join(proof_page(document)))
    if not proof.holds:
        raise RefusedError(
            "the permissions are not exact",
            why="\n".join(proof.faults()),
            hint="grant what is missing, take away what is not needed, or add a step that uses it to a journey",
            code="permissions-not-exact",
        )


@command.command()
@env_option
@suffix_option
@click.option("--role", metavar="NAME", help="Show this role alone.")
@json_option
@click.pass_obj
def show(project: Project, *, environment: str, suffix: str | None, role: str | None, as_json: bool) -> None:
    """Show what each role may do, where, and which operation needs it.

    The service's roles, the one that CloudFormation assumes, the boundary
    that no role of the service exceeds, and the deployer's.

    \b
    Examples:
      tapgen iam show --env prod
      tapgen iam show --env prod --role orders-prod-eu-west-1-api
    """
    from tapgen.cli.permissions import explain_roles
    from tapgen.ui.permissions import permission_page

    found = explain_roles(project.builder.environments.resolve(environment, suffix=suffix))
    if role and role not in found:
        raise UsageError(f"no role {role} in {environment}", hint=f"one of {', '.join(found)}", code="no-role")
    shown = {name: actions for name, actions in found.items() if role in (None, name)}
    if as_json:
        print_document({name: [asdict(action) for action in actions] for name, actions in shown.items()})
        return
    for line in permission_page(shown):
        click.echo(line)


@command.command()
@selection_options
@json_option
@click.pass_obj
def diff(project: Project, *, selection: Selection, as_json: bool) -> None:
    """Show what a deploy would let roles do that they may not do now, and what it would take away.

    Compares the templates of the live release, as they are recorded, with
    those that would be deployed. Exit code 3 when a role may do more.

    \b
    Examples:
      tapgen iam diff --env prod
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.state.observed_state import read_history
    from tapgen.deploy.state.recorded_release import restore
    from tapgen.engine.deployment import deployment_of
    from tapgen.gates.templates import stacks_of
    from tapgen.iam.delta import compare_releases

    wiring = Wiring(project, selection, as_json=as_json)
    rendered, context = wiring.rendered, wiring.silent_context
    deployment = deployment_of(rendered)
    live = read_history(context, deployment).live
    before = stacks_of(restore(context, deployment, live, gradual=True)) if live else {}
    if live is None:
        click.echo("there is no record of a live release: everything counts as new", err=True)
    delta = compare_releases(before, stacks_of(rendered))
    if as_json:
        print_document(asdict(delta))
    else:
        for sign, grants in (("+", delta.added), ("-", delta.removed)):
            for grant in grants:
                click.echo(f"{sign} {grant.role}: {grant.action} on {grant.resource} {grant.condition}".rstrip())
        click.echo(f"{len(delta.added)} grants more, {len(delta.removed)} less", err=True)
    if live and delta.added:
        raise RefusedError(
            f"roles of {rendered.deployment} would be let do more",
            hint="read the lines with +; `tapgen iam show` says why each is there",
            code="broadening",
        )


@command.command()
@selection_options
@json_option
@click.pass_obj
def refresh(project: Project, *, selection: Selection, as_json: bool) -> None:
    """Compare what tapgen knows of CloudFormation's calls with the schemas of an account.

    \b
    AWS changes what its resource types need. This reads the schema of every
    type that the templates use (DescribeType) and names each action that one
    side has and the other has not. Exit code 3 when they differ: then
    tapgen/iam/resource_actions/ wants a look.

    \b
    Examples:
      tapgen iam refresh --env prod --profile my-profile
    """
    from tapgen.aws.resource_types import read_schema
    from tapgen.cli.wiring import Wiring
    from tapgen.iam.resource_actions import known_types
    from tapgen.iam.schemas import compare_schema

    wiring = Wiring(project, selection, as_json=as_json)
    client = wiring.silent_context.aws.client("cloudformation")
    types = sorted(known_types())
    schemas = {kind: read_schema(client, kind) for kind in types}
    found = [each for kind, schema in schemas.items() for each in compare_schema(kind, schema or {})]
    silent = [kind for kind, schema in schemas.items() if not (schema or {}).get("handlers")]
    if as_json:
        print_document({"differences": [asdict(each) for each in found], "without_schema": silent})
    else:
        for each in found:
            sign = "+" if each.named_by == "schema" else "-"
            click.echo(f"{sign} {each.resource_type} {each.operation}: {each.action}")
        told = f"; {', '.join(silent)} publish none" if silent else ""
        click.echo(f"{len(found)} differences in {len(types)} resource types{told}", err=True)
    if found:
        raise RefusedError(
            "the schemas of the resource types and tapgen's table differ",
            why="+ is named by the schema alone, - by the table alone",
            hint="correct tapgen/iam/resource_actions/, or say there why an action is left out",
            code="schemas-differ",
        )


def _make_play(project: Project, environment: str, suffix: str | None) -> Play:
    """The environment's release in the embedded account, the only one whose APIs answer without credentials."""
    from tapgen.build import BuildRequest
    from tapgen.local.server import ACCOUNT_ID
    from tapgen.proof.stage import Play
    from tapgen.render import render
    from tapgen.toolkit.bootstrap_request import bootstrap_request

    built = project.builder.load_or_render(BuildRequest(environment=environment, suffix=suffix))
    resolved = replace(project.builder.environments.resolve(environment, suffix=suffix), account_id=ACCOUNT_ID)
    return Play(
        project=project.folder,
        environment=resolved,
        rendered=built if built.account_id == ACCOUNT_ID else render(resolved, built.artifacts),
        bootstrap=bootstrap_request(resolved),
        tell=lambda text: click.echo(text, err=True),
    )


def _document(proof: Proof) -> dict[str, Any]:
    return {
        "holds": proof.holds,
        "caught": len(proof.caught),
        "total": proof.total,
        "mutants": [
            {
                "role": item.mutant.role,
                "removed": str(item.mutant.part),
                "caught_by": item.step,
                "got": item.got,
                "duration_s": round(item.duration_s, 2),
            }
            for item in proof.caught
        ],
        "scenarios_s": {name: round(duration, 2) for name, duration in proof.need.durations_s.items()},
        "stated": [
            {"role": mutant.role, "removed": str(mutant.part), "reason": stated.reason, "source": stated.source}
            for mutant, stated in proof.stated
        ],
        "unproven": [{"role": mutant.role, "removed": str(mutant.part)} for mutant in proof.unproven],
        "faults": proof.faults(),
    }
