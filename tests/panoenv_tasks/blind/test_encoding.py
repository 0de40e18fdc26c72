from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from support.questions import inner_boxes, item_of, printed
from support.shared import shared_file

from panoenv_tasks import load_items, score
from panoenv_tasks.blind.encoding import Target, encode, features, spell
from panoenv_tasks.items import Box
from panoenv_tasks.taxonomy import Wording, recognise

A = "(boundingbox: [100, 600, 200, 700])"
B = "(boundingbox: [900, 600, 1000, 700])"
RELATION = f"Describe the 3D position of the lamp {A} with respect to the sofa {B}."

CASES = [
    (f"Is the lamp {A} closer to the viewer than the sofa {B}?", "Yes", (0.0,)),
    (f"Is the lamp {A} closer to the viewer than the sofa {B}?", "No", (1.0,)),
    (f"Which object looks flatter, the lamp {A} or the sofa {B}?", "The sofa", (1.0,)),
    (f"Which object looks flatter, the lamp A {A} or the lamp B {B}?", "Lamp A", (0.0,)),
    (f"Which view (front/back/left/right/top/bottom) is the lamp {A} most likely from?", "Top", (4.0,)),
    ("Which environment is a better fit for the image: Rome or Ruins?", "Ruins", (1.0,)),
    (
        f"How many camera views (front/back/left/right/top/bottom) can observe the lamp {A}?",
        "3 different views",
        (2.0,),
    ),
    (f"How far is the lamp {A} from the viewer?", "About 4.2 meters", (math.log(4.2),)),
    (RELATION, "The lamp is behind and to the left of the sofa.", (-1.0, -1.0, 0.0)),
    (RELATION, "The lamp is in front of and to the right of and above the sofa.", (1.0, 1.0, 1.0)),
    (RELATION, "The lamp is at a similar position to the sofa.", (0.0, 0.0, 0.0)),
]


@pytest.mark.parametrize(("question", "answer", "target"), CASES)
def test_answers_are_numbers_and_back(question: str, answer: str, target: Target) -> None:
    item = item_of(question, answer)
    assert encode(item) == pytest.approx(target)
    assert spell(item, target) == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [(CASES[0][0], "Perhaps"), (CASES[2][0], "The bed"), (CASES[6][0], "9 views"), (CASES[7][0], "Far away")],
)
def test_an_answer_of_another_kind_is_none(question: str, answer: str) -> None:
    assert encode(item_of(question, answer)) is None


def test_every_released_answer_survives_the_round_trip() -> None:
    for item in load_items(shared_file("panoenv_val.jsonl"), "val"):
        target = encode(item)
        assert target is not None
        assert spell(item, target) == item.answer
        assert score(item, f"<Answer>{spell(item, target)}</Answer>", "strict").correct


def wording_of(*boxes: Box) -> Wording:
    wording = recognise(f"Is the {printed(boxes[0])} closer to the viewer than the {printed(boxes[1])}?")
    assert wording is not None
    return wording


@given(inner_boxes("lamp"), inner_boxes("sofa"))
def test_features_of_swapped_objects_are_swapped(a: Box, b: Box) -> None:
    here, swapped = features(wording_of(a, b)), features(wording_of(b, a))
    assert here.shape == (55,)
    assert np.isfinite(here).all()
    assert np.array_equal(here[:9], swapped[9:18])
    assert np.array_equal(here[27:36], -swapped[27:36])
