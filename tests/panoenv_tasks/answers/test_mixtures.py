"""Phrases of the grammars in any order: read or not, never an error; bold face changes nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.answers import CLOSER, COUNT, DISTANCE, FARTHEST, LAMPS, RELATION, TRUTH, VIEW

from panoenv_tasks.answers.reading import read
from panoenv_tasks.answers.relations import Relation

_SMALL = "and , ; . ( ) or not than the is = : - ± because while no".split()
_PHRASES = {
    "yes_no": ["Yes", "no", "(A)", "true", "it is", "it isn't", "that", "correct", "n't", "A)"],
    "mcq": [
        "the crate",
        "Lamp A",
        "B",
        "lamp",
        "front",
        "closer",
        "farther",
        "the other one",
        "A.",
        "traffic",
    ],
    "distance": ["5", "5 m", "16.4 ft", "half a meter", "4 and", "6 m", "sqrt(25)", "about", "30 cm", "away"],
    "counting": ["2", "two", "views", "front", "left", "of 6", "a pair", "3x", "in total", "(2)"],
    "spatial": ["behind", "above", "the crate", "lamp B", "left", "right", "in front of", "similar position"],
}
_QUESTIONS = {
    "yes_no": [TRUTH],
    "mcq": [CLOSER, LAMPS, FARTHEST, VIEW],
    "distance": [DISTANCE],
    "counting": [COUNT],
    "spatial": [RELATION],
}


def is_of(method, question, value):
    if method == "mcq":
        return type(value) is int and 0 <= value < {CLOSER: 2, LAMPS: 2, FARTHEST: 3, VIEW: 6}[question]
    if method == "spatial":
        return isinstance(value, Relation) and bool(value.signs) is not value.similar
    if method == "yes_no":
        return isinstance(value, bool)
    return type(value) is float and math.isfinite(value) and value >= 0


@pytest.mark.parametrize("method", list(_PHRASES))
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_mixture_is_read_as_a_value_of_its_kind_or_not_at_all(method, data):
    words = data.draw(st.lists(st.sampled_from([*_PHRASES[method], *_SMALL]), min_size=1, max_size=7))
    question = data.draw(st.sampled_from(_QUESTIONS[method]))
    text = " ".join(words)
    found = read(method, question, f"<Answer>{text}</Answer>")
    if found.status == "answered":
        assert is_of(method, question, found.value), (text, found)
    else:
        assert found.status in ("ambiguous", "unparsed")
        assert found.value is None
    again = read(method, question, f"<Answer> **{text}** </Answer>")
    assert again.value == found.value
