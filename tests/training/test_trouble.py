"""What stops a run stops it with one line, and what is damaged never blocks the next start."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from support.held import held

from panoenv_tasks.items import DataError, Item
from training.checkpoints import adapter_sha256, seal
from training.curriculum import run_curriculum
from training.evaluation import read_checkups
from training.export import merge
from training.machine import check_machine
from training.recipe import Recipe, load_recipe

pytestmark = pytest.mark.usefixtures("short_prompts")

ONE_STAGE = ["max_pixels=6272", "stage1.limit=8", "stage1.max_completion_length=12", "stage2=null"]


def recipe(model: Path, out: Path, world: Path, *overrides: str) -> Recipe:
    places = [f"model={model}", f"output={out}", f"data={world}"]
    settings = [setting for setting in ONE_STAGE if setting != "stage2=null"]
    table = load_recipe("smoke", [*places, *settings, *overrides])
    return table.model_copy(update={"stages": {"stage1": table.stages["stage1"]}})


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory,
    warm_model: Path,
    items: list[Item],
    world: Path,
    short_prompts: None,
) -> Path:
    """A run of one stage of four steps, its checkpoints 2 and 4 kept."""
    out = tmp_path_factory.mktemp("finished") / "run"
    run_curriculum(recipe(warm_model, out, world), items)
    return out


def take_back(out: Path, copy: Path, *lost: str) -> Path:
    import shutil

    shutil.copytree(out, copy)
    for name in lost:
        path = copy / "stage1" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["truncated", "diverged"])
def test_a_bad_newest_checkpoint_costs_its_own_steps_only(
    fault: str,
    finished: Path,
    warm_model: Path,
    items: list[Item],
    world: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Seen: every restart ended in a traceback."""
    import torch
    from safetensors.torch import load_file, save_file

    out = take_back(finished, tmp_path / "run", "DONE", "adapter")
    newest = out / "stage1" / "checkpoint-4"
    weights = newest / "adapter_model.safetensors"
    if fault == "truncated":
        weights.write_bytes(weights.read_bytes()[:1000])
    else:
        save_file({key: torch.full_like(w, math.inf) for key, w in load_file(weights).items()}, weights)
        seal(newest)
    again = run_curriculum(recipe(warm_model, out, world), items)
    assert adapter_sha256(again) == adapter_sha256(finished / "stage1" / "adapter")
    word = {"truncated": "damaged", "diverged": "diverged"}[fault]
    assert f"checkpoint-4: {word}" in capfd.readouterr().err


@pytest.mark.slow
def test_a_finished_stage_whose_adapter_was_replaced_is_not_built_on(
    finished: Path, warm_model: Path, items: list[Item], world: Path, tmp_path: Path
) -> None:
    out = take_back(finished, tmp_path / "run")
    weights = out / "stage1" / "adapter" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(DataError, match="not the adapter that the stage ended with"):
        run_curriculum(recipe(warm_model, out, world), items)


@pytest.mark.slow
def test_two_runs_never_share_a_folder(
    finished: Path, warm_model: Path, items: list[Item], world: Path
) -> None:
    with held(finished / ".lock"), pytest.raises(DataError, match="another training is at work"):
        run_curriculum(recipe(warm_model, finished, world), items)


