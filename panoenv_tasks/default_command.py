"""A command group that takes its first argument for one command's where it names none."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


def group_with_default(default: str) -> type[TyperGroup]:
    """Return a group class whose arguments go to ``default`` unless they begin with a command's name.

    The group's help ends with that command's, whose options can be given without naming it.
    """

    class Group(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            if args and args[0] not in {*self.commands, *ctx.help_option_names}:
                args = [default, *args]
            return super().parse_args(ctx, args)

        def format_help(self, ctx: Any, formatter: Any) -> None:
            super().format_help(ctx, formatter)
            command = self.commands[default]
            command.format_help(type(ctx)(command, info_name=default, parent=ctx), formatter)

    return Group
