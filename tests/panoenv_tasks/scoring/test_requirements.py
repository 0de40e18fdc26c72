"""The ten requirements on the strict protocol, in the order of the specification, for both its versions."""

from __future__ import annotations

import pytest
from support.questions import item_of
from support.shared import shared_rows

from panoenv_tasks import score, score_answer
from panoenv_tasks.scoring import PROTOCOL_NAMES

A, B, C = (f"(boundingbox: [{x}, 600, {x + 90}, 700])" for x in (100, 400, 900))
CLOSER = f"Which object is closer to the viewer, the crate {A} or the barrel {B}?"
LAMPS = f"Which object is closer to the viewer, lamp A {A} or lamp B {B}?"
ONE_LAMP = f"Which object is closer to the viewer, lamp A {A} or the crate {B}?"
VIEW = f"From which view (front/back/left/right/top/bottom) does the crate {A} primarily come?"
PLACE = "Which environment is a better fit for the image: CoalMine or AbandonedFactory2?"
RELATION = f"Describe the 3D position of the crate {A} with respect to lamp B {B}."
FARTHEST = (
    f"Among the crate {A}, lamp A {B}, and the traffic cone {C}, which is most distant from the camera?"
)


@pytest.fixture(params=["strict@1", "strict@2"])
def graded(request):
    def grade(method, gold, answer, question=None):
        return score_answer(method, gold, f"<Answer>{answer}</Answer>", request.param, question)

    return grade


@pytest.fixture
def value(graded):
    return lambda *arguments: graded(*arguments).value


def test_1_gold_is_right_on_every_released_row(graded):
    wrong = []
    for row in shared_rows("panoenv_val.jsonl"):
        question, gold = row["conversations"][0]["value"], row["expected_answer"]
        got = graded(row["accu_reward_method"], gold, gold, question)
        if (got.value, got.status) != (1.0, "answered"):
            wrong.append((question, gold, got))
    assert wrong == []


@pytest.mark.parametrize(
    ("method", "gold", "answer", "question"),
    [
        ("mcq", "The crate", "the crate or the barrel", CLOSER),
        ("mcq", "The crate", "The crate, the barrel", CLOSER),
        ("mcq", "The crate", "The crate, or rather than that the barrel", CLOSER),
        ("mcq", "The crate", "The crate is closer, or the barrel", CLOSER),
        ("mcq", "The crate", "The crate is closer than the barrel. No, the barrel.", CLOSER),
        ("mcq", "Left", "front/back/left/right/top/bottom", VIEW),
        ("mcq", "Left", "front-left", VIEW),
        ("yes_no", "Yes", "Yes or No", None),
        ("yes_no", "Yes", "Yes/No", None),
        ("yes_no", "Yes", "Yes, though that may be false", None),
        ("distance", "About 5.0 meters", "5 to 9 meters", None),
        ("distance", "About 5.0 meters", "5 m, 8 m or 13 m", None),
        ("distance", "About 5.0 meters", "less than 5 m", None),
        ("distance", "About 5.0 meters", "5 m or more", None),
        ("counting", "2 different views", "1, 2, 3, 4, 5 or 6", None),
        ("counting", "2 different views", "2 or three", None),
        ("spatial", "The crate is behind lamp B.", "in front of and behind", RELATION),
        ("spatial", "The crate is behind lamp B.", "behind; at a similar position", RELATION),
    ],
)
def test_2_hedging_earns_nothing(graded, method, gold, answer, question):
    got = graded(method, gold, answer, question)
    assert (got.value, got.status) == (0.0, "ambiguous")


def test_2_hedging_one_axis_costs_that_axis_only(value):
    gold = "The crate is behind and to the left of lamp B."
    assert value("spatial", gold, "behind, left and right", RELATION) == 0.5


def test_2_two_answer_tags_are_a_hedge():
    text = "<Answer>Yes</Answer> or <Answer>No</Answer>"
    for version in ("strict@1", "strict@2"):
        found = score_answer("yes_no", "Yes", text, version)
        assert (found.status, found.value, found.correct) == ("ambiguous", 0.0, False)
    same = "<Answer>Yes</Answer> I mean <Answer>yes.</Answer>"
    assert score_answer("yes_no", "Yes", same, "strict").value == 1.0


