"""Places in texts."""

from __future__ import annotations

import re

import pytest

from panoenv_tasks.items import DataError
from panoenv_tasks.placeholders import fill, places, split


def test_every_place_is_filled():
    assert fill("Is {a} nearer than {b} or {a}?", {"a": "x", "b": "y"}) == "Is x nearer than y or x?"


def test_braces_inside_a_value_stay_text():
    assert fill("{question} {options}", {"question": "{options}", "options": "A"}) == "{options} A"


def test_braces_that_are_no_place_stay_text():
    assert fill('{"answer": {}} { a } {a.b} {a}', {"a": "x"}) == '{"answer": {}} { a } {a.b} x'


def test_an_unknown_place_is_an_error_that_names_it():
    with pytest.raises(DataError, match=re.escape("unknown place {nmae}")):
        fill("Hello {nmae}", {"name": "x"})


def test_some_places_now_and_the_others_later():
    later = fill("{part} {question}", {"part": "Look.", "question": "{question}"})
    assert later == "Look. {question}"


def test_places_in_order():
    assert places("{b} {a} {b}") == ["b", "a", "b"]
    assert places("none") == []


def test_text_and_names_by_turns():
    assert split("How far is {a}?") == ["How far is ", "a", "?"]
    assert split("{a}{b}") == ["", "a", "", "b", ""]
