"""Every kind of thing by itself."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes import kinds
from panoenv_tasks.synthesis.scenes.solids import Model, bounds

MAKERS = {
    name: maker
    for module in pkgutil.iter_modules(kinds.__path__)
    for name, maker in vars(importlib.import_module(f"{kinds.__name__}.{module.name}")).items()
    if inspect.isfunction(maker) and not name.startswith("_") and maker.__annotations__["return"] == "Model"
}


def test_there_are_dozens_of_kinds():
    labels = {maker(Dice(0)).label for maker in MAKERS.values()}
    assert len(labels) == len(MAKERS) >= 80


@pytest.mark.parametrize("name", MAKERS)
def test_a_kind_stands_at_the_origin_in_a_plausible_size(name):
    for seed in range(3):
        model = MAKERS[name](Dice(seed))
        assert isinstance(model, Model)
        (x, y, z), size = bounds(model.parts)
        assert -0.25 < y - size[1] / 2 < 0.12
        assert abs(x) < 0.15 * size[0] + 0.2
        assert abs(z) < 0.5 * size[2] + 0.2
        assert 0.05 < max(size) < 45
        assert min(size) > 0


@pytest.mark.parametrize("name", MAKERS)
def test_labels_can_be_asked_about(name):
    label = MAKERS[name](Dice(0)).label
    words = label.split(" ")
    assert 1 <= len(words) <= 3
    assert label == label.lower()
    # Words that answers about directions, distances or several options are read by.
    reserved = set(
        "front back left right top bottom up down over under above below and or in on at of m".split()
    )
    assert not reserved & set(words)
    assert all(len(word) > 2 for word in words)
