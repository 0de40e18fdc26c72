"""Ranges and sizes learned from planted answers."""

from __future__ import annotations

import pytest
from support.questions import item_of

from panoenv_tasks.blind.boxes import BY_GEOMETRY, estimated_range
from panoenv_tasks.blind.range_model import learn_estimates
from panoenv_tasks.items import Box, Item


def printed(label: str, x: int, y: int = 600, size: int = 100) -> str:
    return f"the {label} (boundingbox: [{x}, {y}, {x + size}, {y + size}])"


def box(label: str, x: int = 1000, y: int = 600, size: int = 100) -> Box:
    return Box(label, "", x, y, x + size, y + size)


def distances(factor_of: dict[str, float], each: int = 12) -> list[Item]:
    """Questions whose golds are the closed form's range times a factor of the label."""
    items = []
    for label, factor in factor_of.items():
        for n in range(each):
            size = 40 + 15 * n
            metres = factor * estimated_range(box(label, 100, 620, size))
            question = f"How far is {printed(label, 100, 620, size)} from the viewer?"
            items.append(item_of(question, f"About {metres:.3f} meters", f"Place{n}"))
    return items


def test_without_answers_it_is_the_closed_form() -> None:
    assert learn_estimates([]) == BY_GEOMETRY
    assert learn_estimates(distances({"lamp": 2.0}, each=9)) == BY_GEOMETRY


def test_a_label_that_is_always_twice_as_far_is_believed_so_and_a_new_one_is_between() -> None:
    estimates = learn_estimates(distances({"lamp": 2.0, "sofa": 0.5}))
    assert estimates.range_of(box("lamp")) / estimated_range(box("lamp")) == pytest.approx(2, rel=0.25)
    assert estimates.range_of(box("sofa")) / estimated_range(box("sofa")) == pytest.approx(0.5, rel=0.25)
    assert 0.7 < estimates.range_of(box("crate")) / estimated_range(box("crate")) < 1.4


def orders(question: str, answer: str) -> list[Item]:
    lamp, door = printed("lamp", 300), printed("door", 900)
    return [item_of(question.format(lamp, door), answer, f"Place{n}") for n in range(12)]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Is {0} closer to the viewer than {1}?", "Yes"),
        ("Is {1} closer to the viewer than {0}?", "No"),
        ("Which object is closer to the viewer, {0} or {1}?", "The lamp"),
    ],
)
def test_orders_teach_which_label_is_nearer(question: str, answer: str) -> None:
    estimates = learn_estimates(orders(question, answer))
    assert estimates.range_of(box("lamp")) < 0.8 * estimates.range_of(box("door"))
    assert estimates.point_of(box("lamp"))[2] != BY_GEOMETRY.point_of(box("lamp"))[2]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Between {0} and {1}, which one is physically bigger?", "The door"),
        ("Which of these two objects, {0} or {1}, occupies less space in 3D?", "The lamp"),
    ],
)
def test_volumes_teach_which_label_is_larger(question: str, answer: str) -> None:
    estimates = learn_estimates(orders(question, answer))
    assert estimates.area_of(box("lamp")) < 0.8 * estimates.area_of(box("door"))
    assert estimates.range_of is BY_GEOMETRY.range_of
