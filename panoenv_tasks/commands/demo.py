"""``panoenv demo``: the whole loop on the bundled synthetic set, with no GPU and no network."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
import yaml

from panoenv_tasks.commands.score import rescore
from panoenv_tasks.items import DataError
from panoenv_tasks.records import read_samples

#: The floor, a lower floor, and the ceiling: what any real model lies between.
MODELS = ("panoenv_constant", "panoenv_blind", "panoenv_oracle")
TASK = "panoenv_mini"


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where everything is written.")] = Path(
        "panoenv-demo"
    ),
) -> None:
    """Build panoramas, ask three reference models through lmms-eval, and make the leaderboard."""
    from panoenv_tasks.synthesis.mini import ensure_mini

    started = time.monotonic()
    output.mkdir(parents=True, exist_ok=True)
    data = ensure_mini()
    typer.echo(f"1/4 panoramas and questions: {data}")
    typer.echo(f"2/4 lmms-eval --tasks {TASK} with {', '.join(MODELS)} (log: {output / 'lmms-eval.log'})")
    results = _evaluate(output)
    typer.echo("3/4 scores, in percent, scored again from the saved samples\n")
    typer.echo(_table(results))
    typer.echo(f"\n4/4 leaderboard in {output / 'leaderboard'}")
    (point,) = entry_points(group="panoenv.commands", name="leaderboard")
    point.load()(list(results.values()), output / "leaderboard", data)
    typer.echo(
        f"\nDone in {time.monotonic() - started:.0f} s. The blind model never looks at a picture: what it "
        "scores is what the printed boxes give away. Your model next:\n"
        f"  lmms-eval --model MODEL --model_args ... --tasks {TASK} --output_path out --log_samples\n"
        "  panoenv leaderboard out -o board"
    )


def _evaluate(output: Path) -> dict[str, Path]:
    # Results of an earlier demo would count as second runs of the same models.
    shutil.rmtree(output / "results", ignore_errors=True)
    folders = {model: output / "results" / model for model in MODELS}
    runs = [
        {"model": model, "tasks": TASK, "output_path": str(folder), "log_samples": True, "batch_size": "1"}
        for model, folder in folders.items()
    ]
    config = output / "lmms-eval.yaml"
    config.write_text(yaml.safe_dump(runs), encoding="utf-8")
    with (output / "lmms-eval.log").open("w", encoding="utf-8") as log:
        command = [sys.executable, "-m", "lmms_eval", "--config", str(config)]
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
    # lmms-eval ends with 0 even when an evaluation failed: only the files tell.
    missing = [model for model, folder in folders.items() if not list(folder.rglob("*_results.json"))]
    if code or missing:
        raise DataError(f"{output / 'lmms-eval.log'}: lmms-eval failed ({', '.join(missing)}); see its end")
    return folders


def _table(results: dict[str, Path]) -> str:
    kinds = ("true_false", "multiple_choice", "open_ended")
    lines = ["| model | questions | acc (paper) | acc (strict) | T/F | MCQ | open |", "|---" * 7 + "|"]
    for model, folder in results.items():
        totals = rescore(list(read_samples(folder)))
        cells = [totals["total"]["paper"]["acc"], totals["total"]["strict"]["acc"]]
        cells += [totals["question_type"][kind]["paper"]["acc"] for kind in kinds]
        figures = " | ".join(f"{100 * cell:.1f}" for cell in cells)
        lines.append(f"| {model} | {totals['total']['n']} | {figures} |")
    return "\n".join(lines)
