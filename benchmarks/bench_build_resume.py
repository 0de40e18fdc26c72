"""How long a finished build of 20,000 frames takes to see that nothing is left to do.

Ours against parsing every question file, which was a part of the way before. Pictures are stubs: only
their ends are read.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from panoenv_tasks.synthesis.build import Settings, build, scene_frames
from panoenv_tasks.synthesis.frame import write_frame
from panoenv_tasks.synthesis.scenes.source import scene_panorama

T = TypeVar("T")

PLACE, SPLIT = "KitchenDay", "train"


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--frames", type=int, default=20_000)
    frames = reader.parse_args().frames
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        sources = scene_frames([PLACE], frames, 0)
        settings = Settings("scenes", SPLIT, "ours", 0)
        build(root, [], settings)
        stub_tree(root, [source.name for source in sources])
        before, questions = timed(lambda: parse_all(root))
        ours, summary = timed(lambda: build(root, sources, settings))
    assert summary.kept == frames
    assert summary.questions == questions
    print(f"{frames} frames, {questions.total()} questions")
    print(f"parsing every file: {before:6.2f} s of CPU")
    print(f"ours:               {ours:6.2f} s of CPU")
    print(f"ratio: {before / ours:.1f}")


def stub_tree(root: Path, names: list[str]) -> None:
    """Write a tree whose frames all link to one frame's questions and the end of its picture."""
    sample = root / "sample"
    write_frame(scene_panorama(PLACE, "sample", 0), sample, "ours", 0)
    picture = sample / "rgb_erp.png"
    picture.write_bytes(picture.read_bytes()[-4096:])
    for name in names:
        folder = root / SPLIT / PLACE / name
        folder.mkdir(parents=True)
        os.link(picture, folder / "rgb_erp.png")
        for kind in ("objects", "qa"):
            os.link(sample / f"sample_{kind}.json", folder / f"{name}_{kind}.json")


def parse_all(root: Path) -> Counter[str]:
    """Return the sub-categories of a tree, read with a JSON parser."""
    asked = Counter[str]()
    for file in sorted((root / SPLIT).glob("*/*/*_qa.json")):
        asked.update(row["sub_category"] for row in json.loads(file.read_text(encoding="utf-8"))["questions"])
        (file.parent / "rgb_erp.png").stat()
    return asked


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


if __name__ == "__main__":
    main()
