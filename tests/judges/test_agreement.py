import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judges.agreement import auc, bootstrapped, contingency_tables, quadratic_kappa

RATINGS = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=2, max_size=60)


def _one(rows: list[int], columns: list[int], shape: tuple[int, int]) -> np.ndarray:
    return contingency_tables(rows, columns, ["x"] * len(rows), shape)


@settings(max_examples=50, deadline=None)
@given(RATINGS)
def test_kappa_is_the_known_one(pairs: list[tuple[int, int]]) -> None:
    from sklearn.metrics import cohen_kappa_score

    a, b = [p[0] for p in pairs], [p[1] for p in pairs]
    ours = quadratic_kappa(_one(a, b, (11, 11)))[0]
    if len({*a, *b}) > 1:
        theirs = cohen_kappa_score(a, b, labels=list(range(11)), weights="quadratic")
        assert ours == pytest.approx(theirs, abs=1e-12)
    else:
        assert np.isnan(ours)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 1)), min_size=2, max_size=60))
def test_auc_is_the_known_one(pairs: list[tuple[int, int]]) -> None:
    from sklearn.metrics import roc_auc_score

    scores, right = [p[0] for p in pairs], [p[1] for p in pairs]
    ours = auc(_one(scores, right, (11, 2)))[0]
    if len(set(right)) == 2:
        assert ours == pytest.approx(roc_auc_score(right, scores), abs=1e-12)
    else:
        assert np.isnan(ours)


def test_extremes() -> None:
    assert quadratic_kappa(_one([0, 10, 5], [0, 10, 5], (11, 11)))[0] == 1
    assert quadratic_kappa(_one([0, 10], [10, 0], (11, 11)))[0] == -1
    assert auc(_one([0, 1, 9, 10], [0, 0, 1, 1], (11, 2)))[0] == 1
    assert auc(_one([5, 5], [0, 1], (11, 2)))[0] == 0.5


def test_the_interval_knows_about_panoramas() -> None:
    generator = np.random.default_rng(3)
    clusters = [str(i) for i in range(40) for _ in range(25)]
    # All 25 answers of a panorama share their fate, so there are 40 pieces of news, not 1,000.
    fate = np.repeat(generator.integers(0, 2, 40), 25)
    rows, columns = (10 * fate).tolist(), (10 * np.repeat(generator.integers(0, 2, 40), 25)).tolist()
    grouped = bootstrapped(contingency_tables(rows, columns, clusters, (11, 11)), quadratic_kappa)
    single = bootstrapped(
        contingency_tables(rows, columns, [str(i) for i in range(1000)], (11, 11)), quadratic_kappa
    )
    assert grouped.value == single.value
    assert None not in (grouped.lo, grouped.hi, single.lo, single.hi)
    assert (grouped.hi - grouped.lo) > 3 * (single.hi - single.lo)  # type: ignore[operator]
    assert grouped.lo < grouped.value < grouped.hi  # type: ignore[operator]


def test_what_cannot_be_known_is_none() -> None:
    one_panorama = bootstrapped(_one([0, 10], [0, 10], (11, 11)), quadratic_kappa)
    assert (one_panorama.value, one_panorama.lo, one_panorama.hi) == (1, None, None)
    three_panoramas = contingency_tables([0, 10, 3], [0, 9, 3], ["a", "b", "c"], (11, 11))
    assert bootstrapped(three_panoramas, quadratic_kappa).lo is None
    four_panoramas = contingency_tables([0, 10, 3, 5], [0, 9, 3, 7], ["a", "b", "c", "d"], (11, 11))
    assert bootstrapped(four_panoramas, quadratic_kappa).lo is not None
    constant = bootstrapped(contingency_tables([3, 3], [3, 3], ["a", "b"], (11, 11)), quadratic_kappa)
    assert constant.value is None
    assert bootstrapped(contingency_tables([], [], [], (11, 2)), auc).value is None


def test_ratings_outside_the_table_are_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 10"):
        _one([11], [0], (11, 2))
    with pytest.raises(ValueError, match="from 0 to 1"):
        _one([0], [-1], (11, 2))
