from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.questions import inner_boxes, item_of, printed
from support.shared import shared_file

from panoenv_tasks import load_items
from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.items import DataError
from panoenv_tasks.perturb.yaw import turn

LAMP = "the lamp (boundingbox: [1200, 500, 1300, 700])"
DOOR = "the door (boundingbox: [100, 300, 260, 900])"
#: The same two after the picture is rolled to the right by 640 pixels.
LAMP_90 = "the lamp (boundingbox: [1840, 500, 1940, 700])"
DOOR_90 = "the door (boundingbox: [740, 300, 900, 900])"

RELABELLED = [
    ("From which view (front/back/left/right/top/bottom) does {a} primarily come?", "Front", None, "Right"),
    ("From which view (front/back/left/right/top/bottom) does {a} primarily come?", "Right", None, "Back"),
    ("From which view (front/back/left/right/top/bottom) does {a} primarily come?", "Back", None, "Left"),
    ("From which view (front/back/left/right/top/bottom) does {a} primarily come?", "Left", None, "Front"),
    ("From which view (front/back/left/right/top/bottom) does {a} primarily come?", "Top", None, "Top"),
    (
        "When {a} spans a boundary, which is its primary view (front/back/left/right/top/bottom)?",
        "Bottom",
        None,
        "Bottom",
    ),
    (
        "When {a} spans a boundary, which is its primary view (front/back/left/right/top/bottom)?",
        "Left",
        None,
        "Front",
    ),
    (
        "In the real world, is object {a} to the left of object {b}?",
        "Yes",
        "In the real world, is object {a} to the front of object {b}?",
        "Yes",
    ),
    (
        "In the real world, is object {a} to the behind of object {b}?",
        "No",
        "In the real world, is object {a} to the left of object {b}?",
        "No",
    ),
    ("In the real world, is object {a} to the above of object {b}?", "Yes", None, "Yes"),
    (
        "Looking straight at the front view, is {a} farther to the right than {b}?",
        "No",
        "Along the line from the front view to the back view, is {a} farther back than {b}?",
        "No",
    ),
    (
        "Describe the 3D position of {a} with respect to {b}.",
        "The lamp is behind and to the right of and below the door.",
        None,
        "The lamp is behind and to the left of and below the door.",
    ),
    (
        "Describe the 3D position of {a} with respect to {b}.",
        "The lamp is to the right of the door.",
        None,
        "The lamp is behind the door.",
    ),
    (
        "Describe the 3D position of {a} with respect to {b}.",
        "The lamp is in front of and to the left of the door.",
        None,
        "The lamp is in front of and to the right of the door.",
    ),
    (
        "Describe the 3D position of {a} with respect to {b}.",
        "The lamp is at a similar position to the door.",
        None,
        "The lamp is at a similar position to the door.",
    ),
    ("Do {a} and {b} originate from adjacent views?", "Yes", None, "Yes"),
    ("How far is {a} from the viewer?", "About 3.4 meters", None, "About 3.4 meters"),
    ("Which object looks flatter, {a} or {b}?", "The door", None, "The door"),
    ("Given that {a} is in the scene, which environment is it: Rome, Sewer?", "Rome", None, "Rome"),
]


@pytest.mark.parametrize(("question", "answer", "turned", "relabelled"), RELABELLED)
def test_a_quarter_turn_by_hand(question, answer, turned, relabelled):
    item = item_of(question.format(a=LAMP, b=DOOR), answer=answer)
    found = turn(item, 90)
    assert found is not None
    assert found.question == (turned or question).format(a=LAMP_90, b=DOOR_90)
    assert found.answer == relabelled
    assert found.id == item.id
    assert [box.x1 for box in found.boxes] == [box.x1 + 640 for box in item.boxes]


@pytest.mark.parametrize(
    ("word", "after"),
    [
        ("leftmost", "frontmost"),
        ("frontmost", "rightmost"),
        ("rearmost", "leftmost"),
        ("highest", "highest"),
        ("lowest", "lowest"),
    ],
)
def test_extremes_by_hand(word, after):
    sheep = "the sheep (boundingbox: [2000, 600, 2100, 700])"
    item = item_of(f"Among {LAMP}, {DOOR}, and {sheep}, which one is the {word}?", answer="The sheep")
    found = turn(item, 90)
    # The sheep ends where the picture now begins.
    assert found is not None
    sheep = "the sheep (boundingbox: [80, 600, 180, 700])"
    assert found.question == f"Among {LAMP_90}, {DOOR_90}, and {sheep}, which one is the {after}?"
    assert found.answer == "The sheep"


def test_two_lamps_keep_their_letters():
    a, b = "lamp A (boundingbox: [1200, 500, 1300, 700])", "lamp B (boundingbox: [100, 300, 260, 900])"
    item = item_of(
        f"In 3D space, how is {a} positioned relative to {b}?", answer="Lamp A is in front of lamp B."
    )
    found = turn(item, 90)
    assert found is not None
    assert found.answer == "Lamp A is to the right of lamp B."
    assert [box.name for box in found.boxes] == ["lamp A", "lamp B"]


