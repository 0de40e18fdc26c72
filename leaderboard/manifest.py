"""A split as the samples show it: its questions, verified by fingerprint, and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from leaderboard.cells import cells
from leaderboard.samples import DESCRIBED, FINGERPRINTED, Record, question_key
from panoenv_tasks.items import Item
from panoenv_tasks.taxonomy import recognise


@dataclass(frozen=True)
class Manifest:
    """The questions of one dataset under one condition, sorted by id.

    Attributes:
        dataset: Fingerprint that the runs recorded.
        verified: Whether the questions were held to that fingerprint; False for a part of a split
            whose rest nobody has shown.
        items: The questions.
        keys: Per question what the fingerprint covers.
        cells: Keys of the cells that hold a question; the first is the total.
        masks: Which questions each of them holds; shape (n, cells).
        panoramas: Index of each question's panorama; shape (n,).
        environments: Index of each question's environment; shape (n,).
    """

    dataset: str
    verified: bool
    items: tuple[Item, ...]
    keys: list[tuple[str, ...]]
    cells: tuple[str, ...]
    masks: npt.NDArray[np.bool_]
    panoramas: npt.NDArray[np.int64]
    environments: npt.NDArray[np.int64]

    @property
    def panorama_names(self) -> list[str]:
        """``environment/frame`` names in the order of their index."""
        return sorted({item.panorama for item in self.items})


def build_manifest(items: Sequence[Item], dataset: str, verified: bool) -> Manifest:
    """Make a manifest of distinct items."""
    ordered = tuple(sorted(items, key=lambda item: item.id))
    every = cells()
    masks = np.array([[cell.holds(item) for cell in every] for item in ordered], dtype=np.bool_)
    filled = [bool(mask.any()) for mask in masks.T]
    return Manifest(
        dataset=dataset,
        verified=verified,
        items=ordered,
        keys=[question_key(item) for item in ordered],
        cells=tuple(cell.key for cell, some in zip(every, filled, strict=True) if some),
        masks=masks[:, filled],
        panoramas=np.unique([i.panorama for i in ordered], return_inverse=True)[1],
        environments=np.unique([i.environment for i in ordered], return_inverse=True)[1],
    )


def items_of(records: Sequence[Record]) -> tuple[Item, ...]:
    """Return the questions of samples as items; boxes are read from the wording."""
    names = (*FINGERPRINTED, *DESCRIBED)
    return tuple(_item({name: getattr(record, name) for name in names}) for record in records)


@lru_cache(maxsize=1)
def released_fingerprints() -> dict[str, str]:
    """Return split -> fingerprint of the released splits whose questions this project has seen."""
    text = resources.files("leaderboard").joinpath("data/datasets.yaml").read_text("utf-8")
    return {entry["split"]: entry["sha256"] for entry in yaml.safe_load(text)["datasets"]}


def _item(row: dict[str, Any]) -> Item:
    wording = recognise(row["question"])
    boxes = wording.objects if wording else ()
    return Item(
        **row,
        boxes=boxes,
        options=wording.options if wording else (),
        image=None,
        image_kind="none",
        touches_seam=any(box.touches_seam for box in boxes),
    )