@pytest.mark.parametrize(
    ("gold", "answer", "reward"),
    [
        ("The crate is behind lamp B.", "behind and above", 0.5),
        ("The crate is behind lamp B.", "behind, left, above", 1 / 3),
        ("The crate is behind and above lamp B.", "behind", 0.5),
        ("The crate is at a similar position to lamp B.", "at a similar position", 1.0),
        ("The crate is at a similar position to lamp B.", "in the same place", 1.0),
        ("The crate is at a similar position to lamp B.", "above it", 0.0),
        ("The crate is behind lamp B.", "at a similar position", 0.0),
    ],
)
def test_3_nothing_for_free(value, gold, answer, reward):
    assert value("spatial", gold, answer, RELATION) == pytest.approx(reward)


def test_3_no_direction_is_no_answer(graded):
    got = graded("spatial", "The crate is at a similar position to lamp B.", "somewhere else", RELATION)
    assert (got.value, got.status) == (0.0, "unparsed")


def test_4_instances_are_distinct(graded, value):
    assert value("mcq", "Lamp A", "lamp A", LAMPS) == 1.0
    assert value("mcq", "Lamp A", "lamp B", LAMPS) == 0.0
    assert graded("mcq", "Lamp A", "the lamp", LAMPS).status == "ambiguous"
    assert value("mcq", "Lamp A", "the lamp", ONE_LAMP) == 1.0
    assert value("mcq", "The crate", "crate B", ONE_LAMP) == 0.0


@pytest.mark.parametrize(
    ("gold", "answer", "question"),
    [
        ("The crate", "The crate.", CLOSER),
        ("The crate", "**crate**", CLOSER),
        ("The crate", "A. The crate", CLOSER),
        ("The crate", "The crate is closer than the barrel", CLOSER),
        ("The crate", "It is the crate, not the barrel.", CLOSER),
        ("CoalMine", "A. CoalMine", PLACE),
        ("CoalMine", "a coal mine", PLACE),
        ("AbandonedFactory2", "Abandoned Factory 2", PLACE),
        ("Front", "front view", VIEW),
        ("The traffic cone", "trafficcone", FARTHEST),
        ("Lamp A", "lamp A is farther than both the crate and the traffic cone", FARTHEST),
    ],
)
def test_5_options_come_from_the_question(value, gold, answer, question):
    assert value("mcq", gold, answer, question) == 1.0


@pytest.mark.parametrize(
    ("gold", "answer", "question"),
    [
        ("The crate", "the box", CLOSER),
        ("The crate", "The crate is not closer than the barrel", CLOSER),
        ("The crate", "not the crate", CLOSER),
        ("The crate", "nearer than the crate", CLOSER),
        ("AbandonedFactory2", "AbandonedFactory", PLACE),
        ("The crate", "The barrel is closer than the crate", CLOSER),
    ],
)
def test_5_other_answers_do_not_count(value, gold, answer, question):
    assert value("mcq", gold, answer, question) == 0.0


@pytest.mark.parametrize(
    ("answer", "reward"),
    [
        ("5 m", 1.0),
        ("5", 1.0),
        ("five meters", 1.0),
        ("500 cm", 1.0),
        ("0.005 km", 1.0),
        ("5 m (16.4 ft)", 1.0),
        ("16.4 feet", 1.0),
        ("5.5 yards", 1.0),
        ("5,000 mm", 1.0),
        ("5 mm", 0.0),
        ("5 miles", 0.0),
        ("5 parsecs", 0.0),
        ("-5 m", 0.0),
        ("5,5 m", 0.0),
        ("twenty-five m", 0.0),
        ("two hundred m", 0.0),
        ("five", 1.0),
        ("197 in", 1.0),
        ("5 in the air", 1.0),
        ("5.8 m", 0.5),
    ],
)
def test_6_units_are_words(value, answer, reward):
    assert value("distance", "About 5.0 meters", answer) == reward


def test_6_an_ordinary_word_is_not_a_unit(value):
    assert value("counting", "3 different views", "3 in total") == 1.0
    assert value("distance", "About 3.0 meters", "3 in total") == 1.0
    assert value("distance", "About 3.0 meters", "118 in") == 1.0


@pytest.mark.parametrize("answer", ["yes", "YES.", "True", "**Yes**", "Yes, the crate is nearer", "ｙｅｓ"])
def test_7_yes(value, answer):
    assert value("yes_no", "Yes", answer) == 1.0
    assert value("yes_no", "No", answer) == 0.0


@pytest.mark.parametrize("answer", ["no", "False", "No, the crate is farther"])
def test_7_no(value, answer):
    assert value("yes_no", "No", answer) == 1.0


