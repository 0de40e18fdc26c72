"""Task names: ``panoenv[_val|_mini|_twins|_mini_twins][_<category>][_<condition>]``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from panoenv_tasks.items import Category, Split
from panoenv_tasks.perturb import CONDITIONS, WITHOUT_COORDINATES, Condition, categories

#: The suffix of each group's base name and the split behind it; training data is not a task.
SPLIT_SUFFIXES: dict[Split, str] = {
    "test": "",
    "val": "_val",
    "mini": "_mini",
    "twins": "_twins",
    "mini_twins": "_mini_twins",
}
#: Splits whose questions come in pairs, and the conditions under which they are asked.
PAIRED: tuple[Split, ...] = ("twins", "mini_twins")
_PAIRED_CONDITIONS: tuple[Condition, ...] = ("full", "noimage", "noimage_nobox", "marked")


@dataclass(frozen=True)
class Selection:
    """Which questions a task holds and how it shows them; ``category`` None stands for a group."""

    split: Split
    category: Category | None
    condition: Condition

    @property
    def suffix(self) -> str:
        """The part of the name that states the split: empty, ``_val`` or ``_mini``."""
        return SPLIT_SUFFIXES[self.split]

    @property
    def paired(self) -> bool:
        """Whether its questions come in pairs."""
        return self.split in PAIRED

    @property
    def group(self) -> str:
        """The name of the group, which is also the prefix of no other name's meaning."""
        return f"panoenv{self.suffix}{self._condition}"

    @property
    def name(self) -> str:
        """The task's name, or the group's when there is no category."""
        if self.category is None:
            return self.group
        return f"panoenv{self.suffix}_{self.category}{self._condition}"

    @property
    def _condition(self) -> str:
        return "" if self.condition == "full" else f"_{self.condition}"


def groups() -> Iterator[Selection]:
    """Yield every group: each split by the conditions that make sense for it."""
    for split in SPLIT_SUFFIXES:
        for condition in _PAIRED_CONDITIONS if split in PAIRED else CONDITIONS:
            yield Selection(split, None, condition)


def leaves(group: Selection) -> list[Selection]:
    """Return the tasks of a group: one per category of which its condition can show questions."""
    shown = list(categories(group.condition))
    if group.paired and group.condition not in WITHOUT_COORDINATES:
        # Coordinates tell the view, so no pair of views can be asked with them.
        shown.remove("view_source")
    return [Selection(group.split, category, group.condition) for category in shown]


def by_name() -> dict[str, Selection]:
    """Return every group and task by its name."""
    selections = {}
    for group in groups():
        for selection in (group, *leaves(group)):
            selections[selection.name] = selection
    return selections