@pytest.mark.parametrize(
    ("box", "degrees"),
    [
        ("[0, 500, 40, 700]", 90),  # cut by the edge already
        ("[2500, 500, 2559, 700]", 180),
        ("[0, 10, 2559, 90]", 90),  # all the way round
        ("[1900, 500, 1950, 700]", 90),  # would be cut
        ("[1250, 500, 1300, 700]", 180),
        ("[1920, 500, 2000, 700]", 90),  # would begin at the very edge: its rest may be beyond
        ("[1800, 500, 1919, 700]", 90),
    ],
)
def test_cut_objects_are_left_out(box, degrees):
    assert turn(item_of(f"How far is the lamp (boundingbox: {box}) from the viewer?"), degrees) is None


def test_an_object_near_the_edge_is_not_cut():
    item = item_of("How far is the lamp (boundingbox: [1921, 500, 2000, 700]) from the viewer?", answer="1 m")
    found = turn(item, 90)
    assert found is not None
    assert found.question == "How far is the lamp (boundingbox: [1, 500, 80, 700]) from the viewer?"


def test_an_object_one_pixel_wide_is_not_cut():
    item = item_of("How far is the lamp (boundingbox: [1200, 500, 1200, 700]) from the viewer?", answer="1 m")
    found = turn(item, 90)
    assert found is not None
    assert found.question == "How far is the lamp (boundingbox: [1840, 500, 1840, 700]) from the viewer?"


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Is {a} closer to the viewer than {b}?", True),
        ("How far apart are {a} and {b} in the 3D scene?", True),
        ("What is the vertical distance (height difference) between {a} and {b}?", True),
        ("In the real world, is object {a} to the above of object {b}?", True),
        ("From which view (front/back/left/right/top/bottom) does {a} primarily come?", False),
        ("Given that {a} is in the scene, which environment is it: Rome, Sewer?", True),
        ("In the real world, is object {a} to the below of object {b}?", True),
        ("In the real world, is object {a} to the left of object {b}?", False),
        ("Describe the 3D position of {a} with respect to {b}.", False),
        ("Do {a} and {b} originate from adjacent views?", False),
        ("Which object looks flatter, {a} or {b}?", False),
        ("In the real world, which object has a larger volume, {a} or {b}?", False),
    ],
)
def test_between_quarter_turns_only_what_does_not_depend_on_heading(question, kept):
    answer = "Rome" if "Rome" in question else "Yes"
    assert (turn(item_of(question.format(a=LAMP, b=DOOR), answer=answer), 45) is not None) is kept


@pytest.mark.parametrize(
    ("word", "kept"),
    [("lowest", True), ("highest", True), ("leftmost", False), ("frontmost", False)],
)
def test_between_quarter_turns_heights_stay_in_order(word, kept):
    sheep = "the sheep (boundingbox: [1000, 600, 1100, 700])"
    item = item_of(f"Among {LAMP}, {DOOR}, and {sheep}, which one is the {word}?", answer="The sheep")
    found = turn(item, 45)
    assert (found is not None) is kept
    if found:
        assert found.answer == "The sheep"
        assert f"which one is the {word}?" in found.question


def test_an_angle_between_pixels_is_refused():
    with pytest.raises(ValueError, match="multiple of 9"):
        turn(item_of(f"How far is {LAMP} from the viewer?"), 10)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Describe the 3D position of {a} with respect to {b}.", "Somewhere near the door."),
        ("Describe the 3D position of {a} with respect to {b}.", "The lamp is left and right of the door."),
        ("From which view (front/back/left/right/top/bottom) does {a} primarily come?", "Sideways"),
        ("Is the lamp lit?", "Yes"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(question, answer):
    item = replace(item_of(question.format(a=LAMP, b=DOOR), answer=answer), origin="val.jsonl:7")
    with pytest.raises(DataError, match=r"val\.jsonl:7"):
        turn(item, 90)


@given(inner_boxes(), st.sampled_from([90, 180, 270]))
def test_turning_back_restores_the_item(box, degrees):
    item = item_of(f"Which view (front/back/left/right/top/bottom) is the {printed(box)} most likely from?")
    item = replace(item, answer="Left")
    found = turn(item, degrees)
    if found is not None:
        assert turn(found, 360 - degrees) == item


@pytest.mark.parametrize("degrees", [90, 180, 270, 45])
def test_blind_geometry_turns_with_the_questions(degrees):
    """The relabelling knows only words; the answerer computes from the boxes. Both must come to the same."""
    agreed, level = 0, 0
    for item in load_items(shared_file("panoenv_val.jsonl"), "val"):
        turned = turn(replace(item, answer=guess(item).answer), degrees)
        if turned is None:
            continue
        if guess(turned).answer == turned.answer:
            agreed += 1
        elif guess(item).margin < 1e-9:
            level += 1
        else:
            pytest.fail(
                f"{item.question} {guess(item).answer}; turned: {turned.question} {guess(turned).answer}"
            )
    assert agreed > 500
    assert level <= 1


def test_every_released_answer_survives_a_turn_by_nothing():
    for item in load_items(shared_file("panoenv_val.jsonl"), "val"):
        same = turn(item, 0)
        assert same is None or (same.question, same.answer) == (item.question, item.answer)
