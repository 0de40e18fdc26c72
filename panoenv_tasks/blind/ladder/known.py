"""Which questions blind answering may be learned on: train and val, never test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panoenv_tasks.items import DataError, Item
from panoenv_tasks.sources import load_items


def load_known(path: Path | None, split: str) -> list[Item] | None:
    """Load the questions to learn on; None where none were named.

    Raises:
        DataError: They cannot be read, or are of the test split.
    """
    if path is None:
        return None
    items = load_items(path, split)
    check_known(items)
    return items


def check_known(items: Sequence[Item]) -> None:
    """Check that blind answering may be learned on these questions.

    Raises:
        DataError: Test questions among them.
    """
    if any(item.split == "test" for item in items):
        raise DataError("blind answers are not learned on the test split; give train or val questions: --fit")
