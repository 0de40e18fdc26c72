"""The kinds that the release does not have: recognised, scored, shown and answered blind like others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.questions import item_of

from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.blind.encoding import encode, spell
from panoenv_tasks.perturb import CONDITIONS, present
from panoenv_tasks.scoring import score
from panoenv_tasks.taxonomy import (
    extra_subcategories,
    extra_templates,
    recognise,
    subcategories,
    templates,
)

LAMP, SOFA, DOOR = (
    f"the {name} (boundingbox: [{x}, 600, {x + 90}, {bottom}])"
    for name, x, bottom in (("lamp", 900, 700), ("sofa", 901, 1000), ("door", 1500, 800))
)
COUNT = 'Of the kind "office chair", how many can be seen in this panorama, wholly or in part?'
HIDES = f"Does {SOFA} hide a part of {LAMP} from the camera?"
BEHIND = f"Is a part of {LAMP} out of the camera's sight because {SOFA} covers it?"
SIDES = "left, behind, ahead or right"
SIDE = f"Imagine standing at {SOFA} and facing {LAMP}. On which side is {DOOR} then: {SIDES}?"
FOR_THEM = f"Someone at {SOFA} looks towards {LAMP}. For them, does {DOOR} lie {SIDES}?"


def test_they_are_no_part_of_the_released_kinds():
    assert extra_subcategories() == {
        "instance_count": "view_source",
        "occlusion_order": "distance",
        "viewpoint_change": "relative_position",
    }
    assert not extra_subcategories().keys() & subcategories().keys()
    assert not {t.text for t in extra_templates()} & {t.text for t in templates()}
    assert {t.dialect for t in extra_templates()} == {"ours"}


def test_what_they_say_is_read():
    assert recognise(COUNT).thing == "office chair"
    for text in (HIDES, BEHIND):
        # The first object hides, the second is hidden, whatever their order in the sentence.
        assert [box.label for box in recognise(text).objects] == ["sofa", "lamp"]
    for text in (SIDE, FOR_THEM):
        assert [box.label for box in recognise(text).objects] == ["sofa", "lamp", "door"]
        assert recognise(text).options == ("left", "behind", "ahead", "right")


@pytest.mark.parametrize("protocol", ["paper", "strict"])
@pytest.mark.parametrize(
    ("question", "gold", "others"),
    [
        (COUNT, "3", ["2", "4", "13"]),
        (HIDES, "Yes", ["No"]),
        (BEHIND, "No", ["Yes"]),
        (SIDE, "left", ["right", "ahead", "behind"]),
        (FOR_THEM, "behind", ["ahead", "left", "right"]),
    ],
)
def test_they_are_scored_by_the_rules_of_their_types(protocol, question, gold, others):
    item = item_of(question, gold)
    assert score(item, f"<Answer>{gold}</Answer>", protocol).correct
    assert [score(item, f"<Answer>{text}</Answer>", protocol).correct for text in others] == [False] * len(
        others
    )


SHELVES = 'Look all the way around this panorama. How many separate things in it are called "bookshelf"?'


@pytest.mark.parametrize(
    ("question", "gold", "text", "right"),
    [
        (COUNT, "3", "There are 3 office chairs.", True),
        (COUNT, "3", "three office chairs", True),
        (COUNT, "1", "1 office chair", True),
        (COUNT, "3", "There are 4 office chairs.", False),
        (SHELVES, "2", "There are 2 bookshelves.", True),
        (SHELVES, "2", "bookshelves", False),
        (SIDE, "left", "The door is to the left.", True),
        (SIDE, "right", "The door is to the left.", False),
        (SIDE, "left", "It lies on the left side.", True),
        (HIDES, "Yes", "Yes, it does.", True),
    ],
)
def test_sentences_are_read_by_the_strict_protocol(question, gold, text, right):
    assert score(item_of(question, gold), f"<Answer>{text}</Answer>", "strict").correct == right


def test_blind_answers_come_from_the_boxes():
    # The sofa's foot is low, so it is near; the lamp stands behind it, the door farther to the right.
    answers = {text: guess(item_of(text, "Yes")).answer for text in (COUNT, HIDES, BEHIND, SIDE, FOR_THEM)}
    assert answers == {COUNT: "2", HIDES: "Yes", BEHIND: "Yes", SIDE: "right", FOR_THEM: "right"}


@pytest.mark.parametrize(("question", "gold"), [(COUNT, "3"), (HIDES, "No"), (SIDE, "ahead")])
def test_fitted_blind_answerers_can_learn_them(question, gold):
    item = item_of(question, gold)
    assert spell(item, encode(item)) == gold


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_shows_them(condition, monkeypatch):
    monkeypatch.setenv("PANOENV_SEEN", "1280x640")
    items = [
        replace(item_of(text, gold), image=Path("rgb_erp.png"), image_kind="erp")
        for text, gold in ((COUNT, "3"), (HIDES, "Yes"), (SIDE, "left"))
    ]
    if condition == "shuffled":
        pytest.skip("needs panoramas of several places")
    shown = present(items, condition)
    # At an eighth of a turn only what is told from distances keeps its answer.
    assert [one.item.answer for one in shown] == (["Yes"] if condition == "rot45" else ["3", "Yes", "left"])
