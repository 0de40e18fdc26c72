import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoenv_tasks.stats import (
    Pairwise,
    cluster_totals,
    clustered_mean,
    column_totals,
    estimate,
    estimate_columns,
    holm,
    minimal_detectable_difference,
    no_interval,
    paired_difference,
    pairwise,
    sign_flip_p,
    t_quantile,
)


def _simulated(rng, clusters=120, size=25, spread=0.8):
    """Right/wrong answers whose chance varies by panorama; the true mean is 0.5."""
    chance = 1 / (1 + np.exp(-rng.normal(0, spread, clusters)))
    values = (rng.random((clusters, size)) < chance[:, None]).astype(float).ravel()
    return values, np.repeat(np.arange(clusters), size)


def test_no_values_is_no_estimate():
    assert clustered_mean([], []) is None
    assert paired_difference([], [], []) is None


def test_one_cluster_has_a_mean_and_no_error():
    found = clustered_mean([0, 1, 1, 1], ["a"] * 4)
    assert (found.mean, found.se, found.lo, found.hi) == (0.75, None, None, None)
    assert (found.n, found.clusters) == (4, 1)


def test_zero_variance_is_zero_not_unknown_and_gives_no_interval():
    found = clustered_mean([1, 1, 1, 1], list("abcd"))
    assert (found.mean, found.se, found.lo, found.hi) == (1.0, 0.0, None, None)
    assert no_interval(found) == "no variation"


@pytest.mark.parametrize("interval", ["t", "wilson", "bootstrap"])
def test_three_clusters_are_too_few_for_an_interval(interval):
    found = clustered_mean([0, 1, 1], list("abc"), interval)
    assert found.se == pytest.approx(1 / 3)
    assert (found.lo, found.hi) == (None, None)
    assert no_interval(found) == "3 clusters only"
    assert no_interval(clustered_mean([0, 1, 1, 1], list("abcd"), interval)) == ""


def test_singleton_clusters_give_the_textbook_standard_error():
    found = clustered_mean([1, 2, 3, 4], list("abcd"))
    assert found.se == pytest.approx(math.sqrt(5 / 3) / 2)  # s / sqrt(n), s^2 = 5/3
    assert found.hi == pytest.approx(2.5 + 3.182446305 * found.se)  # t(0.975, 3)


def test_known_value_with_unequal_clusters():
    # mean 3/5; residual sums: a 2 - 3*0.6 = 0.2, b 1 - 2*0.6 = -0.2; C/(C-1) = 2
    found = clustered_mean([1, 1, 0, 1, 0], list("aaabb"))
    assert found.mean == pytest.approx(0.6)
    assert found.se == pytest.approx(math.sqrt(2 * (0.2**2 + 0.2**2)) / 5)


def test_perfectly_correlated_clusters_count_once():
    by_question = clustered_mean([0, 1, 1, 0], list("abcd"))
    repeated = clustered_mean([0, 1, 1, 0] * 10, list("abcd") * 10)
    assert repeated.se == pytest.approx(by_question.se)


def test_order_of_rows_does_not_matter():
    values, clusters = _simulated(np.random.default_rng(3), clusters=7, size=5)
    shuffle = np.random.default_rng(4).permutation(len(values))
    mixed = clustered_mean(values[shuffle], clusters[shuffle])
    assert mixed.se == pytest.approx(clustered_mean(values, clusters).se)


@pytest.mark.parametrize(
    ("values", "clusters", "message"),
    [
        ([1.0], ["a", "b"], "one each"),
        ([math.nan], ["a"], "finite"),
        ([1.0, 0.0], ["a", ""], "cluster id"),
        ([1.0, 0.0], ["a", None], "cluster id"),
    ],
)
def test_bad_input_is_refused(values, clusters, message):
    with pytest.raises(ValueError, match=message):
        cluster_totals(values, clusters)


def test_wilson_known_value_and_limits():
    # 8 singletons, all right: n_eff = 8, q = t(0.975, 7) = 2.364624; lower = 8 / (8 + q^2)
    found = clustered_mean([1.0] * 8, list("abcdefgh"), interval="wilson")
    assert found.lo == pytest.approx(8 / (8 + 2.364624252**2))
    assert found.hi == 1.0


def test_all_right_is_not_less_certain_than_one_wrong():
    # 200 answers in 8 panoramas. All right used to count as 8 answers, [58.9, 100]; one wrong as 200.
    panoramas = list("abcdefgh") * 25
    all_right = clustered_mean([1.0] * 200, panoramas, "wilson")
    one_wrong = clustered_mean([0.0] + [1.0] * 199, panoramas, "wilson")
    assert all_right.lo == pytest.approx(200 / (200 + 2.364624252**2))  # 97.3 %
    assert one_wrong.lo < all_right.lo
    assert one_wrong.hi < all_right.hi == 1.0


