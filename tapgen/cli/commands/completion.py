"""``tapgen completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tapgen.errors import InternalError

_VARIABLE = "_TAPGEN_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, *, shell: str) -> None:
    """Print the script that completes tapgen's command line in a shell.

    It completes commands, options, environments of the project, and releases
    that this machine has seen (`tapgen releases` looks). Kept in a file, it
    costs a new shell nothing.

    \b
    Examples:
      tapgen completion bash > ~/.local/share/bash-completion/completions/tapgen
      tapgen completion zsh > ~/.zfunc/_tapgen      # with fpath+=~/.zfunc before compinit
      tapgen completion fish > ~/.config/fish/completions/tapgen.fish
    """
    found = get_completion_class(shell)
    if found is None:
        raise InternalError(f"click has no completion for {shell}")
    click.echo(found(ctx.find_root().command, {}, "tapgen", _VARIABLE).source())
