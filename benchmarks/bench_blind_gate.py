"""What the blind gate costs, against asking every blind answerer the same candidates once.

The gate asks, leaves out, fits again and asks again; the ratio says how often that is in effect. Candidates
are the questions of made-up scenes, or of a set: panoenv_val.jsonl, or panoenv build scenes OUT --frames 160.

    python benchmarks/bench_blind_gate.py [FOLDER or FILE] [--split NAME] [--wanted N] [--frames N]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from panoenv_tasks import load_items
from panoenv_tasks.blind.gate import Gate, blind_gate
from panoenv_tasks.blind.rungs import answer_on_every_rung
from panoenv_tasks.commands.mini_choice import questions_of
from panoenv_tasks.markdown import table
from panoenv_tasks.synthesis.build import scene_frames
from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS

Result = TypeVar("Result")


def main() -> None:
    """Print both times, their ratio, and what became of each kind of question."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("candidates", type=Path, nargs="?")
    parser.add_argument("--split", default="test")
    parser.add_argument("--wanted", type=int, default=20)
    parser.add_argument("--frames", type=int, default=48, help="scenes, where no candidates are given")
    options = parser.parse_args()
    if options.candidates:
        items = load_items(options.candidates, options.split)
    else:
        items = [
            item
            for frame in scene_frames(list(ENVIRONMENTS), options.frames, 0)
            for item in questions_of(frame)
        ]
    # Nothing is fitted on a test split; these questions are candidates.
    once, _ = timed(lambda: answer_on_every_rung([replace(item, split="candidate") for item in items]))
    seconds, gate = timed(lambda: blind_gate(items, options.wanted))
    print(what_became(gate), end="\n\n")
    minutes = 60 * len(items)
    print(f"{len(items)} candidates, {len(gate.kept)} kept; processor seconds: all rungs once {once:.1f}")
    print(f"the gate {seconds:.1f}: ratio {seconds / once:.2f}, {minutes / seconds:.0f} candidates a minute")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return processor seconds and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def what_became(gate: Gate) -> str:
    """Return one row a kind: how many passed, and each answerer's percent before and after."""
    rows = []
    for kind, made in sorted(gate.kinds.items()):
        shares = [f"{100 * made.before[rung]:.0f} -> {100 * made.after[rung]:.0f}" for rung in made.before]
        rows.append(
            [
                kind,
                made.candidates,
                made.kept if made.passes else "cannot",
                f"{100 * made.chance:.0f}",
                *shares,
            ]
        )
    rungs = next(iter(gate.kinds.values())).before
    return table(["kind", "candidates", "kept", "chance", *rungs], rows)


if __name__ == "__main__":
    main()
