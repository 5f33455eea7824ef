"""``tapgen guide``."""

from __future__ import annotations

import click


@click.command()
@click.argument("page", required=False)
def command(*, page: str | None) -> None:
    """Print a page of the user guide, or list them all.

    The pages come with the installation and are those of its version.

    \b
    Examples:
      tapgen guide
      tapgen guide parts
      tapgen guide your-service
    """
    from tapgen.pages import list_guide, read_page

    pages = list_guide()
    if page:
        click.echo(read_page(page, pages, what="guide"), nl=False)
        return
    for name in pages:
        click.echo(name)
