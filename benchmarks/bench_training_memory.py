"""Peak memory of the training rows over one epoch, against a data set that holds its images decoded."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

PANORAMAS = 80
QUESTIONS_EACH = 5
SIZE = (2560, 1280)


def main() -> None:
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        for number in range(PANORAMAS):
            tint = (number * 3 % 256, number * 7 % 256, 128)
            Image.new("RGB", SIZE, tint).save(Path(folder) / f"{number}.png", compress_level=1)
        base = _peak(_nothing, folder)
        ours = _peak(_lazily, folder) - base
        eager = _peak(_eagerly, folder) - base
    print(f"{PANORAMAS * QUESTIONS_EACH} questions about {PANORAMAS} panoramas of {SIZE[0]}x{SIZE[1]}")
    print(f"libraries alone:   {base:7.0f} MB")
    print(f"images decoded:    {eager:7.0f} MB more ({eager / PANORAMAS:.1f} MB a panorama)")
    print(f"ours, on access:   {ours:7.0f} MB more (at most 16 panoramas, however many there are)")
    print(f"ratio: {eager / ours:.1f} times less")


def _peak(work: object, folder: str) -> float:
    """Return the peak resident memory, in MB, of a fresh process that does the work."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return float(pool.apply(_measured, (work, folder)))


def _measured(work: object, folder: str) -> float:
    assert callable(work)
    import datasets  # noqa: F401

    import training.data  # noqa: F401

    work(folder)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _nothing(folder: str) -> None:
    pass


def _lazily(folder: str) -> None:
    from training.data import training_rows

    for row in training_rows(_items(folder), "strict"):
        row["images"][0].getpixel((0, 0))


def _eagerly(folder: str) -> None:
    from PIL import Image

    from panoenv_tasks.prompts import render

    decoded = {item.image: None for item in _items(folder)}
    images = {path: Image.open(path).convert("RGB") for path in decoded if path}
    rows = [{"prompt": render(item), "image": images[item.image]} for item in _items(folder) if item.image]
    for row in rows:
        row["image"].getpixel((0, 0))  # type: ignore[attr-defined]


def _items(folder: str) -> list[object]:
    from support.questions import item_of

    question = item_of("Does this scene appear to be set in Rome?", "No")
    return [
        replace(question, id=f"{number}-{index}", image=Path(folder) / f"{number}.png")
        for index in range(QUESTIONS_EACH)
        for number in range(PANORAMAS)
    ]


if __name__ == "__main__":
    main()
