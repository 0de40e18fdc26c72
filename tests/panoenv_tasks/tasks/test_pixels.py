"""How many pixels a model sees is taken from what really resizes the picture."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from panoenv_tasks.tasks import adapter
from panoenv_tasks.tasks.panoenv.pixels import FULL_PIXELS, max_pixels

LOW = 1_605_632


def wrapper(limit, processor_limit=None):
    """The attributes that wrappers of lmms-eval have; ``test_real_models.py`` runs a real one."""
    if processor_limit is None:
        return SimpleNamespace(max_pixels=limit)
    images = SimpleNamespace(size=SimpleNamespace(shortest_edge=3136, longest_edge=processor_limit))
    return SimpleNamespace(max_pixels=limit, processor=SimpleNamespace(image_processor=images))


def run(model, task="panoenv_val_distance"):
    sample = {"panoenv": {"image": {"kind": "erp"}}}
    evaluate = adapter._watched(lambda lm, task_dict: {"samples": {task: [sample, {"other": 1}]}})
    evaluate(lm=model, task_dict={task: object()})
    return sample["panoenv"]["image"]


def test_the_limit_of_the_image_processor_counts():
    assert max_pixels(wrapper(LOW, LOW)) == LOW


def test_a_limit_for_video_frames_does_not():
    # async_openai and vllm carry max_pixels for video; images go out whole.
    assert max_pixels(wrapper(151_200)) is None
    # sglang has a processor, but never gives it the limit.
    assert max_pixels(wrapper(LOW, FULL_PIXELS)) is None
    assert max_pixels(SimpleNamespace()) is None


def test_a_lower_limit_is_said_once_and_recorded(capsys):
    assert run(wrapper(LOW, LOW)) == {"kind": "erp", "max_pixels": LOW}
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("panoenv: the model sees at most 1605632 pixels")
    assert "max_pixels=3276800" in said[0]


def test_one_rank_speaks_for_all(capsys, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    assert run(wrapper(LOW, LOW))["max_pixels"] == LOW
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("limit", "task", "recorded"),
    [(FULL_PIXELS, "panoenv_val_distance", FULL_PIXELS), (None, "panoenv", None), (LOW, "mme", LOW)],
)
def test_nothing_is_said_when_all_is_seen_or_other_tasks_run(capsys, limit, task, recorded):
    assert run(wrapper(limit, limit), task)["max_pixels"] == recorded
    assert capsys.readouterr().err == ""


def test_the_noimage_tasks_have_no_pixels_to_lose(capsys):
    run(wrapper(LOW, LOW), "panoenv_val_distance_noimage")
    assert capsys.readouterr().err == ""


def test_ranks_without_results_pass():
    assert adapter._watched(lambda lm, task_dict: None)(object(), {}) is None
