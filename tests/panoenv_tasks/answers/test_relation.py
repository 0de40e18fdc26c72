"""Relative positions: what commits, and to what; and what commits to nothing."""

from __future__ import annotations

import pytest
from support.answers import DISTANCE, RELATION, read_as

from panoenv_tasks.answers.relations import Relation
from panoenv_tasks.answers.statements.relation import read_position

# Each says that the crate is behind and above the lamp.
SAID = [
    "behind and above",
    "The crate is behind and above lamp B.",
    "It is behind and above.",
    "behind, above",
    "Above and behind lamp B",
    "The crate is located behind and above lamp B",
    "the crate is above lamp B and behind it",
    "Lamp B is in front of and below the crate",
    "Lamp B is below and in front of the crate.",
    "The crate is higher than lamp B and farther back",
    "farther away and higher",
    "The crate is positioned slightly behind and above lamp B",
    "behind; above",
    "The crate is further from the viewer and above lamp B",
    "Relative to lamp B, the crate is behind and above",
    "Relative to the crate, lamp B is in front and below",
    "The crate is to the back and above lamp B",
    "It sits behind and higher than lamp B",
    "2 m above and 3 m behind lamp B",
    "behind and above, not in front",
    "The crate is behind lamp B and higher up",
    "above, behind",
    "up and back",
    "top, rear",
    "Compared to lamp B, the crate is farther back and higher",
    "The crate is behind lamp B. It is also above it.",
    "The crate is directly behind and above lamp B.",
    "The first object is behind and above the second",
    "behind and above it, because its box is higher",
    "The crate is above and to the rear of lamp B",
    "The crate is behind lamp B and is above it",
    "The crate lies behind lamp B, above it.",
    "Lamp B is in front and lower",
    "in the background and above",
    "The crate is behind and above the lamp B.",
]

NOTHING = [
    "behind and above, but it cannot be determined",
    "behind and above. Or below.",
    "behind and above. It might be left.",
    "at the same position, above",
    "behind and above, because it is unclear",
    "not behind and above",
    "neither behind nor above",
    "behind or above",
    "behind/above",
    "not behind, not above",
    "The opposite of behind and above",
    "Is it behind and above?",
    "behind or in front",
    "The crate is not behind and above lamp B",
    "The crate isn't behind and above lamp B",
    "It is false that it is behind and above",
    "might be behind and above",
    "The barrel is behind and above the tree",
    "cannot be determined: behind and above",
    "behind and above? unclear",
    "anything but behind and above",
    "never behind and above",
    "unlikely to be behind and above",
    "The crate fails to be behind and above lamp B",
    "behind and above is wrong",
    "The crate is behind and above itself",
    "behind and in front, above and below",
    "either behind or above",
    "behind and above, not bluish",
]


@pytest.mark.parametrize("text", SAID)
def test_directions(text):
    assert read_as("spatial", RELATION, text) == Relation({"depth": -1, "height": 1}, similar=False)


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_said(text):
    assert read_as("spatial", RELATION, text) is None


@pytest.mark.parametrize("question", [DISTANCE, "Where is it?"])
def test_a_question_about_one_object_or_none_turns_nothing(question):
    assert read_as("spatial", question, "It is behind.") == Relation({"depth": -1}, similar=False)


WORDS = {
    (
        "depth",
        1,
    ): "in front|front|ahead|forward|forwards|frontward|further forward|farther ahead|closer|nearer"
    "|in the foreground|to the front|towards the front|closer to the viewer|nearer the camera",
    ("depth", -1): "behind|back|rear|backward|rearwards|farther back|further away|farther|more distant|deeper"
    "|in the background|at the back|to the rear|towards the back|farther from the observer"
    "|further away from the viewer",
    ("side", -1): "left|leftward|leftwards|left-hand|further left|to the left|on the left side",
    ("side", 1): "right|rightward|rightwards|right-hand|farther right|to the right|on the right side",
    ("height", 1): "above|higher|higher up|up|upper|upwards|over|on top|atop|overhead|elevated|further up",
    ("height", -1): "below|beneath|underneath|under|lower|lower down|down|downwards|bottom|farther down",
}


@pytest.mark.parametrize(
    ("words", "axis", "sign"),
    [(words, axis, sign) for (axis, sign), all_ in WORDS.items() for words in all_.split("|")],
)
def test_every_direction_either_way_round(words, axis, sign):
    assert read_as("spatial", RELATION, f"It is {words}.") == Relation({axis: sign}, similar=False)
    other = read_as("spatial", RELATION, f"Compared to the crate, lamp B is {words}.")
    assert other == Relation({axis: -sign}, similar=False)


@pytest.mark.parametrize(
    ("text", "signs", "similar"),
    [
        ("at a similar position", {}, True),
        ("The crate shares the same place as lamp B.", {}, True),
        ("behind, left and right", {"depth": -1, "side": 0}, False),
        ("behind, at the same height", {"depth": -1}, False),
        ("Lamp B is left of the crate, and the crate is above it", {"side": 1, "height": 1}, False),
        ("behind, not at the same depth", {"depth": -1}, False),
        ("behind. It is below. It is near.", {"depth": -1, "height": -1}, False),
        ("left. Left.", {"side": -1}, False),
        ("left, behind. Right.", {"side": 0, "depth": -1}, False),
        ("the latter is behind the former", {"depth": 1}, False),
        ("the first one is behind the other", {"depth": -1}, False),
        ("right behind lamp B", {"depth": -1}, False),
        ("to the right behind", {"side": 1, "depth": -1}, False),
    ],
)
def test_what_several_directions_come_to(text, signs, similar):
    assert read_as("spatial", RELATION, text) == Relation(signs, similar)


@pytest.mark.parametrize(("names", "sign"), [(("lamp", "street lamp"), 1), (("street lamp", "lamp"), -1)])
def test_a_name_inside_another_is_not_taken_for_it(names, sign):
    found = read_position("The street lamp is behind the lamp", names)
    assert found == Relation({"depth": sign}, similar=False)
