"""``tapgen render``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tapgen.build import BuildRequest
from tapgen.cli.options import json_option, optional_env_option, region_option, suffix_option
from tapgen.errors import UsageError
from tapgen.manifest import write_yaml

if TYPE_CHECKING:
    from tapgen.build import Format
    from tapgen.model import Rendered
    from tapgen.toolkit.project import Project


@click.command()
@optional_env_option
@click.option("--all", "every", is_flag=True, help="Render every environment.")
@suffix_option
@region_option
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write to; build/NAME if left out."
)
@click.option("--format", "file_format", type=click.Choice(["json", "yaml"]), default="json", show_default=True)
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    environment: str | None,
    every: bool,
    suffix: str | None,
    region: str | None,
    out: Path | None,
    file_format: Format,
    as_json: bool,
) -> None:
    """Write templates, artifacts and a manifest to build/NAME.

    Needs no credentials, and no network once the layer is cached.

    \b
    Examples:
      tapgen render --env prod
      tapgen render --env dev --suffix pr-42 --format yaml
      tapgen render --all
    """
    if every == bool(environment):
        raise UsageError(
            "say which environment to render", code="environment-needed", hint="use --env NAME, or --all for every one"
        )
    builder = project.builder
    if every:
        # The faults of all environments come before the first is rendered.
        builder.environments.resolve_all()
    for name in builder.environments.names if every else [environment or ""]:
        request = BuildRequest(environment=name, suffix=suffix, region=region)
        target = out / request.label if out and every else out
        rendered = builder.build(request, out=target)
        folder = target or builder.folder(request)
        if file_format == "yaml":
            write_yaml(rendered, folder)
        click.echo(json.dumps(_document(rendered, folder)) if as_json else _text(rendered, folder))


def _document(rendered: Rendered, folder: Path) -> dict[str, Any]:
    return {
        "deployment": rendered.deployment,
        "release_id": rendered.release_id,
        "folder": str(folder),
        "templates": [
            {
                "stack": template.stack,
                "resources": template.resource_count,
                "size_bytes": len(template.body),
                "digest": template.digest,
            }
            for template in rendered.templates
        ],
        "artifacts": [
            {"name": artifact.name, "size_bytes": artifact.size_bytes, "digest": artifact.digest}
            for artifact in rendered.artifacts
        ],
    }


def _text(rendered: Rendered, folder: Path) -> str:
    from tapgen.ui.tables import short_digest, table

    rows = [
        (template.stack, str(template.resource_count), f"{len(template.body):,}", short_digest(template.digest))
        for template in rendered.templates
    ]
    rows += [
        (f"{artifact.name}.zip", "", f"{artifact.size_bytes:,}", short_digest(artifact.digest))
        for artifact in rendered.artifacts
    ]
    title = f"{rendered.deployment}  release {rendered.release_id}"
    return "\n".join([title, table(("", "resources", "bytes", "digest"), rows, "<>><"), f"written to {folder}", ""])