@pytest.mark.parametrize("answer", ["probably", "not sure", "the crate", "anything but yes"])
def test_7_neither(graded, answer):
    assert graded("yes_no", "Yes", answer).status == "unparsed"


@pytest.mark.parametrize(
    ("answer", "reward"),
    [
        ("Lamp B is in front of and below the crate.", 1.0),
        ("Lamp B is behind and above the crate.", 0.0),
        ("The crate is behind and above lamp B.", 1.0),
        ("Relative to lamp B, the crate is behind and above.", 1.0),
        ("behind and above lamp B", 1.0),
        ("in front of and below the crate", 1.0),
        ("The crate is right behind and above lamp B", 1.0),
        ("The crate is behind lamp B, and lamp B is below the crate.", 1.0),
    ],
)
def test_8_reversed_subject(value, answer, reward):
    gold = "The crate is behind and above lamp B."
    assert value("spatial", gold, answer, RELATION) == reward
    assert value("default", gold, answer, RELATION) == reward


def test_9_same_tolerance_steps_as_paper(graded, value):
    assert value("distance", "About 0.5 meters", "0.5 m") == 1.0
    assert value("distance", "About 0.5 meters", "0.6 m") == 0.5
    assert value("distance", "About 0.0 meters", "0 m") == 1.0
    assert value("distance", "About 0.0 meters", "0.1 m") == 0.0
    steps = {"11 m": 1.0, "11.01 m": 0.5, "12 m": 0.5, "12.01 m": 0.0, "9 m": 1.0, "8 m": 0.5}
    for answer, reward in steps.items():
        assert value("distance", "About 10.0 meters", answer) == reward
    assert graded("distance", "About 10.0 meters", "11.5 m").correct is False


@pytest.mark.parametrize(
    ("completion", "status"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("<Answer> </Answer>", "empty"),
        ("Yes", "no_answer_tag"),
        ("<Answer>Yes", "no_answer_tag"),
        ("<Answer>maybe</Answer>", "unparsed"),
        ("<Answer>yes and no</Answer>", "ambiguous"),
        ("<Answer>yes</Answer>", "answered"),
    ],
)
def test_statuses_of_version_1(completion, status):
    assert score_answer("yes_no", "Yes", completion, "strict@1").status == status


def test_a_protocol_is_its_newest_version_and_versions_have_names():
    by_name = {name: score_answer("yes_no", "Yes", "<Answer>Yes</Answer>", name) for name in PROTOCOL_NAMES}
    assert {name: score.protocol for name, score in by_name.items()} == {
        "paper": "paper@1", "strict": "strict@2",
        "paper@1": "paper@1", "strict@1": "strict@1", "strict@2": "strict@2",
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"unknown protocol 'strict@9'; expected one of paper, strict, "):
        score_answer("yes_no", "Yes", "Yes", "strict@9")  # type: ignore[arg-type]


def test_an_item_is_scored_like_its_parts():
    item = item_of(CLOSER, "The crate")
    text = "<Reasoning>It is nearer.</Reasoning><Answer>the crate</Answer>"
    for protocol in PROTOCOL_NAMES:
        found = score(item, text, protocol)
        assert found == score_answer("mcq", "The crate", text, protocol, CLOSER)
        assert (found.value, found.correct, found.format_valid, found.answer) == (
            1.0,
            True,
            True,
            "the crate",
        )
    assert score(item, text).protocol == "paper@1"


def test_a_gold_in_tags_is_its_content(value):
    assert value("yes_no", "<Answer>Yes</Answer>", "Yes") == 1.0


@pytest.mark.parametrize("version", ["strict@1", "strict@2"])
def test_plain_text_and_long_answers(version):
    question = "Does this scene appear to be set in Rome?"
    assert score_answer("default", "Prison", "<Answer>the prison</Answer>", version, question).value == 1.0
    assert score_answer("default", "Prison", "<Answer>the forest</Answer>", version, question).value == 0.0
    long = score_answer("yes_no", "Yes", f"<Answer>Yes{', yes' * 500}</Answer>", version)
    assert (long.value, long.status) == (0.0, "unparsed")
    for spaces, status in ((1996, "answered"), (1997, "unparsed")):
        padded = f"<Answer>Yes{' ' * spaces}.</Answer>"
        assert score_answer("yes_no", "Yes", padded, version).status == status
    assert score_answer("distance", "far away", "<Answer>5 m</Answer>", version).value == 0.0
