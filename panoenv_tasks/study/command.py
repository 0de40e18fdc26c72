"""``panoenv study``: from a model to an honest row and a page, in one command."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from panoenv_tasks.items import DataError
from panoenv_tasks.study.page import write_page
from panoenv_tasks.study.plan import plan_lines
from panoenv_tasks.study.recipe import TIERS, Tier, read_study, tier, to_yaml
from panoenv_tasks.study.run import Outcome, run_study


def study(
    what: Annotated[
        str,
        typer.Argument(help="A study file (.yaml), or a model: FOLDER, hub name, URL#NAME, lmms:NAME,k=v."),
    ],
    tier_name: Annotated[
        str, typer.Option("--tier", help="With a model: quick, standard or full; writes the file first.")
    ] = "quick",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The study's folder; default: studies/NAME.")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print the steps and what they cost; run nothing.")
    ] = False,
) -> None:
    """Run everything that an honest row needs, and write one page. The same command again goes on.

    A failed step names its log and does not stop those that do not need it.
    """
    file = Path(what)
    if file.suffix not in (".yaml", ".yml"):
        file = _write_file(what, tier_name, output)
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


def _write_file(model: str, tier_name: str, output: Path | None) -> Path:
    if tier_name not in TIERS:
        raise DataError(f"--tier {tier_name}: expected one of {', '.join(TIERS)}")
    known: Tier = next(name for name in TIERS if name == tier_name)
    made = tier(known, model)
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
