"""A split as the samples show it: its questions, verified by fingerprint, and their cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import yaml

from leaderboard.cells import cells
from leaderboard.samples import QUESTION_COLUMNS
from panoenv_tasks.items import Item, fingerprint
from panoenv_tasks.taxonomy import recognise

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Manifest:
    """The questions of one dataset, sorted by id.

    Attributes:
        fingerprint: As recorded by the runs and recomputed from the questions.
        verified: Whether the two agree; False for a part of a split that cannot be recomputed.
        frame: ``QUESTION_COLUMNS``, sorted by id.
        items: The same as records.
        masks: Per non-empty cell, which questions it holds; shape (n,).
        panoramas: Index of each question's panorama; shape (n,).
        environments: Index of each question's environment; shape (n,).
    """

    fingerprint: str
    verified: bool
    frame: pl.DataFrame
    items: tuple[Item, ...]
    masks: dict[str, npt.NDArray[np.bool_]]
    panoramas: npt.NDArray[np.int64]
    environments: npt.NDArray[np.int64]

    @property
    def panorama_names(self) -> list[str]:
        """``environment/frame`` names in the order of their index."""
        return sorted({item.panorama for item in self.items})


def build_manifest(questions: pl.DataFrame, recorded: str) -> Manifest:
    """Make a manifest from question columns that are sorted by id and free of duplicates."""
    items = tuple(_item(row) for row in questions.select(QUESTION_COLUMNS).iter_rows(named=True))
    masks = {c.key: np.array([c.holds(i) for i in items], dtype=np.bool_) for c in cells()}
    return Manifest(
        fingerprint=recorded,
        verified=fingerprint(items) == recorded,
        frame=questions.select(QUESTION_COLUMNS),
        items=items,
        masks={key: mask for key, mask in masks.items() if mask.any()},
        panoramas=np.unique([i.panorama for i in items], return_inverse=True)[1],
        environments=np.unique([i.environment for i in items], return_inverse=True)[1],
    )


@lru_cache(maxsize=1)
def known_datasets() -> dict[str, dict[str, Any]]:
    """Return the datasets this project knows: fingerprint -> name, split, items, source."""
    text = resources.files("leaderboard").joinpath("data/datasets.yaml").read_text("utf-8")
    return {entry["sha256"]: entry for entry in yaml.safe_load(text)["datasets"]}


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
