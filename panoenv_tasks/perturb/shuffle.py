"""Another environment's panorama for every question: does the model look at all?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from panoenv_tasks.items import DataError, Item


def donors(items: Sequence[Item]) -> dict[str, str]:
    """Return for each panorama (``environment/frame``) the one whose picture is shown instead.

    A permutation, so that every picture is shown as often as before. In alphabetical order the donor is
    half the list away: never the same environment, and not its neighbours in the alphabet, which are
    variants of one place (OldTownFall, OldTownNight). The same whatever the order of ``items``.

    Raises:
        DataError: One environment has more than half of the panoramas.
    """
    environments = {item.panorama: item.environment for item in items}
    panoramas = sorted(environments, key=lambda name: (environments[name], name))
    counts = Counter(environments.values())
    largest, held = counts.most_common(1)[0] if counts else ("", 0)
    if held * 2 > len(panoramas):
        raise DataError(
            f"condition shuffled needs pictures of other environments, but {held} of {len(panoramas)} "
            f"panoramas are of {largest}"
        )
    half = len(panoramas) // 2
    return {name: panoramas[(i + half) % len(panoramas)] for i, name in enumerate(panoramas)}


def shown_instead(items: Sequence[Item]) -> Mapping[str, Item]:
    """Return per item id the item whose picture is shown: of the same sub-category where there is one.

    That matters for the release's drawings, of which each question has its own.

    Raises:
        DataError: See ``donors``.
    """
    by_panorama: dict[str, dict[str, Item]] = defaultdict(dict)
    for item in items:
        by_panorama[item.panorama].setdefault(item.subcategory, item)
    chosen = donors(items)
    shown = {}
    for item in items:
        offered = by_panorama[chosen[item.panorama]]
        shown[item.id] = offered.get(item.subcategory) or next(iter(offered.values()))
    return shown
