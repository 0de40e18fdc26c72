"""Pairs of questions: the same words, two answers, neither of which passes for the other."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Depths, Object
from panoenv_tasks.synthesis.panorama import Panorama, Truth
from panoenv_tasks.synthesis.twins.again import confirmed
from panoenv_tasks.synthesis.twins.frame import CHANGED, changed_pixels, twin_parts
from panoenv_tasks.synthesis.twins.pairs import answer_again, find_pairs, tells_apart
from panoenv_tasks.synthesis.twins.places import partner_of, place_question
from panoenv_tasks.synthesis.twins.turned import turned

BOX = re.compile(r" \(boundingbox: \[[^\]]*\]\)")


def thing(number: int, label: str, away: float, box=(100, 700, 200, 800)) -> Object:
    depths = Depths(away, away, away, away, away)
    shifted = (box[0] + 300 * number, box[1], box[2] + 300 * number, box[3])
    return Object(number, label, shifted, 5000, {"front": 5000}, depths, 1.0, (0, 0, away), (1, 1, 1))


@pytest.fixture(scope="module")
def parts():
    return twin_parts("WarehouseDim", "P000_000000", 0)


def by_pair(parts):
    found = {}
    for letter, part in parts.items():
        for question in part.questions:
            found.setdefault(question.pair, {})[letter] = question
    return found


def test_near_pairs_say_the_same_and_turned_ones_all_but_the_boxes(parts):
    pairs = by_pair(parts)
    near = [p for p in pairs.values() if "b" in p]
    around = [p for p in pairs.values() if "c" in p]
    assert len(near) >= 6
    assert len(around) >= 3
    assert all(p["a"].text == p["b"].text for p in near)
    assert all(p["a"].text != p["c"].text for p in around)
    assert all(BOX.sub("", p["a"].text) == BOX.sub("", p["c"].text) for p in around)
    for pair in (*near, *around):
        one, other = pair.values()
        assert tells_apart(one.template.subcategory, one.text, one.answer, other.answer)
        assert one.template == replace(other.template, extreme=one.template.extreme)


def test_the_change_can_be_seen(parts):
    assert changed_pixels(parts["a"].panorama, parts["b"].panorama) >= CHANGED
    assert changed_pixels(parts["a"].panorama, parts["a"].panorama) == 0


def test_a_gold_answer_is_confirmed_on_its_own_panorama_only(parts):
    pairs = [p for p in by_pair(parts).values() if "b" in p]
    asked = [(p["a"].text, p["a"].answer) for p in pairs]
    assert confirmed(parts["a"].panorama, asked) == [True] * len(asked)
    assert confirmed(parts["b"].panorama, asked) == [False] * len(asked)


@pytest.mark.parametrize(
    ("subcategory", "one", "other", "apart"),
    [
        ("depth_binary", "Yes", "No", True),
        ("depth_binary", "Yes", "Yes", False),
        ("distance_description", "About 2.0 meters", "About 2.1 meters", False),
        ("distance_description", "About 2.0 meters", "About 1.3 meters", True),
        ("depth_compare", "The lamp", "The sofa", True),
    ],
)
def test_when_two_answers_are_apart(subcategory, one, other, apart):
    text = (
        "Measured from the camera, which is nearer: the lamp (boundingbox: [1, 2, 30, 40]) "
        "or the sofa (boundingbox: [100, 2, 300, 40])?"
    )
    assert tells_apart(subcategory, text, one, other) is apart


def test_what_does_not_change_makes_no_pair():
    still = [thing(1, "lamp", 2.0), thing(2, "sofa", 4.0)]
    assert find_pairs(still, still, ("depth_compare", "distance_description"), Dice("x"), about=1) == []


def test_a_thing_that_comes_nearer_makes_pairs_about_itself():
    before = [thing(1, "lamp", 6.0), thing(2, "sofa", 4.0), thing(3, "bed", 3.9)]
    after = [thing(1, "lamp", 2.0), thing(2, "sofa", 4.0), thing(3, "bed", 3.9)]
    (compared,) = find_pairs(before, after, ("depth_compare",), Dice("x"), about=1)
    assert compared.first.answer in ("The sofa", "The bed")
    assert compared.second.answer == "The lamp"
    (told,) = find_pairs(before, after, ("distance_description",), Dice("x"), about=1)
    assert (told.first.answer, told.second.answer) == ("About 6.0 meters", "About 2.0 meters")


def test_a_box_that_moved_takes_no_part():
    before = [thing(1, "lamp", 6.0), thing(2, "sofa", 4.0)]
    after = [thing(1, "lamp", 2.0), replace(thing(2, "sofa", 4.0), box=(700, 700, 801, 800))]
    assert find_pairs(before, after, ("depth_compare",), Dice("x"), about=1) == []


def test_a_written_question_is_answered_from_its_boxes():
    lamp, sofa = thing(1, "lamp", 6.0), thing(2, "sofa", 4.0)
    text = (
        "Is the camera nearer to the lamp (boundingbox: [400, 700, 500, 800]) "
        "than to the sofa (boundingbox: [700, 700, 800, 800])?"
    )
    assert answer_again(text, [lamp, sofa]) == "No"
    assert answer_again(text, [replace(lamp, box=(403, 700, 500, 800)), sofa]) == "No"
    assert answer_again(text, [replace(lamp, box=(404, 700, 500, 800)), sofa]) is None
    assert answer_again(text, [replace(lamp, label="lamps"), sofa]) is None
    assert answer_again("Who are you?", [lamp, sofa]) is None


def test_a_quarter_turn_brings_what_was_ahead_to_the_right():
    import numpy as np

    depth = np.arange(32, dtype=np.float32).reshape(4, 8)
    rgb = np.zeros((4, 8, 3), np.uint8)
    truth = {1: Truth((1, 2, 3), (4, 5, 6), 1)}
    start = Panorama("E", "a", rgb, depth, depth.astype(np.int32), {1: "x"}, truth)
    once = turned(start, 1, "c")
    assert once.frame == "c"
    assert once.depth[0].tolist() == [6, 7, 0, 1, 2, 3, 4, 5]
    assert once.truth[1] == Truth((3, 2, -1), (4, 5, 6), 1)
    assert turned(turned(once, 2, "c"), 1, "c").truth == start.truth


def test_partners_are_mutual_and_ask_the_same():
    one, other = place_question("StreetDay", "P000_000003"), place_question("StreetNight", "P000_000003")
    assert (
        one.text
        == other.text
        == ("Two environments look alike here. Which of them is it, StreetDay or StreetNight?")
    )
    assert (one.answer, other.answer) == ("StreetDay", "StreetNight")
    assert one.pair == other.pair == "StreetDay+StreetNight/P000_000003/place"
    assert place_question("StreetDay", "P000_000004").pair != one.pair
    assert partner_of("ParkAutumn") == "ParkSummer"
    assert partner_of("ParkSummer") == "ParkAutumn"
    assert partner_of("ParkWinter") is None
    assert partner_of("OfficeFloor") is None
    assert partner_of("Atlantis") is None
