"""The two commands as a user meets them: what --show prints, and one line and exit code 2 for bad input."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
import yaml

from panoenv_tasks.cli import main
from panoenv_tasks.items import Item


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["panoenv", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_show_prints_the_effective_recipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "train", "balanced", "stage2.learning_rate=1e-6", "--show") == 0
    shown = yaml.safe_load(capsys.readouterr().out)
    assert shown["stage1"]["learning_rate"] == 5e-6
    assert shown["stage2"]["learning_rate"] == 1e-6


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["train", "blanced"], "no recipe 'blanced'"),
        (["train", "balanced", "stage1.epoch=1"], "no such key"),
        (["train", "balanced", "seed=x"], "seed"),
        (["train", "balanced", "seed=1", "lora.r=8", "seed=2"], "seed is given twice"),
        (["train", "smoke", "data={world}", "output={tmp}/run"], "names no base model"),
        (["train", "smoke", "data={world}", "output={tmp}/run", "model={tmp}/none"], "cannot be loaded"),
        (["train", "smoke", "data={tmp}/none"], "no such file or folder"),
        (["train", "smoke", "split=test", "data={world}"], "split"),
        (
            [
                "train",
                "smoke",
                "data={world}",
                "output={tmp}/run",
                "model={model}",
                "stage1.per_device_batch=3",
            ],
            "stage1: global_batch 8 is not a multiple of per_device_batch 3",
        ),
        (
            [
                "train",
                "smoke",
                "data={world}",
                "output={tmp}/run",
                "model={model}",
                "stage2.global_batch=400",
            ],
            "stage2: 16 questions",
        ),
        (["train", "smoke", "data={world}", "output={world}", "model={model}"], "not empty"),
        (["merge", "{tmp}", "{tmp}/final"], "no adapter_config.json"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    world: Path,
    tiny_model: Path,
    items: list[Item],
    tmp_path: Path,
) -> None:
    places = {"world": world, "tmp": tmp_path, "model": tiny_model}
    assert run(monkeypatch, *(argument.format(**places) for argument in arguments)) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("panoenv: ")]
    assert len(said) == 1
    assert complaint in said[0]
    assert not (tmp_path / "run").exists(), "a run that cannot start must not take the folder"


def test_processes_that_do_not_see_one_another_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], world: Path, tmp_path: Path
) -> None:
    # What torchrun sets; without GPUs and without ACCELERATE_USE_CPU no process group comes of it.
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert run(monkeypatch, "train", "smoke", f"data={world}", f"output={tmp_path / 'run'}") == 2
    assert "2 processes that do not see one another" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["ddp", "multi_node", "zero2"])
def test_accelerate_reads_the_launch_files(name: str) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    folder = resources.files("training") / "launch"
    loaded = load_config_from_file(str(folder / f"{name}.yaml"))
    assert loaded.mixed_precision == "bf16"
    assert loaded.distributed_type == ("DEEPSPEED" if name == "zero2" else "MULTI_GPU")
