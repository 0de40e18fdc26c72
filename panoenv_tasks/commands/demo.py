"""``panoenv demo``: the whole loop on the bundled synthetic set, with no GPU and no network."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
import yaml

from panoenv_tasks import owned
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.records import read_samples
from panoenv_tasks.rescore import rescore
from panoenv_tasks.stats import figure

#: A low floor, the floor, and the ceiling: what any real model lies between.
MODELS = ("panoenv_constant", "panoenv_blind", "panoenv_oracle")
TASK = "panoenv_mini"
LOG = "lmms-eval.log"
_WRITES = ("results", "leaderboard", LOG)
_ADVICE = "choose another folder with -o"
_PANOENV = (sys.executable, "-m", "panoenv_tasks")


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where everything is written.")] = Path(
        "panoenv-demo"
    ),
) -> None:
    """Build panoramas, ask three reference models through lmms-eval, judge them, make the leaderboard."""
    from panoenv_tasks.synthesis.mini import ensure_mini

    started = time.monotonic()
    for name in _WRITES:
        owned.require_ours(output, name, _ADVICE)
    folders = {model: output / "results" / model for model in MODELS}
    with owned.scratch(output, "demo") as work:
        typer.echo("1/4 panoramas and questions with exact truth")
        data = ensure_mini()
        typer.echo(f"    {data}")
        typer.echo(f"2/4 lmms-eval --tasks {TASK} (about half a minute; log: {output / LOG})")
        _evaluate(work, output)
        typer.echo(
            "3/4 answers scored again from the saved samples, in percent, and by the rubric rules@3, 0-10\n"
        )
        rubric = {model: _rubric_mean(folder) for model, folder in folders.items()}
        typer.echo(_table(folders, rubric))
        typer.echo("\n4/4 leaderboard")
        board = ["leaderboard", *map(str, folders.values()), "-o", str(work / "leaderboard")]
        typer.echo(_run([*_PANOENV, *board, "--data", str(data)]).replace(str(work), str(output)).rstrip())
        owned.place(work, output, "leaderboard", _ADVICE)
    typer.echo(
        f"\nDone in {time.monotonic() - started:.0f} s. The blind model never looks at a picture: what it "
        "scores is what the printed boxes give away. Your model next:\n"
        f"  lmms-eval --model MODEL --model_args ... --tasks {TASK} --output_path out --log_samples\n"
        "  panoenv leaderboard out -o board"
    )


def _evaluate(work: Path, output: Path) -> None:
    """Evaluate in ``work``, then put results and log in their places in ``output``."""
    folders = {model: work / "results" / model for model in MODELS}
    runs = [
        {"model": model, "tasks": TASK, "output_path": str(folder), "log_samples": True, "batch_size": "1"}
        for model, folder in folders.items()
    ]
    config = work / "lmms-eval.yaml"
    config.write_text(yaml.safe_dump(runs), encoding="utf-8")
    (work / LOG).write_text(_run([sys.executable, "-m", "lmms_eval", "--config", str(config)]), "utf-8")
    owned.place(work, output, LOG, _ADVICE)
    # lmms-eval ends with 0 even when an evaluation failed: only the files tell.
    missing = [model for model, folder in folders.items() if not list(folder.rglob("*_results.json"))]
    if missing:
        raise DataError(f"{output / LOG}: lmms-eval wrote no results for {', '.join(missing)}; see its end")
    owned.place(work, output, "results", _ADVICE)


def _rubric_mean(folder: Path) -> float:
    totals = json.loads(_run([*_PANOENV, "judge", "score", str(folder), "--json"]))
    return float(totals["total"]["mean"])


def _table(folders: dict[str, Path], rubric: dict[str, float]) -> str:
    kinds = ("true_false", "multiple_choice", "open_ended")
    heads = "model questions acc(paper) acc(strict) T/F MCQ open rules@3".split()
    rows = []
    for model, folder in folders.items():
        totals = rescore(list(read_samples(folder)))
        cells = [totals["total"]["paper"]["acc"], totals["total"]["strict"]["acc"]]
        cells += [totals["question_type"][kind]["paper"]["acc"] for kind in kinds]
        rows.append([model, totals["total"]["n"], *map(figure, cells), figure(rubric[model], scale=1)])
    return table(heads, rows)


def _run(command: Sequence[str]) -> str:
    """Run a command of the loop and return what it printed; its own words are the error's."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        last = done.stdout.strip().splitlines()[-1:] or ["no output"]
        raise DataError(f"`{' '.join(command[1:5])} ...` failed: {last[0]}")
    return done.stdout