def test_answers_that_vary_less_than_independent_ones_count_as_independent():
    # Every panorama has exactly one right of two: no error between panoramas, n stays 40.
    found = clustered_mean([0.0, 1.0] * 20, np.repeat(np.arange(20), 2), "wilson")
    q = 2.093024  # t(0.975, 19)
    assert found.se == 0.0
    assert found.hi - 0.5 == pytest.approx(q / (1 + q * q / 40) * math.sqrt(0.25 / 40 + q * q / 6400))


def test_wilson_refuses_what_is_not_a_share():
    with pytest.raises(ValueError, match="Wilson"):
        clustered_mean([3.0, 5.0], ["a", "b"], interval="wilson")


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=4, max_size=60).filter(
        lambda rows: len({c for _, c in rows}) > 3
    )
)
@settings(max_examples=60, deadline=None)
def test_wilson_stays_inside_and_around_the_share(rows):
    found = clustered_mean([v for v, _ in rows], [c for _, c in rows], interval="wilson")
    assert 0 <= found.lo <= found.mean + 1e-12
    assert found.mean - 1e-12 <= found.hi <= 1


@pytest.mark.parametrize(("interval", "clusters"), [("t", 120), ("t", 8), ("wilson", 60)])
def test_intervals_cover_95_percent(interval, clusters):
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(1500):
        found = clustered_mean(*_simulated(rng, clusters), interval=interval)
        hits += found.lo <= 0.5 <= found.hi
    assert 0.933 <= hits / 1500 <= 0.967  # 3 standard errors of the simulation


def test_bootstrap_covers_95_percent():
    rng = np.random.default_rng(12)
    hits = 0
    for _ in range(300):
        found = clustered_mean(*_simulated(rng, 120, 4), interval="bootstrap")
        hits += found.lo <= 0.5 <= found.hi
    assert 0.91 <= hits / 300 <= 0.98


def test_ignoring_clusters_would_not_cover():
    rng = np.random.default_rng(13)
    hits = 0
    for _ in range(300):
        values, _ = _simulated(rng, 60)
        found = clustered_mean(values, np.arange(len(values)))
        hits += found.lo <= 0.5 <= found.hi
    assert hits / 300 < 0.85


def test_bootstrap_agrees_with_t_on_many_clusters():
    values, clusters = _simulated(np.random.default_rng(5))
    t, boot = clustered_mean(values, clusters), clustered_mean(values, clusters, "bootstrap")
    assert boot.lo == pytest.approx(t.lo, abs=0.004)
    assert boot.hi == pytest.approx(t.hi, abs=0.004)


def test_sign_flip_known_value():
    # 5 clusters all +1: only the two patterns of equal signs reach |5|, of 32.
    found = paired_difference([1] * 5, [0] * 5, list("abcde"))
    assert found.p == pytest.approx(2 / 32)
    assert found.exact


def test_no_difference_has_p_one():
    found = paired_difference([1, 0, 1], [1, 0, 1], list("abc"))
    assert (found.estimate.mean, found.p) == (0.0, 1.0)


def test_one_cluster_has_no_p_value():
    assert paired_difference([1, 0], [0, 0], ["a", "a"]).p is None


def test_unequal_lengths_cannot_be_paired():
    with pytest.raises(ValueError, match="paired"):
        paired_difference([1], [1, 0], ["a"])


def test_whole_panoramas_are_flipped_not_questions():
    # 3 panoramas of 10 questions: the smallest possible two-sided p is 2/8, whatever the questions.
    found = paired_difference([1] * 30, [0] * 30, list("abc") * 10)
    assert found.p == pytest.approx(0.25)


def test_sampled_sign_flip_agrees_with_the_exact_one():
    sums = np.random.default_rng(6).normal(0.35, 1, size=(14, 1))
    exact = sign_flip_p(sums)[0]
    # 14 real clusters and one that never differs: sampled, with the same distribution.
    sampled = sign_flip_p(np.vstack([sums, [[0.0]]]))[0]
    assert sampled == pytest.approx(exact, abs=0.02)
    assert sampled != exact


def test_sampled_p_is_never_zero():
    assert sign_flip_p(np.ones((200, 1)))[0] == pytest.approx(1 / 10_001)


def test_sign_flip_rejects_five_percent_under_the_null():
    rng = np.random.default_rng(8)
    # Differences between two equally good models, heavily correlated within 40 panoramas of 25.
    sums = rng.normal(0, 1, (40, 2000)) * 8 + rng.normal(0, 5, (40, 2000))
    assert 0.035 <= (sign_flip_p(sums, resamples=2000) < 0.05).mean() <= 0.065


