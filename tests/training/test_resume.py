"""Killed at any step and started again, a run ends where it would have; a full disk loses nothing."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.killed_training import kill_training_at

from panoenv_tasks.items import DataError, Item
from training.checkpoints import adapter_sha256
from training.curriculum import run_curriculum
from training.recipe import Recipe, load_recipe, to_yaml

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("short_prompts")]

STEPS = 8
#: Two epochs of four steps in each of two stages, a checkpoint every other step.
SMALL = [
    f"stage{n}.{setting}" for n in (1, 2) for setting in ("limit=8", "epochs=2", "max_completion_length=12")
]


def _recipe(model: Path, out: Path, world: Path, *overrides: str) -> Recipe:
    return load_recipe("smoke", _arguments(model, out, world, *overrides))


def _arguments(model: Path, out: Path, world: Path, *overrides: str) -> list[str]:
    # Two loading processes: the order must not hang on who fetches an image first.
    places = [f"model={model}", f"output={out}", f"data={world}"]
    return [*places, "max_pixels=6272", "workers=2", *SMALL, *overrides]


@pytest.fixture(scope="module")
def uninterrupted(
    tmp_path_factory: pytest.TempPathFactory,
    warm_model: Path,
    items: list[Item],
    world: Path,
    short_prompts: None,
) -> Path:
    return run_curriculum(_recipe(warm_model, tmp_path_factory.mktemp("whole") / "run", world), items)


def test_killed_in_both_stages_it_ends_with_the_same_weights(
    uninterrupted: Path, warm_model: Path, items: list[Item], world: Path, tmp_path: Path
) -> None:
    kills = {"stage1": random.randint(1, STEPS), "stage2": random.randint(1, STEPS - 1)}
    out = tmp_path / "run"
    for stage, step in kills.items():
        kill_training_at(f"{stage} {step}/{STEPS} ", ["smoke", *_arguments(warm_model, out, world)])
    assert not (out / "stage2" / "DONE").exists()
    assert _learned(uninterrupted), "weights that never moved would agree in any case"
    resumed = run_curriculum(_recipe(warm_model, out, world), items)
    for stage in kills:
        there, here = uninterrupted.parents[1] / stage / "adapter", out / stage / "adapter"
        assert adapter_sha256(here) == adapter_sha256(there), f"killed at {kills}"
    assert resumed == out / "stage2" / "adapter"


def _learned(adapter: Path) -> bool:
    """Whether any update reached the adapter, whose B halves start at zero."""
    from peft import load_peft_weights

    weights = load_peft_weights(str(adapter), device="cpu")
    return all(bool(weight.any()) for name, weight in weights.items() if "lora_B" in name)


def test_a_finished_run_is_not_run_again(
    uninterrupted: Path, warm_model: Path, items: list[Item], world: Path
) -> None:
    out = uninterrupted.parents[1]
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    assert run_curriculum(_recipe(warm_model, out, world), items) == uninterrupted
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()} == before


@contextmanager
def _no_file_above(size: int) -> Iterator[None]:
    """Let writes beyond ``size`` bytes of a file fail, as they do on a full disk."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def test_a_full_disk_is_said_plainly_and_the_run_goes_on_afterwards(
    uninterrupted: Path, warm_model: Path, items: list[Item], world: Path, tmp_path: Path
) -> None:
    recipe = _recipe(warm_model, tmp_path / "run", world)
    adapter_size = (uninterrupted / "adapter_model.safetensors").stat().st_size
    with _no_file_above(adapter_size + 1000), pytest.raises(DataError, match="disk is full") as refusal:
        run_curriculum(recipe, items)
    assert "same command again" in str(refusal.value)
    assert adapter_sha256(run_curriculum(recipe, items)) == adapter_sha256(uninterrupted)
    assert (tmp_path / "run" / "stage1" / "incomplete-checkpoint-2").is_dir()


def test_the_anchor_decides_where_kl_is_measured_from(
    warm_model: Path, items: list[Item], world: Path, tmp_path: Path
) -> None:
    # Without dropout, KL at the first step of stage 2 is exactly the distance to the anchor.
    short = ("stage1.epochs=1", "stage2.epochs=1", "workers=0")
    settings = ("lora.dropout=0", "stage1.learning_rate=0.01", *short)
    first_kl = {}
    for anchor in ("base", "previous"):
        out = tmp_path / anchor
        recipe = _recipe(warm_model, out, world, f"kl_anchor={anchor}", *settings)
        adapter = run_curriculum(recipe, items)
        history = json.loads((out / "stage2" / f"checkpoint-{STEPS // 2}" / "trainer_state.json").read_text())
        first_kl[anchor] = history["log_history"][0]["kl"]
        assert not (adapter / "ref").exists()
    assert first_kl["previous"] == 0.0
    assert first_kl["base"] > 1e-4
    # As if it had been killed after checkpoint-2 of stage 2.
    before = adapter_sha256(adapter)
    for lost in ("DONE", "adapter", "checkpoint-4"):
        path = out / "stage2" / lost
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert adapter_sha256(run_curriculum(recipe, items)) == before


def test_two_processes_share_one_global_batch(warm_model: Path, world: Path, tmp_path: Path) -> None:
    # What `accelerate launch` runs underneath; on a machine without GPUs the two talk over gloo.
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    short = ("stage1.epochs=1", "stage2.epochs=1", "workers=0")
    file = tmp_path / "short.yaml"
    file.write_text(to_yaml(_recipe(warm_model, tmp_path / "run", world, *short)), "utf-8")
    panoenv = str(Path(sys.executable).with_name("panoenv"))
    command = [*launcher, panoenv, "train", str(file), "--no-export"]
    environment = {**os.environ, "ACCELERATE_USE_CPU": "true"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=400, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["processes"] == 2
    for stage in ("stage1", "stage2"):
        marker = json.loads((tmp_path / "run" / stage / "DONE").read_text())
        assert marker["steps"] == STEPS // 2, "eight completions a step, however many processes"
