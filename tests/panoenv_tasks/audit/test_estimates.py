from __future__ import annotations

import numpy as np
import pytest

from panoenv_tasks.audit.estimates import gap, ratio


def test_ratio_by_hand():
    found = ratio([0.5, 0.25, -0.25, 0.5], [1.0, 0.5, 0.25, 0.25], ["a", "a", "b", "b"])
    assert found is not None
    assert found.mean == pytest.approx(0.5)
    assert (found.n, found.clusters) == (4, 2)
    # Cluster a: 0.75 of 1.5; cluster b: 0.25 of 0.5. Both have the ratio of the whole.
    assert found.se == pytest.approx(0.0)
    assert found.lo is None


def test_ratio_of_nothing_is_none():
    assert ratio([], [], []) is None
    assert ratio([0.0, 0.0], [0.0, 0.0], ["a", "b"]) is None


def test_gap_weighs_the_others_like_the_marked():
    # Easy questions (all right) are mostly marked, hard ones (all wrong) are not: the raw means differ by
    # 0.75 - 0.25, but within each kind there is no gap.
    values = [1, 1, 1, 0, 1, 0, 0, 0]
    marked = [True, True, True, True, False, False, False, False]
    kinds = ["easy", "easy", "easy", "hard", "easy", "hard", "hard", "hard"]
    found = gap(values, marked, kinds, [*"abcdabcd"])
    assert found is not None
    assert found.mean == 0
    assert found.n == 4


def test_gap_counts_each_kind_as_often_as_it_is_marked():
    # A gap of 1 in the kind with three marked questions, none in the kind with one.
    values = [0, 0, 0, 1, 0, 0, 0, 0]
    marked = [True, True, True, False, True, False, False, False]
    found = gap(values, marked, ["easy"] * 4 + ["hard"] * 4, [*"abcdabcd"])
    assert found is not None
    assert found.mean == pytest.approx(0.75)


def test_gap_by_hand():
    found = gap([1, 0, 1, 1], [True, True, False, False], ["k"] * 4, ["a", "b", "a", "b"])
    assert found is not None
    assert found.mean == pytest.approx(0.5)
    # Influences -0.25 (a) and +0.25 (b): sqrt(2 / 1 * (0.0625 + 0.0625)).
    assert found.se == pytest.approx(0.5)
    assert found.hi == 1.0


def test_gap_leaves_kinds_out_that_have_one_side_only():
    found = gap([1, 0, 0, 0], [True, False, True, True], ["k", "k", "lone", "lone"], [*"abcd"])
    assert found is not None
    assert (found.mean, found.n) == (-1.0, 1)
    assert gap([1, 0], [True, True], ["k", "k"], ["a", "b"]) is None


def test_gap_in_one_panorama_has_no_error():
    found = gap([1, 0], [True, False], ["k", "k"], ["a", "a"])
    assert found is not None
    assert (found.mean, found.se, found.lo) == (-1.0, None, None)


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
        found = gap(hits.tolist(), marked, ["k"] * 600, panoramas)
        assert found is not None
        assert found.lo is not None
        assert found.hi is not None
        held += found.lo <= truth <= found.hi
    assert 0.90 <= held / 200 <= 0.99
