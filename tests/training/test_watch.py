"""Alarms over a log, the progress line and the table of samples."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from panoenv_tasks.items import DataError
from training.alarms import WINDOW, alarms
from training.watch import check_sampler, progress_line, samples_table, watch_callback


def entry(step: int, **changes: Any) -> dict[str, Any]:
    healthy = {
        "step": step,
        "reward": 0.5,
        "kl": 0.02,
        "frac_reward_zero_std": 0.3,
        "completions/clipped_ratio": 0.0,
        "rewards/format_reward/mean": 0.9,
        "rewards/image_tokens/mean": 0.0,
    }
    return {**healthy, **changes}


def run(steps: int, **changes: Any) -> list[dict[str, Any]]:
    return [entry(step, **changes) for step in range(1, steps + 1)]


def kinds(history: list[dict[str, Any]]) -> list[str]:
    return [alarm.kind for alarm in alarms(history)]


def test_a_healthy_run_is_silent() -> None:
    assert all(kinds(run(steps)) == [] for steps in range(60))


def test_the_summary_at_the_end_is_not_a_step() -> None:
    assert kinds([*run(3), {"train_runtime": 12.0, "step": 3}]) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"frac_reward_zero_std": 0.9}, "no_spread"),
        ({"completions/clipped_ratio": 0.5}, "truncated"),
    ],
)
def test_averages_ring_after_a_window(changes: dict[str, float], kind: str) -> None:
    assert kinds(run(WINDOW - 1, **changes)) == []
    assert kinds(run(WINDOW, **changes)) == [kind]
    one_bad_step = [*run(WINDOW), entry(WINDOW + 1, **changes)]
    assert kinds(one_bad_step) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({"rewards/format_reward/mean": 0.0}, "no_format"), ({"entropy": 0.0}, "no_entropy")],
)
def test_a_form_or_a_spread_that_is_lost_rings_after_a_window(changes: dict[str, float], kind: str) -> None:
    healthy = run(WINDOW, entropy=0.4)
    lost = [entry(WINDOW + step, **{"entropy": 0.4, **changes}) for step in range(1, WINDOW + 1)]
    assert kinds(healthy) == []
    assert kinds([*healthy, *lost[: WINDOW // 2]]) == []
    assert kinds([*healthy, *lost]) == [kind]


def test_a_reward_that_collapses_rings() -> None:
    good, bad = run(2 * WINDOW, reward=0.6), [entry(step, reward=0.2) for step in range(41, 41 + WINDOW)]
    assert kinds([*good, *bad]) == ["collapse"]
    # A dip to two thirds is none.
    assert kinds([*good, *(entry(step, reward=0.4) for step in range(41, 41 + WINDOW))]) == []
    # It never was worth anything: that is no collapse.
    assert kinds([*run(WINDOW, reward=0.1), *run(WINDOW, reward=0.01)]) == []


@pytest.mark.parametrize("key", ["loss", "reward", "grad_norm"])
def test_a_number_that_is_none_rings_at_once(key: str) -> None:
    assert kinds([*run(2), entry(3, **{key: float("nan")})]) == ["not_finite"]
    assert kinds([*run(2), entry(3, **{key: float("-inf")})]) == ["not_finite"]


def test_a_gradient_out_of_bounds_rings_at_once() -> None:
    assert kinds([*run(2), entry(3, grad_norm=999.0)]) == []
    assert kinds([*run(2), entry(3, grad_norm=1001.0)]) == ["gradient"]


@pytest.mark.parametrize("kl", [1.5, float("nan"), None])
def test_kl_out_of_range_rings_at_once(kl: float | None) -> None:
    assert kinds([*run(2), entry(3, kl=kl)]) == ["kl"]


def test_a_run_without_kl_does_not_ring_for_it() -> None:
    bare = {key: value for key, value in entry(1).items() if key != "kl"}
    assert kinds([bare]) == []


def test_image_tokens_ring_at_once() -> None:
    assert kinds([entry(1, **{"rewards/image_tokens/mean": 0.25})]) == ["image_tokens"]


def test_a_first_step_without_any_format_rings_once() -> None:
    start = entry(1, **{"rewards/format_reward/mean": 0.0})
    assert kinds([start]) == ["no_format"]
    assert kinds([start, entry(2)]) == []


def test_an_alarm_names_its_step() -> None:
    assert [alarm.step for alarm in alarms([*run(6), entry(7, kl=3.0)])] == [7]


def test_the_progress_line_shows_time_left_and_no_loss() -> None:
    line = progress_line("stage1", entry(50, loss=0.1), steps=1850, seconds_per_step=2.0)
    assert line.startswith("stage1 50/1850  reward 0.5")
    assert "1 h 00 min left" in line
    assert "loss" not in line


def test_model_text_cannot_break_the_table() -> None:
    rows = [{"question_type": "true_false", "expected": "Yes", "completion": "<b>a|b</b>\n| x |"}]
    lines = samples_table(rows).splitlines()
    assert len(lines) == 3
    assert lines[2] == r"| true_false | Yes | \<b>a\|b\</b> \| x \| |  |  |"


@pytest.mark.parametrize("difference", [0.2, None, float("nan")])
def test_a_sampler_that_is_not_the_model_stops_the_run(difference: float | None) -> None:
    with pytest.raises(DataError, match="generation=transformers"):
        check_sampler({"sampling/sampling_logp_difference/mean": difference})


def test_a_sampler_that_agrees_may_go_on() -> None:
    check_sampler({"sampling/sampling_logp_difference/mean": 0.01})


def test_curves_are_drawn_at_the_end_and_on_the_way_when_they_are_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watch_callback("stage1", tmp_path, sampled_by_vllm=False, stop_on_alarm=False)
    history = [{"step": 1, "reward": 0.5}, {"step": 2, "reward": 0.75}]
    state = SimpleNamespace(global_step=2, log_history=history, is_world_process_zero=True)
    (tmp_path / "checkpoint-2").mkdir()
    (tmp_path / "checkpoint-2" / "weights").write_text("w")
    curves = tmp_path / "curves.svg"
    watch.on_train_begin(None, state, None)
    watch.on_save(None, state, None)
    assert not curves.exists()
    monkeypatch.setattr("training.watch._SECONDS_BETWEEN_CURVES", 0.0)
    watch.on_save(None, state, None)
    assert "mean reward" in curves.read_text("utf-8")
    curves.unlink()
    watch.on_train_end(None, state, None)
    assert "mean reward" in curves.read_text("utf-8")
