"""Chance that is the same everywhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from panoenv_tasks.synthesis.dice import Dice


def test_a_seed_always_gives_the_same_picks():
    dice = Dice("StreetDay", "P000_000001", 7)
    assert [dice.below(100) for _ in range(6)] == [13, 51, 1, 75, 6, 94]
    assert dice.uniform(1.0, 2.0) == 1.8
    assert "".join(dice.shuffled("abcdef")) == "fdbeac"


def test_seeds_are_told_apart_by_their_parts():
    one, other = Dice("ab", "c"), Dice("a", "bc")
    assert [one.below(1000) for _ in range(4)] != [other.below(1000) for _ in range(4)]


@given(st.integers(), st.lists(st.integers(), max_size=20))
def test_shuffling_loses_nothing(seed, values):
    assert sorted(Dice(seed).shuffled(values)) == sorted(values)


@given(st.integers(), st.integers(-50, 50), st.integers(0, 40))
def test_uniform_stays_on_its_grid(seed, low, steps):
    value = Dice(seed).uniform(low, low + 0.25 * steps, 0.25)
    assert low <= value <= low + 0.25 * steps
    assert (value * 4).is_integer()


def test_chances_come_about_as_often_as_they_say():
    dice = Dice("chance")
    assert 2850 < sum(dice.chance(0.3) for _ in range(10_000)) < 3150
