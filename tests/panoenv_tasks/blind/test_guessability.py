from __future__ import annotations

from collections import Counter

import pytest
from support.questions import item_of
from support.shared import shared_file

from panoenv_tasks import load_items
from panoenv_tasks.blind.guessability import (
    advantage,
    blind_hard_ids,
    blind_probabilities,
    chance_level,
    ids_hash,
    ranking_power,
)
from panoenv_tasks.items import Item

LAMP = "the lamp (boundingbox: [100, 600, 200, 700])"
SOFA = "the sofa (boundingbox: [900, 600, 1000, 700])"
BED = "the bed (boundingbox: [1900, 600, 2000, 700])"
YES_NO = item_of(f"Is {LAMP} closer to the viewer than {SOFA}?", "Yes")
TWO = item_of(f"Which object looks flatter, {LAMP} or {SOFA}?", "The lamp")
THREE = item_of(f"Please identify the biggest object among {LAMP}, {SOFA}, and {BED}.", "The bed")
OPEN = item_of(f"How far is {LAMP} from the viewer?", "About 4.0 meters")


@pytest.mark.parametrize(("item", "expected"), [(YES_NO, 1 / 2), (TWO, 1 / 2), (THREE, 1 / 3), (OPEN, 0)])
def test_chance_of_a_blind_pick(item: Item, expected: float) -> None:
    assert chance_level(item) == expected


@pytest.mark.parametrize(("probability", "expected"), [(0.5, 0), (1, 1), (0.75, 0.5), (0.25, -0.5)])
def test_advantage_runs_from_chance_to_certainty(probability: float, expected: float) -> None:
    assert advantage(YES_NO, probability) == expected


def test_ranking_power_counts_pairs_of_right_and_wrong() -> None:
    items, blind = [YES_NO, YES_NO, TWO, TWO], [0.9, 0.8, 0.2, 0.3]
    # Over all: right (0.9, 0.2) against wrong (0.8, 0.3) wins two of four; within kinds one of two.
    assert ranking_power(items, blind, [True, False, True, False]) == (0.5, 0.5)
    assert ranking_power(items, blind, [True, True, False, False]) == (1.0, None)
    assert ranking_power(items[:2], [0.5, 0.5], [True, False]) == (0.5, 0.5)


def test_questions_with_little_advantage_are_kept() -> None:
    assert blind_hard_ids([TWO, THREE, OPEN], [0.6, 0.6, 0.6], tau=0.25) == [TWO.id]
    assert blind_hard_ids([TWO, THREE, OPEN], [0.6, 0.4, 0.2], tau=0.25) == sorted(
        [TWO.id, THREE.id, OPEN.id]
    )


def yes_no(n: int, answer: str) -> Item:
    return item_of(
        f"Is the lamp (boundingbox: [{n}, 600, 900, 700]) closer to the viewer than {SOFA}?", answer
    )


def test_yes_and_no_are_kept_in_equal_numbers_the_least_guessable_first() -> None:
    items = [yes_no(1, "Yes"), yes_no(2, "Yes"), yes_no(3, "Yes"), yes_no(4, "No"), yes_no(5, "No")]
    kept = blind_hard_ids(items, [0.52, 0.60, 0.51, 0.55, 0.9], tau=0.25)
    assert kept == sorted([items[2].id, items[3].id])


def test_only_yes_is_none_at_all() -> None:
    assert blind_hard_ids([yes_no(1, "Yes")], [0.5]) == []


def test_hash_is_that_of_the_sorted_lines() -> None:
    # printf 'a\nb\n' | sha256sum
    expected = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"
    assert ids_hash(["b", "a"]) == expected


def test_what_is_hard_to_guess_on_val() -> None:
    items = load_items(shared_file("panoenv_val.jsonl"), "val")
    hard = set(blind_hard_ids(items, blind_probabilities(items)))
    by_kind = Counter(item.subcategory for item in items if item.id in hard)
    # Another machine's rounding may move a question that sits on the threshold.
    assert sum(by_kind.values()) == pytest.approx(557, abs=11)
    whole = ("distance_description", "relpos_distance_straightline", "env_mcq", "env_confusable_pair")
    assert {kind: by_kind[kind] for kind in whole} == dict.fromkeys(whole, 60)
    assert {by_kind[kind] for kind in ("seam_attribution", "primary_view", "relpos_cardinal")} == {0}