@pytest.mark.slow
def test_merging_into_other_weights_is_refused(finished: Path, warm_model: Path, tmp_path: Path) -> None:
    import shutil

    from safetensors.torch import load_file, save_file

    other = tmp_path / "other"
    shutil.copytree(warm_model, other)
    weights = load_file(other / "model.safetensors")
    name = next(iter(weights))
    weights[name] = weights[name] + 0.01
    save_file(weights, other / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(DataError, match=r"not the weights that the adapter was trained on.*--base"):
        merge(finished, tmp_path / "out", str(other))
    assert not (tmp_path / "out").exists()
    moved = tmp_path / "moved"
    shutil.copytree(warm_model, moved)
    assert merge(finished, tmp_path / "out", str(moved)).merging < 1e-3


@pytest.mark.slow
def test_an_alarm_can_stop_a_run_which_then_goes_on(
    warm_model: Path, items: list[Item], world: Path, tmp_path: Path
) -> None:
    # A user's reward of a million makes KL's share vanish, and a huge step makes it ring.
    loud = ["stage1.learning_rate=3.0", "stage1.warmup=0.0", "stage1.max_grad_norm=1e9"]
    with pytest.raises(
        DataError, match=r"stage1: .*(alarm kl|no longer finite|alarm not_finite|alarm gradient)"
    ):
        run_curriculum(recipe(warm_model, tmp_path / "run", world, "on_alarm=stop", *loud), items)


@pytest.mark.slow
def test_variants_bfloat16_a_users_reward_and_a_given_adapter_train(
    finished: Path,
    warm_model: Path,
    items: list[Item],
    world: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from peft import load_peft_weights

    (tmp_path / "mine.py").write_text(
        "def brief(completions, **columns):\n    return [-len(c[-1]['content']) / 100 for c in completions]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    start = finished / "stage1" / "adapter"
    made = recipe(
        warm_model,
        tmp_path / "run",
        world,
        "precision=bfloat16",
        f"adapter={start}",
        "rewards.functions={mine.brief: 0.5}",
        "trl={importance_sampling_level: sequence, epsilon: 0.0003, epsilon_high: 0.0004, num_iterations: 2}",
    )
    adapter = run_curriculum(made, items)
    before, after = (load_peft_weights(str(folder), device="cpu") for folder in (start, adapter))
    moved = [float((after[key] - before[key]).abs().max()) for key in before]
    assert 0 < max(moved) < 0.1, "the stage went on from the given adapter"
    log = (tmp_path / "run" / "stage1" / "checkpoint-8" / "trainer_state.json").read_text()
    assert "rewards/brief/mean" in log


def test_a_server_that_is_not_there_is_said_before_a_model_is_loaded() -> None:
    made = load_recipe("smoke", ["generation=http://127.0.0.1:9", "model=none"])
    with pytest.raises(DataError, match=r"package vllm here as well|no server there"):
        check_machine(made)


@pytest.mark.slow
def test_check_ups_change_nothing_in_the_training(
    finished: Path, warm_model: Path, items: list[Item], world: Path, tmp_path: Path
) -> None:
    watched = "evaluation={data: null, split: val, questions: 6, without_image: 2, patience: null}"
    adapter = run_curriculum(recipe(warm_model, tmp_path / "run", world, watched), items)
    assert adapter_sha256(adapter) == adapter_sha256(finished / "stage1" / "adapter")
    stage = tmp_path / "run" / "stage1"
    found = read_checkups(stage)
    assert [(one.step, one.n, one.n_without_image) for one in found] == [(2, 6, 2), (4, 6, 2)]
    best = max(found, key=lambda one: one.acc_strict)
    assert adapter_sha256(stage / "best") == adapter_sha256(stage / f"checkpoint-{best.step}")
    assert merge(stage / "best", tmp_path / "merged").merging < 1e-3
    assert (stage / "curves.svg").read_text("utf-8").count("<path") > 20


@pytest.mark.slow
def test_a_stage_that_gets_no_better_ends_early(
    warm_model: Path, items: list[Item], world: Path, tmp_path: Path
) -> None:
    settings = [
        "stage1.limit=16",
        "stage1.learning_rate=0",
        "evaluation={data: null, split: val, questions: 4, without_image: 0, patience: 1}",
    ]
    run_curriculum(recipe(warm_model, tmp_path / "run", world, *settings), items)
    marker = json.loads((tmp_path / "run" / "stage1" / "DONE").read_text("utf-8"))
    assert marker["steps"] == 4, "of eight: the second check-up was no better than the first"
