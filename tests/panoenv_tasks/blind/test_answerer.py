from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from support.questions import WIDTH, inner_boxes, item_of, printed, turned

from panoenv_tasks.blind import answer, constant_answer
from panoenv_tasks.blind.answerer import METRIC_SOLVERS, OTHER_SOLVERS, guess
from panoenv_tasks.blind.boxes import BY_GEOMETRY
from panoenv_tasks.geometry.words import DIRECTIONS
from panoenv_tasks.items import QUESTION_TYPES, Box, QuestionType
from panoenv_tasks.taxonomy import Template, subcategories, templates

COMPLETION = re.compile(r"<Reasoning>.+</Reasoning><Answer>.+</Answer>", re.DOTALL)

# Places in the panorama: x 640 is left, 1280 front, 1920 right, 0 and 2559 back; y 640 is the horizon.
FRONT = "(boundingbox: [1230, 590, 1330, 690])"
LEFT = "(boundingbox: [590, 590, 690, 690])"
RIGHT = "(boundingbox: [1870, 590, 1970, 690])"
BACK = "(boundingbox: [2450, 590, 2550, 690])"
BELOW = "(boundingbox: [1200, 1100, 1360, 1200])"
ABOVE = "(boundingbox: [1200, 80, 1360, 180])"
FRONT_AND_RIGHT = "(boundingbox: [1500, 590, 1800, 690])"
BIG_AND_LOW = "(boundingbox: [1000, 600, 1500, 1000])"
SMALL_AND_HIGH = "(boundingbox: [500, 400, 540, 440])"
FLAT = "(boundingbox: [300, 640, 700, 670])"

CASES = [
    ("From which view (front/back/left/right/top/bottom) does the lamp {LEFT} primarily come?", "Left"),
    (
        "Given the lamp {FRONT_AND_RIGHT} crosses two views, which view "
        "(front/back/left/right/top/bottom) should it be attributed to primarily?",
        "Right",
    ),
    (
        "How many camera views (front/back/left/right/top/bottom) can observe the lamp {FRONT}?",
        "1 different view",
    ),
    (
        "How many camera views (front/back/left/right/top/bottom) can observe the lamp {FRONT_AND_RIGHT}?",
        "2 different views",
    ),
    # The box in front and to the right reaches the right face; the box in front does not.
    (
        "Does the primary view for the sofa {RIGHT} also capture any part of the lamp {FRONT_AND_RIGHT}?",
        "Yes",
    ),
    ("Does the primary view for the lamp {FRONT_AND_RIGHT} also capture any part of the sofa {FRONT}?", "No"),
    ("Is the lamp {FRONT_AND_RIGHT} also visible from the primary camera view of the sofa {FRONT}?", "Yes"),
    ("Is the sofa {FRONT} also visible from the primary camera view of the lamp {FRONT_AND_RIGHT}?", "No"),
    ("Do the sofa {FRONT} and the lamp {FRONT_AND_RIGHT} come from the same primary view?", "No"),
    ("Are the sofa {FRONT} and the lamp {FRONT_AND_RIGHT} visible in the same camera view?", "Yes"),
    ("Do the sofa {LEFT} and the lamp {FRONT} originate from adjacent views?", "Yes"),
    ("Do the sofa {LEFT} and the lamp {RIGHT} originate from adjacent views?", "No"),
    ("Do the sofa {LEFT} and the lamp {LEFT} originate from adjacent views?", "No"),
    ("Which object is closer to the viewer, the kite {SMALL_AND_HIGH} or the bed {BIG_AND_LOW}?", "The bed"),
    ("Is the kite {SMALL_AND_HIGH} closer to the viewer than the bed {BIG_AND_LOW}?", "No"),
    ("Is the bed {BIG_AND_LOW} closer to the viewer than the kite {SMALL_AND_HIGH}?", "Yes"),
    ("Are the bed {BIG_AND_LOW} and the kite {SMALL_AND_HIGH} at a similar distance from the viewer?", "No"),
    (
        "Among the bed {BIG_AND_LOW}, the kite {SMALL_AND_HIGH}, and the lamp {BELOW}, "
        "which is most distant from the camera?",
        "The kite",
    ),
    # A range worked by hand in test_ranges.
    ("How far is the crate (boundingbox: [1200, 880, 1359, 960]) from the viewer?", "About 7.7 meters"),
    ("In the real world, is object the lamp {LEFT} to the left of object the sofa {RIGHT}?", "Yes"),
    ("In the real world, is object the lamp {LEFT} to the right of object the sofa {RIGHT}?", "No"),
    ("In the real world, is object the lamp {BELOW} to the above of object the sofa {ABOVE}?", "No"),
    ("In the real world, is object the lamp {BACK} to the behind of object the sofa {FRONT}?", "Yes"),
    ("In the real world, is object the lamp {BACK} to the front of object the sofa {FRONT}?", "No"),
    (
        "Among the lamp {LEFT}, the sofa {RIGHT}, and the bed {BACK}, which one is the rightmost?",
        "The sofa",
    ),
    ("Among the lamp {LEFT}, the sofa {RIGHT}, and the bed {BACK}, which one is the rearmost?", "The bed"),
    (
        "Describe the 3D position of the lamp A {BACK} with respect to the lamp B {BELOW}.",
        "Lamp A is behind and to the right of and above lamp B.",
    ),
    (
        "Describe the 3D position of the lamp {FRONT} with respect to the sofa {FRONT}.",
        "The lamp is at a similar position to the sofa.",
    ),
    (
        "Between the kite {SMALL_AND_HIGH} and the bed {BIG_AND_LOW}, which one is physically bigger?",
        "The bed",
    ),
    (
        "Which of these two objects, the kite {SMALL_AND_HIGH} or the bed {BIG_AND_LOW}, "
        "occupies less space in 3D?",
        "The kite",
    ),
    ("In terms of real-world size, is the kite {SMALL_AND_HIGH} smaller than the bed {BIG_AND_LOW}?", "Yes"),
    ("Is the physical volume of the kite {SMALL_AND_HIGH} greater than that of the bed {BIG_AND_LOW}?", "No"),
    (
        "Please identify the biggest object among the kite {SMALL_AND_HIGH}, the bed {BIG_AND_LOW}, "
        "and the lamp {FRONT}.",
        "The bed",
    ),
    ("Which object looks flatter, the lamp {FRONT} or the plank {FLAT}?", "The plank"),
    (
        "Which object has a more elongated or stick-like shape, the plank {FLAT} or the lamp {FRONT}?",
        "The plank",
    ),
    (
        "Considering the setting around the stove {FRONT}, is this scene located indoors or outdoors?",
        "Indoors",
    ),
    (
        "Considering the setting around the tree {FRONT}, is this scene located indoors or outdoors?",
        "Outdoors",
    ),
    ("From the visual cues in the image, is the setting of this scene indoors or outdoors?", "Outdoors"),
    ("Is the environment shown with the stove {FRONT} the Ocean?", "No"),
    ("Is the environment shown with the stove {FRONT} the Restaurant?", "Yes"),
    ("Does this scene appear to be set in Prison?", "No"),
    (
        "Given that the stove {FRONT} is in the scene, which environment is it: Ocean, Office, Rome, Ruins?",
        "Office",
    ),
    (
        "Given that the pipe {FRONT} is in the scene, which environment is it: "
        "CoalMine, WaterMillDay, Rome, WaterMillNight?",
        "WaterMillDay",
    ),
    ("Which environment is a better fit for the image: Rome or Ruins?", "Rome"),
    ("To which general classification does this scene belong: Nature, Them, Domes?", "Domes"),
]


