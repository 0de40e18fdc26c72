"""Models whose habits are known must be measured as having them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from support.audit_answers import runs_of
from support.questions import item_of

from panoenv_tasks.audit.measures import MEASURES, NEEDS, Audit, audit_model
from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.blind.guess import constant
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


def questions(copies: int = 1) -> list[Item]:
    items = []
    for place, name in enumerate([f"{name}{copy or ''}" for copy in range(copies) for name in PLACES]):
        a, b = boxes(place % len(PLACES))
        misleads = name.startswith("Dome")
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
    return audit_model(runs_of(questions(), conditions, model), s)


def total(found: Audit, measure) -> float:
    return found.measures[measure]["total"].estimate.mean


def test_the_oracle_is_right_and_consistent_and_needs_no_image():
    found = audit(oracle)
    assert {
        name: figures["total"].estimate.mean for name, figures in found.accuracy.items()
    } == dict.fromkeys(ALL, 1.0)
    assert total(found, "consistency") == total(found, "all_turns_right") == 1.0
    assert (
        total(found, "multimodal_gain") == total(found, "rotation_loss") == total(found, "marked_gain") == 0.0
    )


def test_the_blind_model_gains_nothing_from_the_image():
    gain = audit(blind).measures["multimodal_gain"]
    assert set(gain) == {"total", "view_source", "distance", "relative_position"}
    assert {(f.estimate.mean, f.estimate.se, f.estimate.lo) for f in gain.values()} == {(0.0, 0.0, None)}
    assert total(audit(blind), "flips_above_repeat") == 0.0
    assert total(audit(blind), "consistency") == 1.0


def test_a_model_that_goes_by_height_is_right_only_where_height_is():
    def heights(item: Item, _: Condition) -> str:
        low_first = item.boxes[0].y2 > item.boxes[-1].y2
        if item.question_type == "true_false":
            return "Yes" if low_first else "No"
        return "the lamp" if low_first else "the door"

    found = audit_model(runs_of(questions(12), ("full", "noimage"), heights))
    gap = found.measures["height_gap"]["distance"].estimate
    assert (gap.mean, gap.n) == (1.0, 24)
    assert total(found, "multimodal_gain") == 0.0
    # One question of each kind in one place says nothing.
    few = audit(heights).measures["height_gap"]["total"]
    assert (few.estimate, few.reason[:20]) == (None, "0 such questions in ")


def test_a_model_that_looks_gains_and_is_sensitive():
    def looker(item: Item, condition: Condition) -> str:
        return item.answer if condition in ("full", "rot90", "rot180", "rot270") else "No"

    found = audit(looker)
    # "No" is right for one of the twenty.
    assert total(found, "multimodal_gain") == pytest.approx(0.95)
    assert total(found, "flips_above_repeat") == pytest.approx(0.95)
    assert total(found, "coordinate_gain") == 0.0


def test_a_model_that_reads_boxes_leaks():
    def reader(item: Item, condition: Condition) -> str:
        return "none of these" if condition in ("noimage_nobox", "marked") else item.answer

    assert total(audit(reader), "coordinate_gain") == 1.0


def test_a_model_that_ignores_turns_loses_by_turning():
    answers = {item.id: item.answer for item in questions()}

    def stubborn(item: Item, _: Condition) -> str:
        return answers[item.id]

    found = audit(stubborn)
    view = {
        name: found.measures[name]["view_source"].estimate.mean for name in ("all_turns_right", "consistency")
    }
    assert view == {"all_turns_right": 0.0, "consistency": 0.0}
    assert found.measures["rotation_loss"]["view_source"].estimate.mean == 1.0
    # Distances and heights keep their answers.
    assert found.measures["consistency"]["distance"].estimate.mean == 1.0
    assert found.measures["consistency"]["relative_position"].estimate.mean == 1.0


def test_consistently_wrong_is_consistent():
    def wrong(item: Item, _: Condition) -> str:
        return {"Yes": "No", "No": "Yes"}.get(item.answer, "About 99 meters")

    found = audit(wrong)
    assert found.measures["all_turns_right"]["distance"].estimate.mean == 0.0
    assert found.measures["consistency"]["distance"].estimate.mean == 1.0


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
    assert "flips_above_repeat" not in found.measures


def test_failed_requests_take_no_part():
    def flaky(item: Item, condition: Condition) -> str | None:
        fails = item.environment == "Dome" and condition == "noimage"
        return None if fails else item.answer

    found = audit(flaky)
    assert found.accuracy["noimage"]["total"].estimate.n == 15
    assert found.measures["multimodal_gain"]["total"].estimate.n == 15
    assert found.accuracy["full"]["total"].estimate.n == 20


def test_the_seam_gap_is_that_of_the_questions_at_the_seam():
    at_seam = "the lamp (boundingbox: [0, 700, 40, 900])"
    items = [
        item_of(f"How far is {box} from the viewer?", "About 4.0 meters", name)
        for name in [f"{name}{copy}" for name in PLACES for copy in range(6)]
        for box in (at_seam, boxes(1)[0])
    ]

    def careless(item: Item, _: Condition) -> str:
        return "About 9 meters" if item.boxes[0].touches_seam else item.answer

    found = audit_model(runs_of(items, ("full",), careless))
    assert total(found, "seam_gap") == 1.0
    assert found.measures["seam_gap"]["total"].estimate.n == 24


@pytest.mark.parametrize(("model", "expected"), [(oracle, 1.0), (blind, None)])
def test_the_blind_adjusted_score_is_what_is_left_of_what_blindness_leaves(model, expected):
    items = questions(12)
    hits = runs_of(items, ("full",), blind).by_condition["full"].answers
    certain = {name: float(answer.hit or 0.0) for name, answer in hits.items()}
    assert 0 < sum(certain.values()) < len(items)
    found = total(audit_model(runs_of(items, ("full",), model), certain), "blind_adjusted")
    assert found == pytest.approx(0.0 if expected is None else expected)


def test_what_cannot_be_measured_is_absent():
    found = audit(oracle, ("full", "rot90"))
    # No box of these questions touches the seam, and nobody said how likely a blind answer is right.
    assert set(found.measures) == {"height_gap"}
    assert found.measures["height_gap"]["total"].estimate is None
    assert set(MEASURES) == set(NEEDS)


def test_intervals_know_their_environments():
    """The released test split has two panoramas of each environment; they count as one cluster."""
    twice = [
        replace(item, frame=frame, id=f"{item.id}{frame}") for item in questions() for frame in ("P0", "P1")
    ]
    found = audit_model(runs_of(twice, ALL, oracle))
    assert found.measures["multimodal_gain"]["total"].estimate.clusters == len(PLACES)
    assert found.accuracy["full"]["total"].estimate.n == 40
    assert len(present(questions(), "rot90")) == 20


def test_a_constant_model_is_right_under_all_turns_as_often_as_the_constant_beside_it():
    """It keeps its full accuracy where its answer does not turn: that is no merit, so it stands beside."""

    def always(item: Item, _: Condition) -> str:
        return constant(item).answer

    found = audit(always)
    figure = found.measures["all_turns_right"]["total"]
    assert figure.estimate.mean == figure.beside["constant"] > 0
    assert audit(oracle).measures["all_turns_right"]["total"].beside == figure.beside


def sampler(seed: int):
    """A model that draws Yes or No, or one of the options, without looking."""
    random = Random(seed)

    def draw(item: Item, _: Condition) -> str:
        return random.choice(item.options or ("Yes", "No"))

    return draw


def choices_only(copies: int) -> list[Item]:
    return [item for item in questions(copies) if item.question_type != "open_ended"]


def test_a_model_that_draws_its_answers_is_not_sensitive_to_the_image():
    items = choices_only(40)
    runs = runs_of(items, ("full", "shuffled"), sampler(1))
    # Nearly half of its answers change, more with six options; nothing says how many change by themselves.
    raw = audit_model(runs).measures["flips_above_repeat"]["total"].estimate
    assert raw.mean > 0.5
    samples = runs.by_condition["full"]
    samples.greedy = False
    unknown = audit_model(runs).measures["flips_above_repeat"]["total"]
    assert (unknown.estimate, "a second time" in unknown.reason) == (None, True)
    samples.repeats.update(runs_of(items, ("full",), sampler(2)).by_condition["full"].answers)
    figure = audit_model(runs).measures["flips_above_repeat"]["total"]
    assert figure.estimate.lo < 0 < figure.estimate.hi
    assert min(figure.beside.values()) > 0.5


def test_greedy_answers_need_no_repeat_and_the_figure_says_so():
    figure = audit(oracle).measures["flips_above_repeat"]["total"]
    assert figure.beside == {"greedy, taken as": 0.0}


def test_a_model_that_reads_marks_gains_over_neither_image_nor_coordinates():
    def reader_of_marks(item: Item, condition: Condition) -> str:
        return item.answer if condition == "marked" else "none of these"

    figure = audit(reader_of_marks).measures["marked_gain"]["total"]
    assert figure.estimate.mean == 1.0
    assert figure.beside == {"marked": 1.0, "noimage_nobox": 0.0}


def test_rotation_loss_is_over_the_same_questions_and_says_from_where_to_where():
    def forgets(item: Item, condition: Condition) -> str:
        return "nothing" if condition == "rot90" else item.answer

    figure = audit(forgets).measures["rotation_loss"]["total"]
    assert figure.beside == pytest.approx({"unturned": 1.0, "turned": 2 / 3})
    assert figure.estimate.mean == pytest.approx(1 / 3)


def test_both_right_counts_pairs_of_panoramas_with_different_answers():
    """One text, two panoramas, two answers: whoever does not look is right at most once."""
    question = f"Is {boxes(0)[0]} closer to the viewer than {boxes(0)[1]}?"
    items = [
        replace(item_of(question, answer, name), frame=frame, id=f"{name}{frame}", pair=f"{name}/1")
        for name in PLACES
        for frame, answer in (("P0", "Yes"), ("P1", "No"))
    ]

    def audited(model):
        runs = runs_of(items, ("full",), model)
        for item in items:
            runs.by_condition["full"].answers[item.id].sample.meta["pair"] = item.pair
        return audit_model(runs).measures["both_right"]["total"]

    assert audited(oracle).estimate.mean == 1.0
    assert audited(lambda *_: "Yes").estimate.mean == 0.0
    assert audited(oracle).beside == {"chance": 0.25}
    assert "both_right" not in audit(oracle).measures


def test_three_places_are_too_few_for_an_interval():
    items = [item for item in questions() if item.environment != "Dome"]
    found = audit_model(runs_of(items, ("full",), blind)).accuracy["full"]["total"].estimate
    assert (found.lo, found.hi, found.clusters) == (None, None, 3)
