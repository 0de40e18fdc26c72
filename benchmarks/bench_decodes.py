"""How often panoramas are decoded and encoded in a run over ``panoenv_mini``: ours against once per question.

The questions come in the order in which lmms-eval's wrappers of local models ask them: sorted by text,
so that neighbours rarely share a panorama. Wrappers of servers also encode each question's picture as PNG,
through the function of lmms-eval that is called here; that part takes two panoramas only, to be short.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from lmms_eval.models.model_utils.media_encoder import encode_image_to_base64
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from panoenv_tasks.tasks.panoenv import docs, utils
from panoenv_tasks.tasks.panoenv.names import Selection

Show = Callable[[dict[str, Any]], list[Image.Image]]


def main() -> None:
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


def encode(rows: Sequence[dict[str, Any]], show: Show) -> float:
    """Return the CPU seconds of encoding every question's picture, as the harness does for a server."""
    seconds = 0.0
    for row in rows:
        (picture,) = show(row)
        start = time.process_time()
        encode_image_to_base64(picture)
        seconds += time.process_time() - start
    return seconds


if __name__ == "__main__":
    main()
