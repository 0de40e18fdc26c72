"""``strict@2``: committed statements count, whatever wraps them, and nothing else does."""

from __future__ import annotations

import inspect
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.answers import CLOSER, DISTANCE, LAMPS, PLACE, RELATION, TRUTH
from support.shared import shared_rows

from panoenv_tasks import score_answer
from panoenv_tasks.answers import reading
from panoenv_tasks.answers.relations import Relation
from panoenv_tasks.scoring.statements import worth


def score(method, gold, completion, question=None):
    return score_answer(method, gold, completion, "strict@2", question)


def test_every_given_case_is_read_as_a_person_would():
    """The specification allows 1 % of false credit and 5 and 10 % of refusals; here, none is open."""
    wrong, seen = [], Counter()
    for case in shared_rows("reading_cases.jsonl"):
        found = score(case["method"], case["expected"], case["text"], case["question"])
        seen[case["kind"], found.status, found.value] += 1
        if found.correct is not case["credit"]:
            wrong.append((case["template"], case["text"]))
    assert wrong == []
    # Why an answer earned nothing is published too, so it is held as well.
    assert seen == Counter(
        {
            ("count", "ambiguous", 0.0): 144,
            ("count", "answered", 1.0): 176,
            ("count", "unparsed", 0.0): 160,
            ("count", "untagged", 1.0): 16,
            ("distance", "ambiguous", 0.0): 240,
            ("distance", "answered", 0.0): 96,
            ("distance", "answered", 1.0): 762,
            ("distance", "unparsed", 0.0): 552,
            ("distance", "untagged", 1.0): 48,
            ("mcq", "ambiguous", 0.0): 200,
            ("mcq", "answered", 1.0): 957,
            ("mcq", "unparsed", 0.0): 442,
            ("mcq", "untagged", 1.0): 40,
            ("relation", "answered", 0.0): 24,
            ("relation", "answered", 1.0): 288,
            ("relation", "unparsed", 0.0): 168,
            ("relation", "untagged", 1.0): 24,
            ("tf", "ambiguous", 0.0): 120,
            ("tf", "answered", 1.0): 504,
            ("tf", "unparsed", 0.0): 181,
            ("tf", "untagged", 1.0): 96,
        }
    )


@given(st.text(), st.sampled_from(["Yes", "No"]))
@settings(deadline=None)
def test_the_reading_does_not_depend_on_the_gold(text, gold):
    assert "gold" not in inspect.signature(reading.read).parameters
    found = score("yes_no", gold, text, TRUTH)
    other = score("yes_no", "No" if gold == "Yes" else "Yes", text, TRUTH)
    assert (found.status, found.answer) == (other.status, other.answer)
    assert found.value + other.value == (1.0 if found.status in ("answered", "untagged") else 0.0)


