"""Task names: ``panoenv[_val|_mini][_<category>][_<condition>]``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from panoenv_tasks.items import Category, Split
from panoenv_tasks.perturb import CONDITIONS, Condition, categories

#: The suffix of each group's base name and the split behind it; training data is not a task.
SPLIT_SUFFIXES: dict[Split, str] = {"test": "", "val": "_val", "mini": "_mini"}


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
    """Yield every group: three splits by all conditions."""
    for split in SPLIT_SUFFIXES:
        for condition in CONDITIONS:
            yield Selection(split, None, condition)


def leaves(group: Selection) -> list[Selection]:
    """Return the tasks of a group: one per category of which its condition can show questions."""
    return [Selection(group.split, category, group.condition) for category in categories(group.condition)]


def by_name() -> dict[str, Selection]:
    """Return every group and task by its name."""
    found = {}
    for group in groups():
        for selection in (group, *leaves(group)):
            found[selection.name] = selection
    return found
