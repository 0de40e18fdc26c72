"""Six ways to answer without the image, each knowing more than the one before.

``constant`` knows a question's type, ``template`` its wording, ``forest`` the printed boxes, ``geometry``
also the rules of a panorama, ``ranges`` also how far and large things of a name are, ``panorama`` also the
other questions about the same panorama. All but the first and ``geometry`` are fitted on other environments.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from statistics import median
from typing import Any, Literal

import numpy as np

from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.blind.cross_fitting import cross_fit
from panoenv_tasks.blind.encoding import Features, Target, choices, encode, features, kind_of, spell
from panoenv_tasks.blind.guess import Guess, constant, lead, yes_or_no
from panoenv_tasks.blind.range_model import learn_estimates
from panoenv_tasks.items import Item
from panoenv_tasks.places import RELEASED_KINDS, place_of
from panoenv_tasks.taxonomy import Wording, recognise

Rung = Literal["constant", "template", "forest", "geometry", "ranges", "panorama"]

#: Votes that ``template`` gives to the constant before it counts: a majority of a handful is noise.
_VOTES_FOR_CONSTANT = 10
_COUNTED = "The commonest answer to this wording in other environments."
_GROWN = "A random forest on the printed boxes, grown on other environments."
_TREES = 100
_LEAST_ROWS = 8
_OFFERS = ("env_mcq", "env_confusable_pair")
_PROPOSES = ("env_binary_judgement", "env_scene_judgement")


def by_constant(items: Sequence[Item]) -> list[Guess]:
    """Answer every item with the constant of its type."""
    return [constant(item) for item in items]


def by_geometry(items: Sequence[Item]) -> list[Guess]:
    """Answer every item by closed-form geometry."""
    return [guess(item) for item in items]


def by_template(known: Sequence[Item], items: Sequence[Item]) -> list[Guess]:
    """Answer with the commonest gold answer to the same wording among ``known`` items.

    The commonest option by position, the commonest relation, the median distance. A wording that
    ``known`` never asks gets what is commonest in its sub-category, and without that the constant.
    """
    seen: dict[object, list[Target]] = defaultdict(list)
    for item in known:
        if (target := encode(item)) is not None:
            seen[item.subcategory].append(target)
            seen[_wording_of(item)].append(target)
    return [
        _commonest(item, seen.get(_wording_of(item)) or seen.get(item.subcategory) or []) for item in items
    ]


def by_forest(known: Sequence[Item], items: Sequence[Item]) -> list[Guess]:
    """Answer with a random forest per sub-category, grown on ``known`` items.

    An item whose wording is unknown, or whose sub-category has too few known items, gets the answer of
    ``by_template``.
    """
    answers = by_template(known, items)
    groups: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        if recognise(item.question):
            groups[item.subcategory].append(index)
    for subcategory, indices in groups.items():
        rows = [row for item in known if item.subcategory == subcategory for row in _rows(item)]
        if len(rows) >= _LEAST_ROWS:
            asked = [items[i] for i in indices]
            for index, answer in zip(indices, _grow_and_ask(rows, asked), strict=True):
                answers[index] = answer
    return answers


def by_ranges(known: Sequence[Item], items: Sequence[Item]) -> list[Guess]:
    """Answer by geometry with ranges and sizes learned from ``known`` items."""
    estimates = learn_estimates(known)
    return [guess(item, estimates) for item in items]


def by_panorama(known: Sequence[Item], items: Sequence[Item]) -> list[Guess]:
    """Answer as ``by_ranges`` does, and the environment from all questions of a panorama together.

    Every question that offers environments offers the true one, beside others that change from question
    to question. Whoever reads them together finds the name that is on every list, and with it what is
    publicly known of that environment. The questions of a panorama are asked one by one, but all are in
    one file. A panorama of which some questions are missing gives less away.
    """
    estimates = learn_estimates(known)
    by_frame: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_frame[item.panorama].append(item)
    environments = {panorama: _environment(asked) for panorama, asked in by_frame.items()}
    return [_about(item, environments[item.panorama]) or guess(item, estimates) for item in items]


def answer_on_every_rung(
    items: Sequence[Item], fit_on: Sequence[Item] | None = None
) -> dict[Rung, list[Guess]]:
    """Answer every item on every rung.

    Args:
        items: The questions to answer.
        fit_on: Where the fitted rungs learn, None for ``items`` themselves. Either way no item is
            answered by anything fitted on its own environment, so val and test may share environments.

    Returns:
        Per rung one guess per item, in their order; the same every time.
    """
    known = items if fit_on is None else fit_on
    return {
        "constant": by_constant(items),
        "template": cross_fit(known, items, by_template),
        "forest": cross_fit(known, items, by_forest),
        "geometry": by_geometry(items),
        "ranges": cross_fit(known, items, by_ranges),
        "panorama": cross_fit(known, items, by_panorama),
    }


def _rows(item: Item) -> Iterator[tuple[Features, Target]]:
    """Yield what a forest learns from an item: itself, or its objects in every order.

    The order in which a question names the objects it offers as options means nothing.
    """
    wording, target = recognise(item.question), encode(item)
    if wording is None or target is None:
        return
    if not item.options or item.options != tuple(box.answer_name for box in wording.objects):
        yield features(wording), target
        return
    for order in permutations(range(len(wording.objects))):
        reordered = replace(wording, objects=tuple(wording.objects[i] for i in order))
        yield features(reordered), (float(order.index(int(target[0]))),)


def _grow_and_ask(rows: Sequence[tuple[Features, Target]], asked: Sequence[Item]) -> list[Guess]:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    vectors = np.array([vector for vector, _ in rows])
    targets = np.array([target for _, target in rows])
    questions = np.array([features(w) for item in asked if (w := recognise(item.question))])
    settings: dict[str, Any] = {"n_estimators": _TREES, "min_samples_leaf": 2, "random_state": 0}
    if kind_of(asked[0]) == "distance":
        logs = RandomForestRegressor(**settings).fit(vectors, targets[:, 0]).predict(questions)
        return [Guess(spell(item, (float(log),)), _GROWN) for item, log in zip(asked, logs, strict=True)]
    # One forest per column of the target: a relation has three, everything else one.
    shares = []
    for column in targets.T:
        forest = RandomForestClassifier(**settings).fit(vectors, column)
        shares.append((forest.classes_, forest.predict_proba(questions)))
    return [
        _likeliest(item, [(classes, share[row]) for classes, share in shares])
        for row, item in enumerate(asked)
    ]


def _likeliest(item: Item, columns: Sequence[tuple[Any, Any]]) -> Guess:
    """Spell the likeliest class of every column, among those that the item offers."""
    picked, margins = [], []
    for classes, shares in columns:
        offered = [(s, value) for s, value in zip(shares, classes, strict=True) if _offers(item, value)]
        share, value = max(offered, default=(0.0, 0.0))
        picked.append(float(value))
        margins.append(lead([share, *(s for s, other in offered if other != value), 0.0]))
    return Guess(spell(item, tuple(picked)), _GROWN, min(margins))


def _commonest(item: Item, targets: Sequence[Target]) -> Guess:
    usual = constant(item).answer
    if not targets:
        return constant(item)
    if kind_of(item) == "distance":
        return Guess(spell(item, (median(t[0] for t in targets),)), _COUNTED)
    votes = Counter(spell(item, target) for target in targets if _offers(item, target[0]))
    if kind_of(item) == "choice":
        votes[usual] += _VOTES_FOR_CONSTANT
    return Guess(max(votes, key=lambda answer: (votes[answer], answer)), _COUNTED, lead([*votes.values(), 0]))


def _offers(item: Item, value: float) -> bool:
    return kind_of(item) != "choice" or value < len(choices(item))


def _wording_of(item: Item) -> object:
    wording: Wording | None = recognise(item.question)
    return wording and (wording.template, wording.direction, wording.extreme)


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
    names = [environment]
    if place is not None:
        names += [place.kind, RELEASED_KINDS[place.kind], f"{place.setting.capitalize()}s"]
    named = next((option for option in item.options if option in names), None)
    return Guess(named, because, 1.0) if named else None
