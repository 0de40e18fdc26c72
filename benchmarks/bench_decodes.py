"""How often panoramas are decoded and encoded in a run: ours against other ways.

Questions come in the order in which lmms-eval's wrappers of local models ask them: sorted by text, so that
neighbours rarely share a panorama.

First as many panoramas as the train split has, 25 questions each in random order, against keeping the latest
128 in memory, each side in a process of its own. They are an eighth of full width, to be short; with
``--width 2560`` they are of full size.

Then ``panoenv_mini``, against decoding once per question. Wrappers of servers also encode each question's
picture as PNG, through the function of lmms-eval that is called here; that part takes two panoramas only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from panoenv_tasks.perturb import Picture, draw
from panoenv_tasks.sources.images import open_image

TRAIN, QUESTIONS, BEFORE = 415, 25, 128

Show = Callable[[dict[str, Any]], list[Image.Image]]


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--width", type=int, default=320, help="pixels across of the large set's panoramas")
    reader.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    reader.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = reader.parse_args()
    if given.side:
        print(json.dumps(large(given.folder, SIDES[given.side])))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare_large(Path(folder), given.width)
    compare_mini()


def compare_large(folder: Path, width: int) -> None:
    """Print both sides of a set as large as the train split."""
    dice = np.random.default_rng(0)
    for number in range(TRAIN):
        coarse = dice.integers(0, 256, (width // 16, width // 8, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((width, width // 2), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number:03d}.png", compress_level=1)
    print(f"{TRAIN * QUESTIONS} questions on {TRAIN} panoramas of {width}x{width // 2}")
    found = {}
    for side in SIDES:
        command = (sys.executable, __file__, "--side", side, "--folder", str(folder))
        cache = {**os.environ, "PANOENV_CACHE": str(folder / "cache")}
        found[side] = json.loads(subprocess.check_output(command, env=cache))
        decodes, seconds, grown = found[side]
        print(f"{side:18} {decodes:5} decodes, {seconds:6.2f} s of CPU, {grown:7.1f} MB of memory more")
    (before, before_seconds, _), (ours, our_seconds, _) = found.values()
    print(
        f"ratio: {before / ours:.1f} times fewer decodes, {before_seconds / our_seconds:.1f} times less CPU"
    )


def large(folder: Path, show: Callable[[Path], Image.Image]) -> tuple[int, float, float]:
    """Return decodes, CPU seconds, and megabytes of memory at the end beyond those at the start."""
    order = [path for path in sorted(folder.glob("*.png")) for _ in range(QUESTIONS)]
    random.Random(0).shuffle(order)
    before = psutil.Process().memory_info().rss
    decodes, seconds = counted([lambda path=path: show(path) for path in order])
    return decodes, seconds, (psutil.Process().memory_info().rss - before) / 1e6


@lru_cache(maxsize=BEFORE)
def latest_in_memory(path: Path) -> Image.Image:
    return open_image(path)


SIDES: dict[str, Callable[[Path], Image.Image]] = {
    f"the latest {BEFORE}": latest_in_memory,
    "ours": lambda path: draw(Picture(path)),
}


def compare_mini() -> None:
    """Print both sides of the bundled set."""
    from panoenv_tasks.tasks.panoenv import docs, utils
    from panoenv_tasks.tasks.panoenv.names import Selection

    rows = sorted(docs.rows(Selection("mini", None, "full")), key=lambda row: row["prompt"])
    places = sorted({row["pictures"] for row in rows})
    print(f"{len(rows)} questions on {len(places)} panoramas of 2560x1280")
    decoding = {"once per question": decode(rows, open_each_time), "ours": decode(rows, utils.doc_to_visual)}
    for name, (count, seconds) in decoding.items():
        print(f"{name:18} {count:4} decodes, {seconds:6.2f} s of CPU")
    (naive, naive_seconds), (ours, our_seconds) = decoding.values()
    print(f"ratio: {naive / ours:.1f} times fewer decodes, {naive_seconds / our_seconds:.1f} times less CPU")

    few = [row for row in rows if row["pictures"] in places[:2]]
    naive_seconds, our_seconds = encode(few, open_each_time), encode(few, utils.doc_to_visual)
    print(f"as PNG for a server, {len(few)} questions on two of them:")
    print(f"once per question: {naive_seconds:6.2f} s of CPU beyond decoding; ours: {our_seconds:.2f} s")
    print(f"ratio: {naive_seconds / our_seconds:.1f} times less CPU")


def open_each_time(row: dict[str, Any]) -> list[Image.Image]:
    return [Image.open(recipe["path"]).convert("RGB") for recipe in json.loads(row["pictures"])]


def decode(rows: Sequence[dict[str, Any]], show: Show) -> tuple[int, float]:
    """Return the number of decodes and the CPU seconds of showing every question's pictures."""
    return counted([lambda row=row: show(row) for row in rows])


def counted(steps: Sequence[Callable[[], object]]) -> tuple[int, float]:
    """Return the number of PNGs that were decoded and the CPU seconds."""
    decodes = 0
    finish = PngImageFile.load_end

    def counting(image: PngImageFile) -> None:
        nonlocal decodes
        decodes += 1
        finish(image)

    PngImageFile.load_end = counting
    start = time.process_time()
    for step in steps:
        step()
    seconds = time.process_time() - start
    PngImageFile.load_end = finish
    return decodes, seconds


def encode(rows: Sequence[dict[str, Any]], show: Show) -> float:
    """Return the CPU seconds of encoding every question's picture, as the harness does for a server."""
    from lmms_eval.models.model_utils.media_encoder import encode_image_to_base64

    seconds = 0.0
    for row in rows:
        (picture,) = show(row)
        start = time.process_time()
        encode_image_to_base64(picture)
        seconds += time.process_time() - start
    return seconds


if __name__ == "__main__":
    main()
