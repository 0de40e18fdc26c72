"""Learning without peeking: what may be learned on, and no question answered by its own environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from panoenv_tasks.items import DataError, Item
from panoenv_tasks.sources import load_items

#: Environments are cut into this many groups; each is answered by what the others taught.
FOLDS = 10

Result = TypeVar("Result")


def load_fit_items(path: Path | None, split: str) -> list[Item] | None:
    """Load the questions to learn on; None where none were named.

    Raises:
        DataError: They cannot be read, or are of the test split.
    """
    if path is None:
        return None
    items = load_items(path, split)
    check_may_learn(items)
    return items


def check_may_learn(items: Sequence[Item]) -> None:
    """Check that blind answering may be learned on these questions.

    Raises:
        DataError: Test questions among them.
    """
    if any(item.split == "test" for item in items):
        raise DataError("blind answers are not learned on the test split; give train or val questions: --fit")


def cross_fit(
    known: Sequence[Item],
    items: Sequence[Item],
    learn_and_tell: Callable[[Sequence[Item], Sequence[Item]], Sequence[Result]],
) -> list[Result]:
    """Return one result per item, each from what was learned outside of the item's environment.

    ``learn_and_tell`` gets the known items of all other folds and the items of one fold.

    Raises:
        DataError: Test questions among the known ones; nothing is ever fitted on them.
    """
    check_may_learn(known)
    results: dict[int, Result] = {}
    for inside in folds(known, items):
        asked = [i for i, item in enumerate(items) if item.environment in inside]
        if asked:
            outside = [item for item in known if item.environment not in inside]
            results.update(zip(asked, learn_and_tell(outside, [items[i] for i in asked]), strict=True))
    return [results[i] for i in range(len(items))]


def folds(*item_sets: Sequence[Item]) -> Iterator[frozenset[str]]:
    """Yield the folds as sets of environment names.

    A fold is a stretch of the alphabet, so that variants of one place (OldTownFall, OldTownNight) are
    mostly held out together.
    """
    names = sorted({item.environment for items in item_sets for item in items})
    for fold in range(FOLDS):
        inside = names[fold * len(names) // FOLDS : (fold + 1) * len(names) // FOLDS]
        if inside:
            yield frozenset(inside)
