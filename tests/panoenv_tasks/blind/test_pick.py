"""One question per panorama and kind: what blind answerers guess is not what is picked."""

from __future__ import annotations

from random import Random

import pytest
from support.questions import item_of

from panoenv_tasks.blind.pick import pick_one_each
from panoenv_tasks.items import Item

PLACES = [f"Place{n}" for n in range(8)]
VIEW = "Which view (front/back/left/right/top/bottom) is the lamp {} most likely from?"


def box(x: int, y: int = 600, size: int = 100) -> str:
    return f"(boundingbox: [{x}, {y}, {x + size}, {y + size}])"


def nearer(random: Random, environment: str, low_is_nearer: float) -> Item:
    """Which is nearer of two things of one size: a blind answerer takes the lower one."""
    y = random.sample(range(660, 1000), 2)
    low, high = ("lamp", "sofa") if y[0] > y[1] else ("sofa", "lamp")
    answer = low if random.random() < low_is_nearer else high
    question = (
        f"Measured from the camera, which is nearer: the lamp {box(100 + random.randrange(90), y[0])} "
        f"or the sofa {box(1500 + random.randrange(90), y[1])}?"
    )
    return item_of(question, f"The {answer}", environment)


@pytest.mark.slow
def test_of_guessable_and_other_candidates_half_are_guessed_and_sides_are_even() -> None:
    random = Random(3)
    candidates = [nearer(random, name, 0.75) for name in PLACES for _ in range(12)]
    known = [nearer(random, f"Other{n}", 1.0) for n in range(10) for _ in range(10)]
    picked, kinds = pick_one_each(candidates, known)
    assert [item.environment for item in picked] == PLACES
    fared = kinds["depth_compare"]
    assert (fared.candidates, fared.chance) == (96, 0.5)
    assert fared.before["forest"] > 0.6
    assert set(fared.after.values()) == {0.5}
    assert sum(item.answer == "The lamp" for item in picked) == 4
    assert pick_one_each(candidates, known)[0] == picked


def test_what_boxes_always_tell_is_picked_all_the_same_and_said() -> None:
    items = [
        item_of(VIEW.format(box(1200 + n, 560 + k)), "Front", name)
        for n, name in enumerate(PLACES)
        for k in range(3)
    ]
    picked, kinds = pick_one_each(items, [item_of(VIEW.format(box(1200)), "Front", "Elsewhere")])
    assert len(picked) == 8
    assert kinds["primary_view"].after["geometry"] == 1.0
