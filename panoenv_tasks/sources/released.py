"""What part of the released splits is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panoenv_tasks.items import Item

#: Questions and panoramas of the released splits (the data set's card, and its annotation files).
RELEASED = {"train": (10_340, 415), "val": (1_496, 60), "test": (2_991, 120)}
#: The file by which a tree is known that `panoenv build` made.
_BUILT = "panoenv.json"


def is_built(root: Path) -> bool:
    """Whether a tree of panoramas and questions was built here, and is none of the release's."""
    return (root / _BUILT).is_file()


def released_part(root: Path, split: str, items: Sequence[Item]) -> str:
    """Return a line for people: how much of the released split the items are; see ``part_of_split``."""
    panoramas = len({item.panorama for item in items})
    return part_of_split(split, len(items), panoramas, built=is_built(root))


def part_of_split(split: str, questions: int, panoramas: int, *, built: bool) -> str:
    """Return a line for people: how much of the released split so many questions and panoramas are.

    For example ``val: 75 of the released 1,496 questions, 3 of 60 panoramas``. A built tree and a split that
    the release does not have are said to be that.
    """
    here = f"{split}: {questions:,} questions, {panoramas:,} panoramas"
    if split not in RELEASED or built:
        return f"{here}, not of the release"
    all_questions, places = RELEASED[split]
    if questions > all_questions or panoramas > places:
        whole = f"{all_questions:,} questions and {places} panoramas"
        return f"{here}, more than the released {whole}: another set"
    if (questions, panoramas) == (all_questions, places):
        return f"{split}: all {all_questions:,} released questions, all {places} panoramas"
    part = f"{questions:,} of the released {all_questions:,} questions"
    return f"{split}: {part}, {panoramas} of {places} panoramas"