def _equal_models(rng, pairs, environments=60, panoramas=2, questions=25, spread=0.3):
    """Differences in right answers, shape (environments, panoramas, pairs), of equally good models.

    What suits one model and not the other varies by environment as much as by panorama.
    """
    by_environment = rng.normal(0, spread, (2, environments, 1, pairs))
    by_panorama = rng.normal(0, spread, (2, environments, panoramas, pairs))
    right = rng.binomial(questions, 1 / (1 + np.exp(-by_environment - by_panorama)))
    return (right[0] - right[1]).astype(float)


def test_two_panoramas_of_one_environment_are_one_cluster():
    """The released test split: 60 environments, two panoramas each. At 5 %, panoramas reject in 8 %."""
    differences = _equal_models(np.random.default_rng(1), pairs=4000)
    by_environment = (sign_flip_p(differences.sum(axis=1), resamples=2000) < 0.05).mean()
    by_panorama = (sign_flip_p(differences.reshape(120, -1), resamples=2000) < 0.05).mean()
    assert 0.04 <= by_environment <= 0.06
    assert by_panorama > 0.07


def test_holm_known_value():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_ranks_share_what_cannot_be_told_apart():
    rng = np.random.default_rng(9)
    clusters = np.repeat(np.arange(60), 20)
    chance = np.array([0.70, 0.69, 0.40])
    values = (rng.random((1200, 1)) < chance).astype(float)
    values[:, 1] = (rng.random(1200) < 0.70).astype(float)
    assert pairwise(values, clusters).ranks() == [1, 1, 3]


def test_ranks_without_rivals_or_clusters():
    assert pairwise(np.ones((4, 1)), list("aabb")).ranks() == [1]
    assert pairwise(np.array([[1.0, 0.0]] * 4), list("aaaa")).ranks() == [1, 1]
    assert pairwise(np.empty((0, 2)), []).ranks() == [1, 1]


def test_pairwise_agrees_with_single_comparisons():
    rng = np.random.default_rng(10)
    values, clusters = (rng.random((200, 3)) < 0.5).astype(float), np.repeat(np.arange(20), 10)
    table = pairwise(values, clusters)
    alone = paired_difference(values[:, 0], values[:, 2], clusters)
    assert table.difference[0, 2] == pytest.approx(alone.estimate.mean)
    assert table.difference[2, 0] == -table.difference[0, 2]
    assert table.se[0, 2] == pytest.approx(alone.estimate.se)
    assert table.p[0, 2] == alone.p
    assert table.adjusted[0, [1, 2]].tolist() == holm(table.p[0, [1, 2]].tolist())


def test_minimal_detectable_difference_known_value():
    # The planning figure for 2,991 questions with sd(d) = 0.5: about 2.6 points.
    se = 0.5 / math.sqrt(2991)
    assert 100 * minimal_detectable_difference(se, clusters=10_000) == pytest.approx(2.56, abs=0.01)
    assert minimal_detectable_difference(se, clusters=8) > 0.029
    assert minimal_detectable_difference(se, clusters=1) is None


def test_t_quantile_table_value():
    assert t_quantile(0.975, 119) == pytest.approx(1.980100, abs=1e-6)


# Figures that hold a formula to its last constant: worked out by hand, or from a table.


def test_totals_per_cluster_and_column():
    values, held = np.array([[1.0], [2.0], [4.0]]), np.array([[True, True], [False, True], [True, False]])
    sums, counts = column_totals(values, ["b", "a", "b"], held)
    assert (sums.tolist(), counts.tolist()) == ([[0.0, 2.0], [5.0, 1.0]], [[0.0, 1.0], [2.0, 1.0]])
    sums, counts = column_totals(values, [7, 3, 7])
    assert (sums.tolist(), counts.tolist()) == ([[2.0], [5.0]], [[1.0], [2.0]])
    sums, counts = column_totals(np.hstack([values, -values]), [7, 3, 7])
    assert (sums.tolist(), counts.tolist()) == ([[2.0, -2.0], [5.0, -5.0]], [[1.0, 1.0], [2.0, 2.0]])
    assert cluster_totals([1, 2, 4], list("bab")).mean == pytest.approx(7 / 3)


def test_a_column_that_holds_one_cluster_of_several_has_no_error():
    values, held = np.array([[1.0], [0.0], [1.0]]), np.array([[True, True], [True, False], [True, False]])
    found = estimate_columns(*column_totals(values, list("abc"), held))
    assert [(one.n, one.clusters) for one in found] == [(3, 3), (1, 1)]
    assert (found[0].se, found[1].se) == (pytest.approx(1 / 3), None)


