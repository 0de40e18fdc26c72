"""What the questions about one panorama give away together: its environment.

Every question that offers environments offers the true one, beside others that change from question to
question. Whoever reads them together finds the name that is on every list, and with it what is publicly
known of that environment. The questions of a panorama are asked one by one, but all are in one file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.blind.boxes import BoxEstimates
from panoenv_tasks.blind.guess import Guess, yes_or_no
from panoenv_tasks.items import Item
from panoenv_tasks.places import RELEASED_KINDS, place_of
from panoenv_tasks.taxonomy import recognise

_OFFERS = ("env_mcq", "env_confusable_pair")
_PROPOSES = ("env_binary_judgement", "env_scene_judgement")


def guess_together(items: Sequence[Item], estimates: BoxEstimates) -> list[Guess]:
    """Answer items as ``answerer.guess`` does, those about the environment from all of their panorama.

    Args:
        items: Whole panoramas, in any order; a panorama of which some questions are missing gives less away.
        estimates: What to believe of an object from its box.
    """
    together: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        together[item.panorama].append(item)
    environments = {panorama: _environment(own) for panorama, own in together.items()}
    return [_about(item, environments[item.panorama]) or guess(item, estimates) for item in items]


def _environment(items: Sequence[Item]) -> str | None:
    """Return the name on most lists, of equals the one proposed more often; None when it is a draw."""
    lists, proposed = Counter[str](), Counter[str]()
    for item in items:
        wording = recognise(item.question)
        if wording and item.subcategory in _OFFERS:
            lists.update({*item.options})
        elif wording and item.subcategory in _PROPOSES and wording.environment:
            proposed[wording.environment] += 1
    ranked = sorted(((lists[name], proposed[name], name) for name in lists | proposed), reverse=True)
    if not ranked or [rank[:2] for rank in ranked[:2]] == [ranked[0][:2]] * 2:
        return None
    return ranked[0][2]


def _about(item: Item, environment: str | None) -> Guess | None:
    """Answer a question about the environment from its name; None where that does not help."""
    if environment is None or item.category != "environment":
        return None
    wording, (place, _) = recognise(item.question), place_of(environment)
    because = f"The questions about this panorama have one environment in common: {environment}."
    if wording and item.subcategory in _PROPOSES:
        return Guess(yes_or_no(wording.environment == environment), because, 1.0)
    known = [environment]
    if place is not None:
        known += [place.kind, RELEASED_KINDS[place.kind], f"{place.setting.capitalize()}s"]
    named = next((option for option in item.options if option in known), None)
    return Guess(named, because, 1.0) if named else None