def fill(question: str) -> str:
    for name, place in globals().items():
        if name.isupper() and isinstance(place, str):
            question = question.replace(f"{{{name}}}", place)
    return question


@pytest.mark.parametrize(("question", "expected"), CASES, ids=lambda text: text.split("?")[0][:40])
def test_case_worked_by_hand(question: str, expected: str) -> None:
    item = item_of(fill(question))
    assert guess(item).answer == expected
    assert answer(item).endswith(f"</Reasoning><Answer>{expected}</Answer>")


@pytest.mark.parametrize(
    ("extreme", "expected"),
    [
        ("leftmost", "The lamp"),
        ("rightmost", "The sofa"),
        ("highest", "The bed"),
        ("lowest", "The rug"),
        ("frontmost", "The lamp"),
        ("rearmost", "The sofa"),
    ],
)
def test_every_extreme_means_its_own_direction(extreme: str, expected: str) -> None:
    # Each trio differs along the asked axis and agrees, or nearly, along the other two.
    trio = {
        "leftmost": "the lamp {LEFT}, the sofa {RIGHT}, and the bed {FRONT}",
        "highest": "the rug {BELOW}, the sofa {FRONT}, and the bed {ABOVE}",
        "frontmost": "the rug {LEFT}, the sofa {BACK}, and the lamp {FRONT}",
    }
    same_axis = {"rightmost": "leftmost", "lowest": "highest", "rearmost": "frontmost"}
    objects = trio[same_axis.get(extreme, extreme)]
    assert guess(item_of(fill(f"Among {objects}, which one is the {extreme}?"))).answer == expected


def test_distances_between_two_objects_worked_by_hand() -> None:
    # Two equal boxes on the horizon, a quarter turn apart: ranges 6.568 m (1.7 m / sin 15) and
    # 6 m / sqrt(0.06145 sr) = 24.20 m, geometric mean 12.61 m; so 12.61 x sqrt 2 apart, and level.
    line = "How far apart are the lamp {LEFT} and the sofa {FRONT} in the 3D scene?"
    level = "What is the horizontal distance between the lamp {LEFT} and the sofa {FRONT}?"
    height = "What is the vertical distance (height difference) between the lamp {LEFT} and the sofa {FRONT}?"
    assert guess(item_of(fill(line))).answer == "About 17.8 meters"
    assert guess(item_of(fill(level))).answer == "About 17.8 meters"
    assert guess(item_of(fill(height))).answer == "About 0.1 meters"


