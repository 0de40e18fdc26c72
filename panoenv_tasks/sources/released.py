"""What part of the released splits is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panoenv_tasks.items import Item

#: Questions and panoramas of the released splits (the data set's card, and its annotation files).
RELEASED = {"train": (10_340, 415), "val": (1_496, 60), "test": (2_991, 120)}
#: The file by which a tree is known that `panoenv build` made.
_BUILT = "panoenv.json"


def released_part(root: Path, split: str, items: Sequence[Item]) -> str:
    """Return a line for people: how much of the released split the items are.

    For example ``val: 75 of the released 1,496 questions, 3 of 60 panoramas``. A built tree and a split that
    the release does not have are said to be that.
    """
    panoramas = len({item.panorama for item in items})
    here = f"{split}: {len(items):,} questions, {panoramas:,} panoramas"
    if split not in RELEASED or (root / _BUILT).is_file():
        return f"{here}, not of the release"
    questions, places = RELEASED[split]
    if len(items) > questions or panoramas > places:
        return f"{here}, more than the released {questions:,} questions and {places} panoramas: another set"
    if (len(items), panoramas) == (questions, places):
        return f"{split}: all {questions:,} released questions, all {places} panoramas"
    part = f"{len(items):,} of the released {questions:,} questions"
    return f"{split}: {part}, {panoramas} of {places} panoramas"
