"""Models whose habits are known must be measured as having them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.audit_answers import subject_of
from support.questions import item_of

from panoenv_tasks.audit.measures import MEASURES, NEEDS, Audit, audit_subject
from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.items import Item
from panoenv_tasks.perturb import CONDITIONS, Condition, present

ALL: tuple[Condition, ...] = tuple(CONDITIONS)
#: Two boxes per place, the first lower in the image; only in the last place is it the farther one.
PLACES = ("Attic", "Bridge", "Cave", "Dome")


def boxes(place: int) -> tuple[str, str]:
    x = 40 + 50 * place
    low = f"the lamp (boundingbox: [{x}, 700, {x + 40}, 900])"
    high = f"the door (boundingbox: [{x + 300}, 300, {x + 340}, 600])"
    return low, high


def questions() -> list[Item]:
    items = []
    for place, name in enumerate(PLACES):
        a, b = boxes(place)
        misleads = name == "Dome"
        items += [
            item_of(f"Is {a} closer to the viewer than {b}?", "No" if misleads else "Yes", name),
            item_of(
                f"Which object is closer to the viewer, {a} or {b}?",
                "The door" if misleads else "The lamp",
                name,
            ),
            item_of(f"How far is {a} from the viewer?", "About 4.0 meters", name),
            item_of(
                f"From which view (front/back/left/right/top/bottom) does {a} primarily come?", "Back", name
            ),
            item_of(
                f"Describe the 3D position of {a} with respect to {b}.", "The lamp is below the door.", name
            ),
        ]
    return items


def oracle(item: Item, _: Condition) -> str:
    return item.answer


def blind(item: Item, _: Condition) -> str:
    return guess(item).answer


def audit(model, conditions: tuple[Condition, ...] = ALL, s: Mapping[str, float] | None = None) -> Audit:
    return audit_subject(subject_of(questions(), conditions, model), s)


def total(found: Audit, measure) -> float:
    return found.measures[measure]["total"].mean


def test_the_oracle_is_right_and_consistent_and_needs_no_image():
    found = audit(oracle)
    assert {name: figures["total"].mean for name, figures in found.accuracy.items()} == dict.fromkeys(
        ALL, 1.0
    )
    assert total(found, "consistency") == total(found, "all_four_correct") == 1.0
    assert total(found, "image_gain") == total(found, "rotation_loss") == total(found, "height_gap") == 0.0


def test_the_blind_model_gains_nothing_from_the_image():
    gain = audit(blind).measures["image_gain"]
    assert set(gain) == {"total", "view_source", "distance", "relative_position"}
    assert {(e.mean, e.se, e.lo) for e in gain.values()} == {(0.0, 0.0, None)}
    assert total(audit(blind), "image_sensitivity") == 0.0
    assert total(audit(blind), "consistency") == 1.0


def test_a_model_that_goes_by_height_is_right_only_where_height_is():
    def heights(item: Item, _: Condition) -> str:
        low_first = item.boxes[0].y2 > item.boxes[-1].y2
        if item.question_type == "true_false":
            return "Yes" if low_first else "No"
        return "the lamp" if low_first else "the door"

    found = audit(heights)
    assert found.measures["height_gap"]["distance"].mean == 1.0
    assert total(found, "image_gain") == 0.0


def test_a_model_that_looks_gains_and_is_sensitive():
    def looker(item: Item, condition: Condition) -> str:
        return item.answer if condition in ("full", "rot90", "rot180", "rot270") else "No"

    found = audit(looker)
    # "No" is right for one of the twenty.
    assert total(found, "image_gain") == pytest.approx(0.95)
    assert total(found, "image_sensitivity") == pytest.approx(0.95)
    assert total(found, "box_leak") == 0.0


def test_a_model_that_reads_boxes_leaks():
    def reader(item: Item, condition: Condition) -> str:
        return "none of these" if condition in ("noimage_nobox", "marked") else item.answer

    assert total(audit(reader), "box_leak") == 1.0


def test_a_model_that_ignores_turns_loses_by_turning():
    answers = {item.id: item.answer for item in questions()}

    def stubborn(item: Item, _: Condition) -> str:
        return answers[item.id]

    found = audit(stubborn)
    view = {name: found.measures[name]["view_source"].mean for name in ("rotation_accuracy", "consistency")}
    assert view == {"rotation_accuracy": 0.0, "consistency": 0.0}
    assert found.measures["rotation_loss"]["view_source"].mean == 1.0
    # Distances and heights keep their answers.
    assert found.measures["consistency"]["distance"].mean == 1.0
    assert found.measures["consistency"]["relative_position"].mean == 1.0


def test_consistently_wrong_is_consistent():
    def wrong(item: Item, _: Condition) -> str:
        return {"Yes": "No", "No": "Yes"}.get(item.answer, "About 99 meters")

    found = audit(wrong)
    assert found.measures["all_four_correct"]["distance"].mean == 0.0
    assert found.measures["consistency"]["distance"].mean == 1.0


def test_unreadable_answers_are_inconsistent_but_only_where_something_was_readable():
    def lost_when_turned(item: Item, condition: Condition) -> str:
        return "Yes or No" if condition == "rot90" else item.answer

    def lost_when_straight(item: Item, condition: Condition) -> str:
        return "Yes or No" if condition == "full" else item.answer

    def never_readable(item: Item, _: Condition) -> str:
        return "I cannot tell"

    assert total(audit(lost_when_turned), "consistency") == 0.0
    assert total(audit(lost_when_straight), "consistency") == 0.0
    found = audit(never_readable)
    assert "consistency" not in found.measures
    assert "image_sensitivity" not in found.measures


def test_failed_requests_take_no_part():
    def flaky(item: Item, condition: Condition) -> str | None:
        fails = item.environment == "Dome" and condition == "noimage"
        return None if fails else item.answer

    found = audit(flaky)
    assert found.accuracy["noimage"]["total"].n == 15
    assert found.measures["image_gain"]["total"].n == 15
    assert found.accuracy["full"]["total"].n == 20


def test_the_seam_gap_is_that_of_the_questions_at_the_seam():
    at_seam = "the lamp (boundingbox: [0, 700, 40, 900])"
    items = [
        item_of(f"How far is {box} from the viewer?", "About 4.0 meters", name)
        for name in PLACES
        for box in (at_seam, boxes(1)[0])
    ]

    def careless(item: Item, _: Condition) -> str:
        return "About 9 meters" if item.boxes[0].touches_seam else item.answer

    found = audit_subject(subject_of(items, ("full",), careless))
    assert total(found, "seam_gap") == 1.0
    assert found.measures["seam_gap"]["total"].n == 4


@pytest.mark.parametrize(("model", "expected"), [(oracle, 1.0), (blind, None)])
def test_the_blind_adjusted_score_is_what_is_left_of_what_blindness_leaves(model, expected):
    items = questions()
    hits = subject_of(items, ("full",), blind).shown["full"].answers
    certain = {name: float(answer.hit or 0.0) for name, answer in hits.items()}
    assert 0 < sum(certain.values()) < len(items)
    found = total(audit(model, s=certain), "blind_adjusted")
    assert found == pytest.approx(0.0 if expected is None else expected)


def test_what_cannot_be_measured_is_absent():
    found = audit(oracle, ("full", "rot90"))
    # No box of these questions touches the seam, and nobody said how likely a blind answer is right.
    assert set(found.measures) == {"height_gap"}
    assert set(MEASURES) == set(NEEDS)


def test_intervals_know_their_panoramas():
    assert audit(oracle).measures["image_gain"]["total"].clusters == len(PLACES)
    assert len(present(questions(), "rot90")) == 20
