from __future__ import annotations

import numpy as np
import pytest

from panoenv_tasks.audit.estimates import difference, gap, ratio, share
from panoenv_tasks.stats import Estimate, no_interval


def value(figure) -> Estimate:
    assert figure is not None
    assert figure.estimate is not None, figure.reason
    return figure.estimate


def test_ratio_by_hand():
    above, below = [5.0, 2.5, -2.5, 5.0], [10.0, 5.0, 2.5, 2.5]
    found = value(ratio(above, below, ["a", "a", "b", "b"]))
    assert found.mean == pytest.approx(0.5)
    assert (found.n, found.clusters) == (4, 2)
    # Cluster a: 7.5 of 15; cluster b: 2.5 of 5. Both have the ratio of the whole.
    assert found.se == pytest.approx(0.0)
    assert found.lo is None


def test_ratio_of_nothing_is_none():
    assert ratio([], [], []) is None


def test_a_ratio_over_next_to_nothing_has_no_value():
    # Twenty questions that blindness nearly always gets right, half of them wrong: -893 % it used to be.
    figure = ratio([0.5 - 0.95] * 20, [0.05] * 20, [str(n) for n in range(20)])
    assert figure is not None
    assert figure.estimate is None
    assert figure.reason == "only 1.0 to divide by, at least 10 are needed"


def test_a_difference_shows_what_it_was_made_from():
    figure = difference([1, 1, 1, 0], [1, 0, 0, 0], list("abcd"), ("full", "noimage"))
    assert value(figure).mean == 0.5
    assert figure.beside == {"full": 0.75, "noimage": 0.25}


def test_answers_that_are_all_alike_give_no_interval_for_their_difference():
    found = value(difference([1, 0, 1, 0], [1, 0, 1, 0], list("abcd"), ("full", "noimage")))
    assert (found.mean, found.se, found.lo, found.hi) == (0.0, 0.0, None, None)
    assert no_interval(found) == "no variation"


def test_a_share_of_nothing_is_none():
    assert share([], []) is None
    assert difference([], [], [], ("a", "b")) is None


#: Ten environments, each with the same questions.
PLACES = [f"P{n}" for n in range(10)]


def spread(values, marked, kinds, places=PLACES):
    """The same questions in every place, as the arguments of ``gap``."""
    n = len(places)
    return [*values] * n, [*marked] * n, [*kinds] * n, [p for p in places for _ in values]


def test_gap_weighs_the_others_like_the_marked():
    # Easy questions (all right) are mostly marked, hard ones (all wrong) are not: the raw means differ by
    # 0.75 - 0.25, but within each kind there is no gap.
    values = [1, 1, 1, 0, 1, 0, 0, 0]
    marked = [True, True, True, True, False, False, False, False]
    kinds = ["easy", "easy", "easy", "hard", "easy", "hard", "hard", "hard"]
    found = value(gap(*spread(values, marked, kinds)))
    assert found.mean == 0
    assert found.n == 40


def test_gap_counts_each_kind_as_often_as_it_is_marked():
    # A gap of 1 in the kind with three marked questions, none in the kind with one.
    values = [0, 0, 0, 1, 0, 0, 0, 0]
    marked = [True, True, True, False, True, False, False, False]
    found = value(gap(*spread(values, marked, ["easy"] * 4 + ["hard"] * 4)))
    assert found.mean == pytest.approx(0.75)


def test_gap_by_hand():
    # In half of the places the marked one is right and the other wrong, in the rest the reverse.
    values, marked, kinds, places = [], [], [], []
    for n in range(20):
        for inside in (True, False):
            values.append(float(inside == (n % 2 == 0)))
            marked.append(inside)
            kinds.append("k")
            places.append(f"P{n}")
    found = value(gap(values, marked, kinds, places))
    assert (found.mean, found.n, found.clusters) == (0.0, 20, 20)
    # Each place adds (x - 1/2)/20 of the others minus that of the marked: -1/20 or +1/20.
    assert found.se == pytest.approx((20 / 19 * 20 * 0.05**2) ** 0.5)


@pytest.mark.parametrize(
    ("per_place", "places", "said"),
    [
        (1, 19, "19 such questions in 19 environments; at least 20 in 10 are needed"),
        (5, 4, "20 such questions in 4 environments; at least 20 in 10 are needed"),
    ],
)
def test_too_few_marked_give_no_value(per_place, places, said):
    # Five marked questions, all wrong, once gave -100 [-100, -100].
    values, marked = [0.0] * per_place + [1.0] * 5, [True] * per_place + [False] * 5
    figure = gap(*spread(values, marked, ["k"] * len(values), [f"P{n}" for n in range(places)]))
    assert figure is not None
    assert (figure.estimate, figure.reason) == (None, said)


def test_gap_leaves_kinds_out_that_have_one_question_on_a_side():
    values, marked, kinds, places = spread([1, 0, 1], [True, False, True], ["k", "k", "lone"])
    values[-1], marked[-1] = 0, False  # one question of the lone kind is not marked
    found = value(
        gap([*values, *[1] * 10], [*marked, *[True] * 10], [*kinds, *["k"] * 10], [*places, *PLACES])
    )
    assert (found.mean, found.n) == (-1.0, 20)


def test_nothing_marked_is_none():
    assert gap([1, 0], [False, False], ["k", "k"], ["a", "b"]) is None


@pytest.mark.parametrize("truth", [0.0, 0.2])
def test_intervals_hold_the_truth_about_as_often_as_they_say(truth):
    rng = np.random.default_rng(3)
    panoramas = [str(p) for p in range(60) for _ in range(10)]
    marked = ([True] * 3 + [False] * 7) * 60
    held = 0
    for _ in range(200):
        shift = np.repeat(rng.uniform(-0.2, 0.2, 60), 10)
        chance = 0.5 + shift - truth * np.array(marked)
        hits = (rng.random(600) < chance).astype(float)
        found = value(gap(hits.tolist(), marked, ["k"] * 600, panoramas))
        assert found.lo is not None
        assert found.hi is not None
        held += found.lo <= truth <= found.hi
    assert 0.90 <= held / 200 <= 0.99
