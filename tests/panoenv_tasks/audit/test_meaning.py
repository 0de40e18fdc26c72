from __future__ import annotations

from dataclasses import replace

import pytest
from support.questions import item_of
from support.shared import shared_file

from panoenv_tasks import load_items
from panoenv_tasks.audit.meaning import Meaning, meaning
from panoenv_tasks.perturb.yaw import turn

A = "the lamp (boundingbox: [1200, 500, 1300, 700])"
B = "the door (boundingbox: [100, 300, 260, 900])"
VIEW = f"From which view (front/back/left/right/top/bottom) does {A} primarily come?"
CLOSER = f"Is {A} closer to the viewer than {B}?"
NEARER = f"Which object is closer to the viewer, {A} or {B}?"
HOW_FAR = f"How far is {A} from the viewer?"
WHERE = f"Describe the 3D position of {A} with respect to {B}."
VIEWS = f"How many camera views (front/back/left/right/top/bottom) can observe {A}?"


def read(question: str, gold: str, text: str, degrees: int = 0) -> Meaning | None:
    item = item_of(question, gold)
    return meaning(item.method, question, f"<Answer>{text}</Answer>", degrees)


@pytest.mark.parametrize(
    ("question", "gold", "one", "other", "same"),
    [
        (CLOSER, "Yes", "yes.", "True", True),
        (CLOSER, "Yes", "Yes", "No", False),
        (NEARER, "The lamp", "the door", "It is the door.", True),
        (NEARER, "The lamp", "the door", "the lamp", False),
        (VIEW, "Front", "Front view", "front", True),
        (VIEW, "Front", "Back", "Front", False),
        (VIEWS, "2 different views", "two", "2 different views", True),
        (VIEWS, "2 different views", "10", "11", False),
        (HOW_FAR, "About 4.0 meters", "4.0 m", "430 cm", True),
        (HOW_FAR, "About 4.0 meters", "4.3 m", "4.0 m", True),
        (HOW_FAR, "About 4.0 meters", "4.5 m", "4.0 m", False),
        (HOW_FAR, "About 4.0 meters", "0 m", "0 m", True),
        (HOW_FAR, "About 4.0 meters", "0 m", "0.001 m", False),
        (
            WHERE,
            "The lamp is behind the door.",
            "Behind and above.",
            "It is above and behind the door.",
            True,
        ),
        (WHERE, "The lamp is behind the door.", "Behind.", "Behind and above.", False),
        (WHERE, "The lamp is behind the door.", "At a similar position.", "Behind.", False),
    ],
)
def test_two_answers_agree_when_they_claim_the_same(question, gold, one, other, same):
    first, second = read(question, gold, one), read(question, gold, other)
    assert first is not None
    assert second is not None
    assert first.agrees(second) is same
    assert second.agrees(first) is same


@pytest.mark.parametrize(
    ("question", "gold", "text"),
    [
        (CLOSER, "Yes", "Yes or No"),
        (NEARER, "The lamp", "the lamp or the door"),
        (VIEW, "Front", "somewhere"),
        (HOW_FAR, "About 4.0 meters", "between 3 and 5 meters"),
        (WHERE, "The lamp is behind the door.", "in front and behind"),
        (HOW_FAR, "About 4.0 meters", ""),
    ],
)
def test_an_answer_that_commits_to_nothing_has_no_meaning(question, gold, text):
    assert read(question, gold, text) is None


def test_an_untagged_answer_has_a_meaning_where_one_can_be_read():
    assert meaning("yes_no", CLOSER, "Yes, I think so.") == Meaning("yes_no", True)
    assert meaning("yes_no", CLOSER, "I see a lamp. I see a door.") is None


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_back_the_relabelled_gold_claims_what_the_gold_claims(degrees):
    seen = set()
    for item in load_items(shared_file("panoenv_val.jsonl"), "val"):
        turned = turn(item, degrees)
        if turned is None:
            continue
        straight = read(item.question, item.answer, item.answer)
        back = read(turned.question, turned.answer, turned.answer, degrees)
        assert straight is not None
        assert back is not None
        assert back.agrees(straight), item.question
        seen.add(item.subcategory)
    assert len(seen) == 26


def test_an_answer_that_ignores_the_turn_is_not_consistent():
    item = item_of(VIEW, "Right")
    turned = turn(replace(item, answer="Right"), 90)
    assert turned is not None
    straight, after = read(item.question, "Right", "Right"), read(turned.question, "Back", "Right", 90)
    assert straight is not None
    assert after is not None
    assert after.claim == "Front"
    assert not after.agrees(straight)
