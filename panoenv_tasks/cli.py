"""The ``panoenv`` command: finds its sub-commands by name and loads only the one that runs."""

from __future__ import annotations

import errno
import importlib
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from panoenv_tasks import upper
from panoenv_tasks.items import DataError

#: What a path that the user named can do to a command, in words. Any other OSError is a fault of ours.
_PATH_FAULTS = {
    errno.EEXIST: "is a file where a folder is wanted; choose another path",
    errno.ENOTDIR: "has a file where a folder is wanted; choose another path",
    errno.EISDIR: "is a folder where a file is wanted; choose another path",
    errno.EACCES: "may not be read or written by you",
    errno.EROFS: "is on a disk that cannot be written",
    errno.ENOSPC: "no space is left on the disk",
}

#: Sub-commands of this package; those of the packages above come from the entry points.
COMMANDS = {
    "demo": "panoenv_tasks.commands.demo:demo",
    "data": "panoenv_tasks.commands.data:app",
    "score": "panoenv_tasks.commands.score:score",
    "build": "panoenv_tasks.commands.build:build_app",
    "blind": "panoenv_tasks.commands.blind:blind",
    "audit": "panoenv_tasks.commands.audit:audit",
    "study": "panoenv_tasks.study.command:study",
}
ENTRY_POINTS = "panoenv.commands"
#: What ``panoenv --help`` says of each, in its order, without loading any.
HELP = {
    "demo": "Build panoramas, ask three reference models through lmms-eval, judge them, make a leaderboard.",
    "study": "Run everything that an honest row needs, and write one page. The same command again goes on.",
    "data": "Look at, check and fetch PanoEnv-QA data.",
    "score": "Score saved outputs again: one table a run, by type, category, sub-category and method.",
    "build": "Build panoramas and questions. A build that was interrupted continues when run again.",
    "judge": "Judge scores: serve a judge with vLLM, score saved samples, compare judges.",
    "train": "Train a model in stages, by GRPO after a supervised warm-up if any; the same command goes on.",
    "merge": "Merge an adapter into a folder that lmms-eval and vLLM load as it is.",
    "blind": "Say how much of a set of questions can be answered without the image.",
    "audit": "Compare a model's runs under several conditions: without the image, turned, and so on.",
    "leaderboard": "Check saved runs, score them again, and make a leaderboard's table and page.",
}


class _LazyGroup(TyperGroup):
    """A group whose commands are imported when they are looked up, but not to be listed."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        order, names = list(HELP), {*COMMANDS, *upper.names(ENTRY_POINTS)}
        return sorted(names, key=lambda n: (order.index(n) if n in HELP else len(order), n))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if self._listing and cmd_name in HELP:
            return TyperCommand(cmd_name, help=HELP[cmd_name])
        loaded = _load(cmd_name)
        if loaded is None:
            return None
        if not isinstance(loaded, typer.Typer):
            single = typer.Typer(add_completion=False)
            single.command(name=cmd_name)(loaded)
            loaded = single
        command = typer.main.get_command(loaded)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=_LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="PanoEnv-QA: 3D spatial questions on 360-degree panoramas. Models are evaluated by lmms-eval "
    "(lmms-eval --model MODEL --tasks panoenv); this command does the rest.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"panoenv {version('panoenv')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; bad input is one line on stderr and exit code 2."""
    try:
        app()
    except DataError as error:
        print(f"panoenv: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if error.errno not in _PATH_FAULTS:
            raise
        place = f"{error.filename}: " if error.filename else ""
        print(f"panoenv: {place}{_PATH_FAULTS[error.errno]}", file=sys.stderr)
        sys.exit(2)


def _load(name: str) -> Any:
    if name in COMMANDS:
        module, _, attribute = COMMANDS[name].partition(":")
        return getattr(importlib.import_module(module), attribute)
    return upper.load(ENTRY_POINTS, name)