def test_wilson_of_answers_that_are_alike_in_a_cluster_counts_clusters():
    # 4 panoramas of 10, each all right or all wrong: se^2 = 4/3 * 100 / 1600 = 1/12, against 0.25/40 of
    # independent answers: a design effect of 40/3, 3 effective answers. q = t(0.975, 3).
    found, q = clustered_mean([0, 1, 1, 0] * 10, list("abcd") * 10, "wilson"), 3.182446305
    reach = q / (1 + q * q / 3) * math.sqrt(0.25 / 3 + q * q / 36)
    assert (found.lo, found.hi) == (pytest.approx(0.5 - reach), pytest.approx(0.5 + reach))


def test_another_level_is_another_quantile():
    totals = cluster_totals([1, 2, 3, 4], list("abcd"))
    se = math.sqrt(5 / 3) / 2
    assert estimate(totals).lo == pytest.approx(2.5 - 3.182446305 * se)
    assert estimate(totals, level=0.9).lo == pytest.approx(2.5 - 2.353363435 * se)  # t(0.95, 3)
    assert clustered_mean([0] * 8, list("abcdefgh"), "wilson", 0.9).hi == pytest.approx(
        1.894578605**2 / (8 + 1.894578605**2)  # t(0.95, 7)
    )
    found = paired_difference([1, 2, 3, 4], [0, 0, 0, 0], list("abcd"))
    assert found.estimate.hi == pytest.approx(2.5 + 3.182446305 * se)


def test_the_bootstrap_gives_the_same_limits_every_time():
    values = [0.31, 2.0, 1.7, -0.4, 0.9, 3.3, 1.1, 0.25, 2.6]
    found = clustered_mean(values, list("aabccdeef"), "bootstrap")
    assert (found.lo, found.hi) == (pytest.approx(0.7009090909090909), pytest.approx(2.266666666666666))


def test_why_there_is_no_interval_is_said_in_the_right_number():
    assert no_interval(clustered_mean([0, 1], ["a", "a"])) == "1 cluster only"
    assert no_interval(clustered_mean([0, 1], ["a", "b"])) == "2 clusters only"


def test_two_clusters_have_a_p_value():
    # Of 4 patterns of signs two reach |2|, and all four |0|.
    assert paired_difference([1, 1], [0, 0], ["a", "b"]).p == 0.5
    assert pairwise(np.array([[1.0, 0.0], [1.0, 0.0]]), ["a", "b"]).p[0, 1] == 0.5
    assert paired_difference([1, 0], [0, 1], ["a", "b"]).p == 1.0


@pytest.mark.parametrize(("clusters", "exact"), [(14, True), (15, False)])
def test_up_to_14_clusters_all_patterns_are_tried(clusters, exact):
    found = paired_difference([1] * clusters, [0] * clusters, list(range(clusters)))
    assert found.exact is exact
    assert found.p == (2 / 2**14 if exact else 1 / 10_001)


def test_drawn_patterns_are_the_same_every_time():
    assert sign_flip_p(np.array([[1.0]] * 12 + [[-1.0]] * 8))[0] == 4999 / 10_001


def test_rounding_does_not_make_a_sum_less_extreme_than_itself():
    """In single precision 14 times 1000.1 is a little less than it is."""
    assert sign_flip_p(np.full((14, 1), 1000.1))[0] == 2 / 2**14
    assert sign_flip_p(np.full((14, 1), 0.1))[0] == 2 / 2**14


@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_sampled_p_of_16_against_4(scale):
    # P(16 or more of 20 coins fall alike) = 2 * 6196 / 2^20.
    sums = scale * np.array([[1.0]] * 16 + [[-1.0]] * 4)
    assert sign_flip_p(sums, resamples=40_000)[0] == pytest.approx(2 * 6196 / 2**20, abs=0.002)


def test_no_difference_at_all_has_p_one_among_many_clusters():
    assert sign_flip_p(np.hstack([np.zeros((20, 1)), np.ones((20, 1))])).tolist() == [1.0, 1 / 10_001]


def test_a_model_is_ranked_behind_those_that_are_certainly_better():
    def ranks(difference, adjusted, **options):
        filled = np.full((2, 2), adjusted)
        gap = np.array([[0.0, difference], [-difference, 0.0]])
        return Pairwise(gap, filled, filled, filled).ranks(**options)

    assert ranks(0.5, 0.04) == [1, 2]
    assert ranks(0.5, 0.05) == [1, 1]
    assert ranks(0.5, 0.06, alpha=0.1) == [1, 2]
    assert ranks(0.0, 0.0) == [1, 1]


def test_minimal_detectable_difference_of_two_clusters():
    # t(0.975, 1) = 12.706205, t(0.8, 1) = 1.376382; t(0.95, 1) = 6.313752, t(0.9, 1) = 3.077684.
    assert minimal_detectable_difference(1.0, 2) == pytest.approx(12.706205 + 1.376382, abs=1e-5)
    assert minimal_detectable_difference(1.0, 2, 0.1, 0.9) == pytest.approx(6.313752 + 3.077684, abs=1e-5)