def test_every_sub_category_has_a_solver() -> None:
    assert METRIC_SOLVERS.keys() | OTHER_SOLVERS.keys() == subcategories().keys()
    assert {recognised.subcategory for q, _ in CASES if (recognised := item_of(fill(q)))} | {
        "relpos_distance_straightline",
        "relpos_distance_components",
    } == subcategories().keys()


@pytest.mark.parametrize("template", templates(), ids=lambda t: f"{t.dialect}-{t.text[:40]}")
def test_every_known_wording_is_answered_in_kind(template: Template) -> None:
    slots = {
        "a": f"the lamp {FRONT}",
        "b": f"the sofa {BELOW}",
        "c": f"the bed {FRONT_AND_RIGHT}",
        "env": "Rome",
        "options": "Rome, Ruins",
        "direction": "left",
        "extreme": "highest",
    }
    item = item_of(re.sub(r"\{(\w+)\}", lambda slot: slots[slot[1]], template.text))
    assert item.subcategory == template.subcategory
    given_answer = guess(item).answer
    if template.question_type == "true_false":
        assert given_answer in ("Yes", "No")
    elif template.question_type == "multiple_choice":
        assert given_answer in item.options
    elif item.method == "counting":
        assert re.fullmatch(r"1 different view|\d different views", given_answer)
    elif item.method == "distance":
        assert re.fullmatch(r"About \d+\.\d meters", given_answer)
    else:
        assert re.fullmatch(r"The lamp is [a-z ]+ the sofa\.", given_answer)


@pytest.mark.parametrize("question", [question for question, _ in CASES[:5]])
def test_only_the_question_is_read(question: str) -> None:
    item = item_of(fill(question))
    other = replace(
        item,
        environment="Rome",
        answer="Bottom",
        image=Path("elsewhere.png"),
        image_kind="erp",
        category="distance",
        subcategory="depth_compare",
    )
    assert answer(other) == answer(item)


@pytest.mark.parametrize(
    ("question_type", "options", "expected"),
    [
        ("true_false", (), "No"),
        ("multiple_choice", ("The lamp", "The sofa"), "The sofa"),
        ("multiple_choice", (), "1 different view"),
        ("open_ended", (), "1 different view"),
    ],
)
def test_unknown_wordings_get_the_constant(
    question_type: QuestionType, options: tuple[str, ...], expected: str
) -> None:
    item = replace(item_of("Is the lamp lit?"), question_type=question_type, options=options)
    assert guess(item).answer == expected
    assert answer(item) == constant_answer(item)


@given(st.text(), st.sampled_from(QUESTION_TYPES), st.lists(st.text(min_size=1), max_size=4))
@example(
    "Is the a (boundingbox: [9, 9, 9, 9]) closer to the viewer than the b (boundingbox: [9, 99999, 0, 0])?",
    "true_false",
    [],
)
def test_never_raises(question: str, question_type: QuestionType, options: list[str]) -> None:
    item = replace(item_of(question, question_type=question_type), options=tuple(options))
    assert COMPLETION.fullmatch(answer(item))


numbers = st.integers(0, 99999)
labels = st.text(
    st.characters(exclude_characters="()[]\n", exclude_categories=["Cs"]), min_size=1, max_size=20
)


@given(st.sampled_from([q for q, _ in CASES]), st.lists(numbers, min_size=12, max_size=12), labels)
def test_never_raises_whatever_the_boxes(question: str, corners: list[int], label: str) -> None:
    for noun, at in (("lamp", 0), ("sofa", 4), ("bed", 8), ("kite", 4)):
        question = re.sub(
            rf"{noun}( [AB])? {{\w+}}",
            lambda _, at=at: f"{label} (boundingbox: {corners[at : at + 4]})",
            question,
        )
    assert COMPLETION.fullmatch(answer(item_of(fill(question))))


QUARTER_TURN = dict(
    zip(("left", "front", "right", "behind"), ("front", "right", "behind", "left"), strict=True)
)
AXIS = {"left": 0, "right": 0, "above": 1, "below": 1, "front": 2, "behind": 2}


@given(
    inner_boxes("lamp", last_x=WIDTH - 2 - WIDTH // 4),
    inner_boxes("sofa", last_x=WIDTH - 2 - WIDTH // 4),
    st.sampled_from(DIRECTIONS),
)
def test_turning_the_panorama_turns_the_relation(a: Box, b: Box, direction: str) -> None:
    def asked(one: Box, other: Box, word: str) -> str:
        return guess(
            item_of(
                f"In the real world, is object the {printed(one)} "
                f"to the {word} of object the {printed(other)}?"
            )
        ).answer

    axis = AXIS[direction]
    assume(abs(BY_GEOMETRY.point_of(a)[axis] - BY_GEOMETRY.point_of(b)[axis]) > 1e-6)
    turned_word = QUARTER_TURN.get(direction, direction)
    assert asked(turned(a), turned(b), turned_word) == asked(a, b, direction)