@pytest.mark.parametrize(
    ("method", "gold", "completion", "question", "value", "status"),
    [
        ("yes_no", "No", "<Answer>Not true.</Answer>", TRUTH, 1.0, "answered"),
        ("yes_no", "No", "The answer is: no.", TRUTH, 1.0, "untagged"),
        ("yes_no", "No", "<Answer>No idea</Answer>", TRUTH, 0.0, "unparsed"),
        ("mcq", "The crate", "<Answer>The barrel is farther</Answer>", CLOSER, 1.0, "answered"),
        ("mcq", "The crate", "<Answer>B. the crate</Answer>", CLOSER, 0.0, "unparsed"),
        ("mcq", "Lamp A", "<Answer>Lamp A or B</Answer>", LAMPS, 0.0, "unparsed"),
        ("mcq", "CoalMine", "<Answer>This is a coal mine.</Answer>", PLACE, 1.0, "answered"),
        ("distance", "About 5.0 meters", "<Answer>sqrt(9 + 16) = 5 m</Answer>", DISTANCE, 1.0, "answered"),
        ("distance", "About 5.0 meters", "<Answer>at least 5 m</Answer>", DISTANCE, 0.0, "ambiguous"),
        ("distance", "About 0.0 meters", "<Answer>0 m</Answer>", DISTANCE, 1.0, "answered"),
        ("distance", "About 0.5 meters", "<Answer>half a meter</Answer>", DISTANCE, 1.0, "answered"),
        ("counting", "2 different views", "<Answer>2 (front and left)</Answer>", None, 1.0, "answered"),
        ("counting", "2 different views", "<Answer>2 (front, left, top)</Answer>", None, 0.0, "unparsed"),
        (
            "spatial",
            "The crate is behind lamp B.",
            "<Answer>behind and above</Answer>",
            RELATION,
            0.5,
            "answered",
        ),
        ("spatial", "The crate is behind lamp B.", "<Answer>not behind</Answer>", RELATION, 0.0, "unparsed"),
        ("default", "The crate is below lamp B.", "<Answer>beneath it</Answer>", RELATION, 1.0, "answered"),
        # Without a known question there are no options: an answer is right when it says the same name.
        ("mcq", "The crate", "<Answer>It is the **crate**.</Answer>", None, 1.0, "answered"),
        ("mcq", "The crate", "<Answer>the crate or so</Answer>", None, 0.0, "answered"),
        ("default", "Prison", "<Answer>the prison.</Answer>", "What is this?", 1.0, "answered"),
        # A question that prints letters may be answered by one.
        ("mcq", "jug", "<Answer>B</Answer>", "Which is it? A. mug B. jug C. pot", 1.0, "answered"),
        ("mcq", "jug", "<Answer>(D)</Answer>", "Which is it? A. mug B. jug C. pot", 0.0, "unparsed"),
        ("mcq", "jug", "<Answer>(C)</Answer>", "Which is it? A. mug B. jug C. pot", 0.0, "answered"),
        ("mcq", "jug", "<Answer>B. jug</Answer>", "Which is it?\nA) mug\nB) jug", 1.0, "answered"),
    ],
)
def test_value_and_status(method, gold, completion, question, value, status):
    found = score(method, gold, completion, question)
    assert (found.value, found.status) == (value, status)


def test_the_same_option_twice_is_one_option():
    twice = PLACE.replace("AbandonedFactory2", "CoalMine")
    assert score("mcq", "CoalMine", "<Answer>CoalMine</Answer>", twice).value == 1.0
    two_crates = CLOSER.replace("barrel", "crate")
    assert score("mcq", "The crate", "<Answer>The crate</Answer>", two_crates).value == 1.0


def test_a_reading_made_elsewhere_is_worth_the_same():
    assert worth("yes_no", "Yes", True, TRUTH) == 1.0
    assert worth("yes_no", "Yes", False, TRUTH) == 0.0
    assert worth("mcq", "The barrel", 1, CLOSER) == 1.0
    assert worth("mcq", "The barrel", 0, CLOSER) == 0.0
    assert worth("distance", "About 10.0 meters", 11.5, DISTANCE) == 0.5
    assert worth("counting", "2 different views", 2, None) == 1.0
    gold = "The crate is behind lamp B."
    assert worth("spatial", gold, Relation({"depth": -1}, similar=False), RELATION) == 1.0
    assert worth("spatial", gold, Relation({"depth": -1, "side": 1}, similar=False), RELATION) == 0.5
    assert worth("spatial", gold, Relation({}, similar=True), RELATION) == 0.0
    assert worth("spatial", gold, "behind", RELATION) == 0.0
    alike = "The crate is at a similar position to lamp B."
    assert worth("spatial", alike, Relation({}, similar=True), RELATION) == 1.0
    assert worth("spatial", alike, Relation({}, similar=False), RELATION) == 0.0
    assert worth("distance", "far away", 5.0, DISTANCE) == 0.0
    assert worth("distance", "About 0.0 meters", 0.0, DISTANCE) == 1.0
    assert worth("distance", "About 0.0 meters", 0.1, DISTANCE) == 0.0
