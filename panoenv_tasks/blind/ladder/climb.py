"""The whole ladder over a set of questions, every fitted answer from other environments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from panoenv_tasks.blind.ladder.known import check_known
from panoenv_tasks.blind.ladder.rungs import (
    Rung,
    by_constant,
    by_forest,
    by_geometry,
    by_template,
)
from panoenv_tasks.items import Item

#: Environments are cut into this many groups; each is answered by what the others taught.
FOLDS = 10

Result = TypeVar("Result")


def climb(items: Sequence[Item], fit_on: Sequence[Item] | None = None) -> dict[Rung, list[str]]:
    """Answer every item on every rung.

    Args:
        items: The questions to answer.
        fit_on: Where the fitted rungs learn, None for ``items`` themselves. Either way no item is
            answered by anything fitted on its own environment, so val and test may share environments.

    Returns:
        Per rung one answer text per item, in their order; the same every time.
    """
    known = items if fit_on is None else fit_on
    return {
        "constant": by_constant(items),
        "template": held_out(known, items, by_template),
        "forest": held_out(known, items, by_forest),
        "geometry": by_geometry(items),
    }


def held_out(
    known: Sequence[Item],
    items: Sequence[Item],
    learn_and_tell: Callable[[Sequence[Item], Sequence[Item]], Sequence[Result]],
) -> list[Result]:
    """Return one result per item, each from what was learned outside of the item's environment.

    ``learn_and_tell`` gets the known items of all other folds and the items of one fold.

    Raises:
        DataError: Test questions among the known ones; nothing is ever fitted on them.
    """
    check_known(known)
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
