"""What each condition costs over the base task, before any model: its questions, and its pictures.

The base is the condition ``full`` on the bundled synthetic set. Every condition is timed in a fresh process:
reading the questions is left out, decoding each panorama is not, and questions come panorama by panorama.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

from panoenv_tasks import load_items
from panoenv_tasks.perturb import CONDITIONS, Condition, draw, present
from panoenv_tasks.synthesis.mini import ensure_mini

ROUNDS = 2


def main() -> None:
    root = ensure_mini()
    # What Qwen2.5-VL sees of a panorama: `seen` cannot be shown without a size.
    os.environ["PANOENV_SEEN"] = "2548x1260"
    # A process that imports everything anew, used for one measurement.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        costs = {
            condition: min(pool.apply(cost, (root, condition)) for _ in range(ROUNDS))
            for condition in CONDITIONS
        }
    base = costs["full"][0]
    print(f"best of {ROUNDS} rounds; the ratio is to `full` on the same questions")
    print("| condition | questions | ms per question | ratio |")
    print("|---|---|---|---|")
    for condition, (each, count) in costs.items():
        print(f"| {condition} | {count} | {1e3 * each:.2f} | {each / base:.2f} |")


def cost(root: Path, condition: Condition) -> tuple[float, int]:
    """Return seconds per question, and the number of questions, in a process that has drawn nothing yet."""
    items = load_items(root, "mini")
    import PIL.Image  # noqa: F401

    started = time.perf_counter()
    shown = present(items, condition)
    for one in shown:
        for picture in one.pictures:
            draw(picture)
    return (time.perf_counter() - started) / len(shown), len(shown)


if __name__ == "__main__":
    main()
