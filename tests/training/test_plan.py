"""The plan of a run, before any weights are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.full_size import write_configuration
from typer.testing import CliRunner

from panoenv_tasks.items import DataError, Item
from training.plan import plan
from training.recipe import load_recipe


@pytest.fixture(scope="module")
def seven_billion(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    return write_configuration(tmp_path_factory.mktemp("full"), tiny_model)


def test_the_papers_model_has_the_papers_sizes(seven_billion: Path, items: list[Item]) -> None:
    made = plan(load_recipe("balanced", [f"model={seven_billion}"]), items, processes=4)
    assert (made.shape.adapted, made.shape.trainable) == (196, 40_370_176)
    assert made.shape.decoder + made.shape.vision == 8_292_166_656
    assert made.image_tokens == 4095


def test_steps_and_tokens_follow_from_the_questions(seven_billion: Path, items: list[Item]) -> None:
    made = plan(load_recipe("structured", [f"model={seven_billion}"]), items)
    structured = [item for item in items if item.question_type != "open_ended"]
    (stage,) = made.stages
    assert stage.questions == 2 * len(structured)
    assert stage.steps == 2 * len(structured) // 8
    assert stage.completion_tokens == stage.steps * 32 * 256
    assert stage.prompt_tokens == stage.steps * 32 * made.prompt_length
    assert made.prompt_length > made.image_tokens


def test_memory_grows_without_checkpointing_and_with_the_batch(
    seven_billion: Path, items: list[Item]
) -> None:
    def memory(*overrides: str) -> float:
        return plan(load_recipe("structured", [f"model={seven_billion}", *overrides]), items).memory / 2**30

    checkpointed = memory()
    assert 56 < checkpointed < 68, "62.0 GiB measured on an H200, while 32 completions are sampled"
    assert memory("stage1.gradient_checkpointing=false") > 110
    fours = memory("stage1.steps_per_generation=1")
    assert 18 < fours < 40, "16.6 GB of weights, and one layer's activations for four sequences"
    assert memory("lora.dropout=0") < checkpointed - 10, "no copy after dropout"


def test_the_command_prints_it_and_runs_nothing(tiny_model: Path, world: Path, tmp_path: Path) -> None:
    from panoenv_tasks.cli import app

    arguments = [f"model={tiny_model}", f"data={world}", f"output={tmp_path / 'run'}"]
    done = CliRunner().invoke(app, ["train", "smoke", *arguments, "--plan"])
    assert done.exit_code == 0, done.output
    assert "stage1: 16 questions in 8 steps" in done.output
    assert "stage2: 16 questions in 8 steps" in done.output
    assert not (tmp_path / "run").exists()


def test_a_model_that_is_not_there_is_said(items: list[Item], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be loaded"):
        plan(load_recipe("balanced", [f"model={tmp_path}"]), items)
