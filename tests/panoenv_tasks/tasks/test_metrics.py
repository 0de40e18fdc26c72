"""From scored records to a table: what counts where, and pooling that is exact over unequal tasks."""

from __future__ import annotations

import math

import pytest

from panoenv_tasks.tasks.panoenv.metrics import (
    mean,
    metric_items,
    names,
    pooled,
    standard_error,
    total,
    values,
)

STATUSES = {"n_answered", "n_untagged", "n_no_answer_tag", "n_empty", "n_ambiguous", "n_unparsed", "n_error"}


def record(**changes):
    made = {
        "environment": "Rome",
        "frame": "P000_000500",
        "question_type": "open_ended",
        "category": "distance",
        "subcategory": "distance_description",
        "method": "distance",
        "paper": 0.5,
        "strict": 1.0,
        "format": 1.0,
        "status": "answered",
        "error": "",
    }
    return made | changes


def scored(*scores, environment="Rome"):
    return [{"score": score, "environment": environment} for score in scores]


def test_an_answer_contributes_to_its_own_kinds_only():
    found = values(record())
    counts = {name: found.pop(name) for name in STATUSES}
    assert counts == dict.fromkeys(STATUSES, 0.0) | {"n_answered": 1.0}
    assert found == {
        "acc": 0.0,
        "acc_strict": 1.0,
        "acc_oe": 0.0,
        "acc_oe_distance": 0.0,
        "acc_distance_description": 0.0,
        "format_valid": 1.0,
        "reward": pytest.approx(0.9 * 0.5 + 0.1),
        "reward_strict": pytest.approx(0.9 * 1.0 + 0.1),
        "acc_se": 0.0,
        "acc_strict_se": 1.0,
        "acc_oe_se": 0.0,
    }


@pytest.mark.parametrize(
    ("category", "subcategory", "kind", "method", "expected"),
    [
        ("view_source", "multi_view_visibility", "open_ended", "counting", "acc_oe_count"),
        ("relative_position", "relpos_cardinal", "open_ended", "spatial", "acc_oe_relation"),
        ("relative_position", "relpos_cardinal", "open_ended", "default", "acc_oe_relation"),
        ("distance", "depth_binary", "true_false", "yes_no", "acc_tf"),
        ("environment", "env_mcq", "multiple_choice", "mcq", "acc_mcq"),
    ],
)
def test_every_method_has_its_column(category, subcategory, kind, method, expected):
    made = record(category=category, subcategory=subcategory, question_type=kind, method=method, paper=1.0)
    found = values(made)
    assert found[expected] == found[f"acc_{subcategory}"] == 1.0
    assert found.keys() <= set(names(category))


def test_almost_right_is_not_right():
    assert values(record(paper=0.98))["acc"] == 0.0
    assert values(record(paper=0.99))["acc"] == 1.0


def test_a_failed_request_is_counted_and_enters_no_mean():
    failed = record(paper=None, strict=None, format=None, status="error", error="[LMMS_EVAL_REQUEST_FAILED]")
    assert values(failed) == dict.fromkeys(STATUSES, 0.0) | {"n_error": 1.0}


def test_every_metric_of_a_task_gets_an_item_for_every_question():
    items = metric_items(record(), ["acc_tf", "acc_oe"])
    assert list(items) == ["acc_tf", "acc_oe"]
    assert items["acc_oe"] == {"score": 0.0, "environment": "Rome"}
    assert items["acc_tf"] == {}


def test_a_group_has_all_metrics_and_a_task_its_own():
    everything = names(None)
    assert set(everything) >= STATUSES
    assert {"acc", "acc_strict", "acc_tf", "acc_mcq", "acc_oe", "format_valid", "reward"} <= set(everything)
    assert {"acc_oe_distance", "acc_oe_count", "acc_oe_relation"} <= set(everything)
    assert sum(name.startswith("acc_") and name.endswith("_se") for name in everything) == 5
    assert "acc_oe" not in names("environment")
    assert "acc_oe_count" not in names("distance")
    assert len(everything) == len(set(everything))


def test_means_and_totals():
    items = [*scored(1.0, 0.0, 0.0, 1.0), {}]
    assert mean(items) == 0.5
    assert total(items) == 2.0
    assert mean([{}, {}]) == "N/A"


def test_standard_error_is_clustered_with_the_small_sample_correction():
    # Panorama sums of residuals are 0, 1 and -1 over six questions: sqrt(3/2 * 2) / 6.
    items = scored(1, 0, environment="a") + scored(1, 1, environment="b") + scored(0, 0, environment="c")
    assert standard_error(items) == pytest.approx(math.sqrt(3) / 6)
    assert standard_error(scored(1, 0, 1)) == "N/A"


def test_a_group_is_a_mean_over_questions_not_over_tasks():
    leaves = [mean(scored(1.0)), mean(scored(0.0, 0.0, 0.0)), mean([{}])]
    assert pooled(leaves, [7, 7, 7], True) == 0.25
    assert pooled([total(scored(1, 1)), total(scored(1))], [1, 1], False) == 3.0
    assert pooled(["N/A", "N/A"], [1, 1], True) == "N/A"


def test_a_group_s_standard_error_covers_tasks_that_have_none_of_their_own():
    alone = standard_error(scored(1, 0, environment="a"))
    pair = standard_error(scored(1, 1, environment="b") + scored(0, 0, environment="c"))
    assert alone == "N/A"
    assert pooled([alone, pair], [2, 4], True) == pytest.approx(math.sqrt(3) / 6)


def test_a_name_inside_another_name_does_not_change_its_rule():
    # lmms-eval hands "acc_seam_attribution" to whatever the group's file says for "acc_se".
    seam = mean(scored(1, 0, 0, 0))
    assert pooled([seam], [4], True) == 0.25
