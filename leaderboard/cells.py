"""The cells of the table: which questions count towards which column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from panoenv_tasks.items import CATEGORIES, Item
from panoenv_tasks.taxonomy import subcategories

CellKind = Literal["total", "type", "open_ended", "category", "subcategory"]


@dataclass(frozen=True)
class Cell:
    """A column of scores. ``key`` names it in files, ``label`` on pages; ``parent`` is its group.

    It holds the questions that have, in each of some fields, one of some values.
    """

    key: str
    label: str
    kind: CellKind
    parent: str
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def holds(self, item: Item) -> bool:
        """Whether a question counts here."""
        return all(getattr(item, name) in values for name, values in self.fields.items())


@cache
def table_cells() -> tuple[Cell, ...]:
    """Return all 38 cells in table order: total, types, parts of open-ended, categories, the 26."""
    types = (
        ("tf", "True / false", "true_false"),
        ("mcq", "Multiple choice", "multiple_choice"),
        ("oe", "Open-ended", "open_ended"),
    )
    parts = (
        ("oe_distance", "OE distance", ("distance",)),
        ("oe_count", "OE count", ("counting",)),
        ("oe_relation", "OE relation", ("spatial", "default")),
    )
    open_ended = {"question_type": ("open_ended",)}
    return (
        Cell("acc", "All", "total", ""),
        *(Cell(key, label, "type", "acc", {"question_type": (name,)}) for key, label, name in types),
        *(Cell(key, label, "open_ended", "oe", open_ended | {"method": m}) for key, label, m in parts),
        *(Cell(c, words(c), "category", "acc", {"category": (c,)}) for c in CATEGORIES),
        *(
            Cell(s, words(s), "subcategory", category, {"subcategory": (s,)})
            for s, category in subcategories().items()
        ),
    )


def words(key: str) -> str:
    """Return a key as a label: ``relative_position`` becomes ``Relative position``."""
    text = key.replace("_", " ").replace("relpos", "pos.").replace("env ", "env. ")
    text = text.replace(" mcq", " choice").replace("straightline", "straight line")
    return text[:1].upper() + text[1:]
