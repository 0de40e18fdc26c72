"""Recognition of released wordings, and of nothing else."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.shared import shared_rows

from panoenv_tasks.geometry.words import DIRECTIONS, EXTREMES
from panoenv_tasks.items import Box
from panoenv_tasks.taxonomy import (
    item_from,
    method_for,
    recognise,
    subcategories,
    templates,
)

CRATE = "the crate (boundingbox: [10, 20, 110, 90])"
LAMP = "lamp B (boundingbox: [2500, 700, 2559, 800])"


def test_every_released_row_is_recognised():
    rows = shared_rows("panoenv_val.jsonl")
    found = [recognise(row["conversations"][0]["value"]) for row in rows]
    assert all(found)
    assert Counter(w.category for w in found if w) == {
        "distance": 300,
        "attribute_comparison": 300,
        "relative_position": 300,
        "environment": 299,
        "view_source": 297,
    }
    for row, wording in zip(rows, found, strict=True):
        assert wording is not None
        assert wording.question_type == row["question_type"]
        assert method_for(wording.subcategory, row["expected_answer"]) == row["accu_reward_method"]
        if row["question_type"] == "multiple_choice":
            assert row["expected_answer"] in wording.options


def test_there_are_26_subcategories_in_five_categories():
    assert len(subcategories()) == 26
    assert len(set(subcategories().values())) == 5


def test_objects_options_and_words_are_read():
    wording = recognise(f"Which object is closer to the viewer, {CRATE} or {LAMP}?")
    assert wording is not None
    assert wording.subcategory == "depth_compare"
    assert wording.objects == (Box("crate", "", 10, 20, 110, 90), Box("lamp", "B", 2500, 700, 2559, 800))
    assert wording.options == ("The crate", "Lamp B")

    wording = recognise(f"In the real world, is object {CRATE} to the behind of object {LAMP}?")
    assert wording is not None
    assert wording.direction == "behind"

    wording = recognise("Which environment is a better fit for the image: CoalMine or Rome?")
    assert wording is not None
    assert wording.options == ("CoalMine", "Rome")

    wording = recognise(f"Is the environment shown with {CRATE} the Rome?")
    assert wording is not None
    assert (wording.environment, wording.question_type) == ("Rome", "true_false")

    wording = recognise(f"Which of these two objects, {CRATE} or {LAMP}, occupies less space in 3D?")
    assert wording is not None
    assert wording.asks == "smaller"


@pytest.mark.parametrize(
    "question",
    [
        "",
        "What is in the picture?",
        "Which object is closer to the viewer, the crate or the lamp?",
        f"Which object is closer to the viewer, {CRATE} or {LAMP}",
        f"which object is closer to the viewer, {CRATE} or {LAMP}?",
        f"Is {CRATE} closer to the viewer than {LAMP}? Answer Yes.",
        f"In the real world, is object {CRATE} to the north of object {LAMP}?",
    ],
)
def test_other_sentences_are_unknown(question):
    assert recognise(question) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text):
    recognise(text)


labels = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
boxes = st.builds(
    Box,
    labels,
    st.sampled_from(["", "A", "B", "C"]),
    *(st.integers(0, 2559) for _ in range(4)),
)


@given(st.sampled_from(templates()), boxes, boxes, boxes, st.data())
def test_every_template_is_read_back_as_itself(template, a, b, c, data):
    def phrase(box):
        article = "" if box.letter else "the "
        return f"{article}{box.name} (boundingbox: [{box.x1}, {box.y1}, {box.x2}, {box.y2}])"

    question = template.text
    for slot, value in {
        "a": phrase(a),
        "b": phrase(b),
        "c": phrase(c),
        "env": "CoalMine",
        "options": "CoalMine, Rome, Office",
        "direction": data.draw(st.sampled_from(DIRECTIONS)),
        "extreme": data.draw(st.sampled_from(EXTREMES)),
    }.items():
        question = question.replace(f"{{{slot}}}", value)
    wording = recognise(question)
    assert wording is not None
    assert wording.template == template
    expected = [box for slot, box in zip("abc", (a, b, c), strict=True) if f"{{{slot}}}" in template.text]
    assert list(wording.objects) == expected


STATED = {
    "id": "val/Rome/P0/1",
    "split": "val",
    "environment": "Rome",
    "frame": "P0",
    "question": "Is the lamp (boundingbox: [0, 20, 300, 400]) lit?",
    "question_type": "multiple_choice",
    "category": "distance",
    "subcategory": "depth_compare",
    "method": "mcq",
    "answer": "The lamp",
}


def test_an_item_takes_boxes_and_options_from_its_wording():
    question = (
        "Which object is closer to the viewer, the lamp (boundingbox: [0, 20, 300, 400]) or "
        "the door (boundingbox: [900, 30, 1000, 500])?"
    )
    item = item_from({**STATED, "question": question, "extra": "ignored"}, origin="a:1")
    assert item.boxes == (Box("lamp", "", 0, 20, 300, 400), Box("door", "", 900, 30, 1000, 500))
    assert item.options == ("The lamp", "The door")
    assert (item.touches_seam, item.image, item.image_kind, item.origin) == (True, None, "none", "a:1")
    assert {name: getattr(item, name) for name in STATED} == {**STATED, "question": question}


def test_an_item_of_an_unknown_wording_has_neither():
    item = item_from(STATED)
    assert (item.boxes, item.options, item.touches_seam) == ((), (), False)
    assert {name: getattr(item, name) for name in STATED} == STATED
