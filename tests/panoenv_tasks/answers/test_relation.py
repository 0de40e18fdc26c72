"""Relative positions: what commits, and to what; and what commits to nothing."""

from __future__ import annotations

import pytest
from support.answers import DISTANCE, RELATION, read_as

from panoenv_tasks.answers.relations import Relation

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
