"""How often panoramas are decoded in one run over ``panoenv_mini``: ours against once per question.

The questions come in the order in which lmms-eval's wrappers of local models ask them: sorted by text,
so that neighbours rarely share a panorama.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from panoenv_tasks.tasks.panoenv import docs, utils
from panoenv_tasks.tasks.panoenv.names import Selection


def main() -> None:
    rows = sorted(docs.rows(Selection("mini", None, "full")), key=lambda row: row["prompt"])
    panoramas = len({json.loads(row["record"])["environment"] for row in rows})
    print(f"{len(rows)} questions on {panoramas} panoramas of 2560x1280")
    naive, naive_seconds = measure(rows, open_each_time)
    ours, our_seconds = measure(rows, utils.doc_to_visual)
    print(f"once per question: {naive} decodes, {naive_seconds:.2f} s of CPU")
    print(f"ours:              {ours} decodes, {our_seconds:.2f} s of CPU")
    print(f"ratio: {naive / ours:.1f} times fewer decodes, {naive_seconds / our_seconds:.1f} times less CPU")


def open_each_time(row: dict[str, Any]) -> list[Image.Image]:
    return [Image.open(recipe["path"]).convert("RGB") for recipe in json.loads(row["pictures"])]


def measure(rows: list[dict[str, Any]], show: Callable[[dict[str, Any]], Any]) -> tuple[int, float]:
    """Return the number of decodes and the CPU seconds of showing every question's pictures."""
    decodes = 0
    finish = PngImageFile.load_end

    def counted(image: PngImageFile) -> None:
        nonlocal decodes
        decodes += 1
        finish(image)

    PngImageFile.load_end = counted
    start = time.process_time()
    for row in rows:
        show(row)
    seconds = time.process_time() - start
    PngImageFile.load_end = finish
    return decodes, seconds


if __name__ == "__main__":
    main()
