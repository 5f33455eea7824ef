"""A group of commands that has a default: ``tapgen releases --env X`` means ``tapgen releases list --env X``."""

from __future__ import annotations

from typing import Any

import click


class DefaultGroup(click.Group):
    """Arguments that do not begin with one of its commands are those of ``default``."""

    def __init__(self, *args: Any, default: str, **settings: Any) -> None:
        """Args are ``click.Group``'s; ``default`` is the name of the command that is meant."""
        super().__init__(*args, **settings)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default's name where none of the commands is named; without any argument the help is printed."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
