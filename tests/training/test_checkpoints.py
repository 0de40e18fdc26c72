"""Which checkpoint a stage goes on from: the newest that has everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.checkpoints import SEAL, resume_point, seal

FILES = (
    "adapter_config.json",
    "adapter_model.safetensors",
    "optimizer.pt",
    "scheduler.pt",
    "rng_state.pth",
)


def checkpoint(folder: Path, step: int) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    for name in FILES:
        (path / name).write_bytes(b"x")
    weights(path, 0.5)
    (path / "trainer_state.json").write_text(json.dumps({"global_step": step}), "utf-8")
    seal(path)
    return path


def weights(path: Path, value: float) -> None:
    import torch
    from safetensors.torch import save_file

    save_file({"lora_A": torch.full((4, 4), value)}, path / "adapter_model.safetensors")


def test_no_checkpoint_means_a_start_from_nothing(tmp_path: Path) -> None:
    assert resume_point(tmp_path / "not_there", 1) is None
    (tmp_path / "checkpoint-x").mkdir()
    (tmp_path / "checkpoint-7").write_text("a file", "utf-8")
    assert resume_point(tmp_path, 1) is None


def test_the_highest_step_wins_by_number(tmp_path: Path) -> None:
    for step in (8, 9, 10):
        checkpoint(tmp_path, step)
    assert resume_point(tmp_path, 1) == tmp_path / "checkpoint-10"


@pytest.mark.parametrize("lost", [*FILES, "trainer_state.json"])
def test_a_checkpoint_that_lost_a_file_is_set_aside(lost: str, tmp_path: Path) -> None:
    whole = checkpoint(tmp_path, 2)
    broken = checkpoint(tmp_path, 4)
    (broken / lost).unlink()
    assert resume_point(tmp_path, 1) == whole
    assert not broken.exists()
    assert (tmp_path / "incomplete-checkpoint-4").is_dir()


@pytest.mark.parametrize("state", ["", '{"global_step": 4', "[]", '{"global_step": 3}'])
def test_a_state_that_was_cut_off_or_is_another_steps_does_not_count(state: str, tmp_path: Path) -> None:
    broken = checkpoint(tmp_path, 4)
    (broken / "trainer_state.json").write_text(state, "utf-8")
    assert resume_point(tmp_path, 1) is None


def test_a_truncated_newest_checkpoint_costs_only_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, broken = checkpoint(tmp_path, 2), checkpoint(tmp_path, 4)
    content = (broken / "optimizer.pt").read_bytes()
    (broken / "optimizer.pt").write_bytes(content[: len(content) // 2])
    assert resume_point(tmp_path, 1) == whole
    assert "damaged (optimizer.pt is not what was written)" in capsys.readouterr().err


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_diverged_checkpoint_is_not_gone_on_from(
    value: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy, diverged = checkpoint(tmp_path, 2), checkpoint(tmp_path, 4)
    weights(diverged, value)
    seal(diverged)
    assert resume_point(tmp_path, 1) == healthy
    assert "diverged" in capsys.readouterr().err


def test_a_checkpoint_without_its_seal_was_not_finished(tmp_path: Path) -> None:
    (checkpoint(tmp_path, 4) / SEAL).unlink()
    assert resume_point(tmp_path, 1) is None


def test_setting_aside_twice_loses_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        broken = checkpoint(tmp_path, 4)
        (broken / "optimizer.pt").unlink()
        assert resume_point(tmp_path, 1) is None
    assert len(list(tmp_path.glob("incomplete-checkpoint-4*"))) == 2


def test_every_process_must_have_left_its_random_state(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, 2)
    (path / "rng_state_0.pth").write_bytes(b"x")
    assert resume_point(tmp_path, 2) is None
    path = checkpoint(tmp_path, 2)
    for rank in range(2):
        (path / f"rng_state_{rank}.pth").write_bytes(b"x")
    seal(path)
    assert resume_point(tmp_path, 2) == path


def test_deepspeed_keeps_its_optimizer_elsewhere(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, 2)
    (path / "optimizer.pt").unlink()
    (path / "latest").write_text("global_step2", "utf-8")
    seal(path)
    assert resume_point(tmp_path, 1) == path
