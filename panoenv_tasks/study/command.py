"""``panoenv study``: from a model to an honest row and a page, in one command."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from panoenv_tasks.default_command import group_with_default
from panoenv_tasks.items import DataError
from panoenv_tasks.study.page import write_page
from panoenv_tasks.study.plan import plan_lines
from panoenv_tasks.study.recipe import TIERS, Study, Tier, read_study, tier, to_yaml
from panoenv_tasks.study.reproduce import ROWS, PaperRow, reproduction
from panoenv_tasks.study.run import Outcome, run_study

Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="The study's folder; default: studies/NAME.")
]
Plan = Annotated[bool, typer.Option("--plan", help="Print the steps and what they cost; run nothing.")]

study = typer.Typer(
    cls=group_with_default("run"),
    add_completion=False,
    no_args_is_help=True,
    help="From a model to an honest row and a page: panoenv study MODEL --tier quick, or panoenv study "
    "FILE.yaml. The same command again goes on where it was.",
)


@study.command()
def run(
    what: Annotated[
        str,
        typer.Argument(help="A study file (.yaml), or a model: FOLDER, hub name, URL#NAME, lmms:NAME,k=v."),
    ],
    tier_name: Annotated[
        str, typer.Option("--tier", help="With a model: quick, standard or full; writes the file first.")
    ] = "quick",
    output: Output = None,
    plan: Plan = False,
) -> None:
    """Run everything that an honest row needs, and write one page. The same command again goes on.

    A failed step names its log and does not stop those that do not need it.
    """
    file = Path(what)
    if file.suffix not in (".yaml", ".yml"):
        if tier_name not in TIERS:
            raise DataError(f"--tier {tier_name}: expected one of {', '.join(TIERS)}")
        chosen: Tier = next(name for name in TIERS if name == tier_name)
        file = _write_file(tier(chosen, what), output)
    _run(file, output, plan)


@study.command()
def reproduce(
    row: Annotated[str, typer.Argument(help="base: the paper's Qwen2.5-VL-7B; balanced: its PanoEnv-RL-7B.")],
    prompts: Annotated[Path, typer.Option(help="Your clone of the paper's released code.")],
    model: Annotated[
        str | None, typer.Option(help="Another model, as in `panoenv study MODEL`; balanced needs one.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="The raw test panoramas and questions; default as in an evaluation.")
    ] = None,
    output: Output = None,
    plan: Plan = False,
) -> None:
    """Run a published row anew: its prompts, protocol, pixels and judges, then our conditions.

    Writes the study file first. The page ends with our figures beside the paper's.
    """
    if row not in ROWS:
        raise DataError(f"reproduce {row}: expected {' or '.join(ROWS)}")
    chosen: PaperRow = next(name for name in ROWS if name == row)
    _run(_write_file(reproduction(chosen, model, prompts, data), output), output, plan)


def _run(file: Path, output: Path | None, plan: bool) -> None:
    chosen = read_study(file)
    out = output or file.parent / file.stem
    if plan:
        typer.echo("\n".join(plan_lines(chosen, out)))
        return
    try:
        outcomes = run_study(chosen, out, _say)
    except KeyboardInterrupt:
        _say("")
        typer.echo(f"interrupted; what is finished is kept: panoenv study {file} goes on", err=True)
        raise typer.Exit(130) from None
    _say("")
    typer.echo("\n".join(_line(outcome) for outcome in outcomes))
    page = write_page(chosen, out, outcomes)
    typer.echo(f"page: {page}")
    if any(outcome.state in ("failed", "skipped") for outcome in outcomes):
        raise typer.Exit(1)


def _write_file(made: Study, output: Path | None) -> Path:
    folder = output.parent if output else Path("studies")
    stem = output.name if output else re.sub(r"[^A-Za-z0-9.-]+", "-", made.name).strip("-")
    file = folder / f"{stem}.yaml"
    text = to_yaml(made)
    if file.exists() and file.read_text(encoding="utf-8") != text:
        raise DataError(
            f"{file}: there is another study of that name; run it, or choose another place with -o"
        )
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    typer.echo(f"study: {file}")
    return file


def _say(line: str) -> None:
    """Show where the study is: one line that is overwritten on a terminal, nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def _line(outcome: Outcome) -> str:
    reason = f": {outcome.reason}" if outcome.reason else ""
    return f"{outcome.state:8}{outcome.step} ({outcome.seconds:.0f} s){reason}"
