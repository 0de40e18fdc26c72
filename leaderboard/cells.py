"""The cells of the table: which questions count towards which column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from panoenv_tasks.items import CATEGORIES, Item
from panoenv_tasks.taxonomy import subcategories

CellKind = Literal["total", "type", "open_ended", "category", "subcategory"]


@dataclass(frozen=True)
class Cell:
    """A column of scores. ``key`` names it in files, ``label`` on pages; ``parent`` is its group."""

    key: str
    label: str
    kind: CellKind
    parent: str
    holds: Callable[[Item], bool]


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
    return (
        Cell("acc", "All", "total", "", lambda item: True),
        *(Cell(key, label, "type", "acc", _of_type(kind)) for key, label, kind in types),
        *(Cell(key, label, "open_ended", "oe", _of_part(m)) for key, label, m in parts),
        *(Cell(c, words(c), "category", "acc", _of_category(c)) for c in CATEGORIES),
        *(
            Cell(s, words(s), "subcategory", category, _of_subcategory(s))
            for s, category in subcategories().items()
        ),
    )


def words(key: str) -> str:
    """Return a key as a label: ``relative_position`` becomes ``Relative position``."""
    text = key.replace("_", " ").replace("relpos", "pos.").replace("env ", "env. ")
    text = text.replace(" mcq", " choice").replace("straightline", "straight line")
    return text[:1].upper() + text[1:]


def _of_type(kind: str) -> Callable[[Item], bool]:
    return lambda item: item.question_type == kind


def _of_part(methods: tuple[str, ...]) -> Callable[[Item], bool]:
    return lambda item: item.question_type == "open_ended" and item.method in methods


def _of_category(category: str) -> Callable[[Item], bool]:
    return lambda item: item.category == category


def _of_subcategory(subcategory: str) -> Callable[[Item], bool]:
    return lambda item: item.subcategory == subcategory
