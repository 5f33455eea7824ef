"""``tapgen config``: show, validate and describe the configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.options import env_option, region_option, suffix_option
from tapgen.cli.printing import print_document

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.toolkit.project import Project


@click.group()
def command() -> None:
    """Show, validate and describe config/environments.yaml."""


@command.command()
@env_option
@suffix_option
@region_option
@click.option("--format", "file_format", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
@click.pass_obj
def show(project: Project, *, environment: str, suffix: str | None, region: str | None, file_format: str) -> None:
    """Print one environment with its defaults merged in, and the names made from it.

    \b
    Examples:
      tapgen config show --env prod
      tapgen config show --env dev --suffix pr-42
    """
    resolved = project.builder.environments.resolve(environment, suffix=suffix, region=region)
    document = _document(resolved)
    if file_format == "json":
        print_document(document)
        return
    import yaml

    # Through JSON: YAML has no tuples.
    click.echo(yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False, allow_unicode=True), nl=False)


@command.command()
@click.pass_obj
def validate(project: Project) -> None:
    """Check every environment and report all faults at once.

    \b
    Examples:
      tapgen config validate
    """
    environments = project.builder.environments.resolve_all()
    names = ", ".join(environment.name for environment in environments)
    click.echo(f"{len(environments)} environments are valid: {names}")


@command.command()
@click.pass_obj
def schema(project: Project) -> None:
    """Print the JSON Schema of config/environments.yaml, for editors.

    \b
    Examples:
      tapgen config schema > environments.schema.json
    """
    from tapgen.config.json_schema import build_json_schema

    print_document(build_json_schema(project.builder.environments.service))


def _document(environment: Environment) -> dict[str, Any]:
    from tapgen.config.environment import plain_data
    from tapgen.naming import Names
    from tapgen.parts.names import physical_name
    from tapgen.parts.registry import list_kinds

    names = Names(environment)
    roles = names.functions
    plain = plain_data(environment)
    parts: dict[str, Any] = plain.pop("parts")
    return (
        plain
        | parts
        | {
            "names": {
                "deployment": names.deployment,
                "root_stack": names.root_stack,
                "bootstrap_stack": names.bootstrap_stack,
                "artifact_bucket": names.artifact_bucket,
                "access_log_bucket": names.access_log_bucket,
                **{
                    kind.section: {
                        part.name: physical_name(names, part)
                        for part in environment.service.parts
                        if part.kind == kind.name
                    }
                    for kind in list_kinds()
                    if kind.section
                },
                "hooks": {hook: names.hook(hook) for hook in names.hooks},
                "log_groups": {
                    **{role: names.function_log_group(role) for role in roles},
                    **{f"{hook}_hook": names.hook_log_group(hook) for hook in names.hooks},
                },
                "access_log_group": names.access_log_group,
                "topics": {severity: names.topic(severity) for severity in ("warning", "critical")},
            }
        }
    )
