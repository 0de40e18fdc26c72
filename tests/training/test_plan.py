"""The plan of a run, before any weights are loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from support.full_size import write_configuration
from typer.testing import CliRunner

from panoenv_tasks.items import DataError, Item
from training.cost import Machine
from training.outline import judging, learning, outline, sampling
from training.plan import Plan, plan
from training.recipe import load_recipe

#: An H200: its product of two large matrices, and its memory (published: 4.8e12 bytes/s). What starting an
#: operation took there was not measured; this is what a quiet processor takes.
H200 = Machine(780e12, 4.2e12, 10e-6)


@pytest.fixture(scope="module")
def seven_billion(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    return write_configuration(tmp_path_factory.mktemp("full"), tiny_model)


@pytest.fixture(scope="module")
def panoramas(items: list[Item], tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    """The questions of the small world about one picture of the released size."""
    from PIL import Image

    picture = tmp_path_factory.mktemp("picture") / "panorama.png"
    Image.new("RGB", (2560, 1280)).save(picture, compress_level=1)
    return [replace(item, image=picture) for item in items]


def test_the_papers_model_has_the_papers_sizes(seven_billion: Path, panoramas: list[Item]) -> None:
    made = plan(load_recipe("balanced", [f"model={seven_billion}"]), panoramas, processes=4)
    assert (made.shape.adapted, made.shape.trainable) == (196, 40_370_176)
    assert made.shape.decoder + made.shape.vision == 8_292_166_656
    assert made.image_tokens == 4095


def test_steps_and_tokens_follow_from_the_questions(seven_billion: Path, items: list[Item]) -> None:
    made = plan(load_recipe("structured", [f"model={seven_billion}"]), items, machine=H200)
    structured = [item for item in items if item.question_type != "open_ended"]
    (stage,) = made.stages
    assert stage.questions == 2 * len(structured)
    assert stage.steps == 2 * len(structured) // 8
    assert stage.completion_tokens == stage.steps * 32 * 256
    assert stage.prompt_tokens == stage.steps * 32 * made.prompt_length
    assert made.prompt_length > made.image_tokens == 8, "the pictures of this world are small"


def test_seconds_are_those_of_an_h200(seven_billion: Path) -> None:
    """Measured there, in part with pictures: 7.4 s of sampling, 0.9 of the anchor, 6.9 of loss and update.

    And 98 s for the first step of the recipe, which warms up.
    """
    model = outline(load_recipe("structured", [f"model={seven_billion}"]))

    def pieces(completions: int, tokens: int) -> tuple[float, float, float]:
        length, batches = 4262 + tokens, completions // 4
        return (
            sampling(model, H200, completions, 4262, tokens),
            batches * judging(model, H200, 4, length, tokens, adapted=False),
            batches * learning(model, H200, 4, length, tokens, checkpointing=True).seconds,
        )

    sampled, anchored, learned = pieces(8, 32)
    assert 7.4 / 3 < sampled < 7.4
    assert 0.6 < anchored < 1.2
    assert 6.9 / 2 < learned < 6.9
    assert 98 / 2.5 < sum(pieces(32, 256)) < 98


@pytest.mark.slow
def test_memory_is_that_of_an_h200_and_grows_with_the_batch(
    seven_billion: Path, panoramas: list[Item]
) -> None:
    def memory(*overrides: str) -> float:
        recipe = load_recipe("structured", [f"model={seven_billion}", *overrides])
        return plan(recipe, panoramas, machine=H200).memory / 2**30

    checkpointed = memory()
    assert 56 < checkpointed < 68, "62.0 GiB measured on an H200, while 32 completions are sampled"
    assert memory("stage1.gradient_checkpointing=false") > 110
    fours = memory("stage1.steps_per_generation=1")
    assert 18 < fours < 40, "16.6 GB of weights, and one layer's activations for four sequences"
    assert memory("lora.dropout=0") < checkpointed - 10, "no copy after dropout"


def test_seconds_follow_what_a_step_does(tiny_model: Path, items: list[Item]) -> None:
    def seconds(*overrides: str) -> float:
        recipe = load_recipe("structured", [f"model={tiny_model}", "precision=float32", *overrides])
        return plan(recipe, items, machine=Machine(1e12, 1e12, 1e-3)).stages[0].seconds

    plain = seconds()
    # 255 tokens after the first, of which none costs less than two layers' operations of a millisecond.
    assert plain - seconds("stage1.max_completion_length=1") > 255 * 0.1
    # Two calls in place of one take as many operations each.
    assert 1.7 < seconds("stage1.steps_per_generation=4") / plain < 2.1
    assert seconds("trl.num_iterations=2") < 0.6 * plain, "completions are drawn for two steps"
    assert seconds("generation=http://127.0.0.1:1") < 0.2 * plain
    assert seconds("stage1.gradient_checkpointing=false") < plain


def test_held_out_questions_are_counted(tiny_model: Path, items: list[Item]) -> None:
    held_out = "evaluation={data: null, split: val, questions: 8, without_image: 4, patience: null}"
    made = plan(load_recipe("smoke", [f"model={tiny_model}", held_out]), items)
    assert [stage.checkups for stage in made.stages] == [4, 4], "every second of eight steps"
    assert made.stages[0].checkup > 0
    assert "with 4 check-ups of" in made.stages[0].line


def test_the_supervised_stage_is_planned(tiny_model: Path, items: list[Item], tmp_path: Path) -> None:
    from training.mixing import warm_up_schedule

    warm_up = {
        "parameters": "all",
        "limit": None,
        "localisation_epochs": 1,
        "epochs": 2,
        "global_batch": 16,
        "per_device_batch": 8,
        "learning_rate": 1e-3,
        "lr_schedule": "linear",
        "warmup": 0.0,
        "max_grad_norm": 1.0,
        "gradient_checkpointing": False,
        "save_steps": 10,
        "save_total_limit": 2,
    }
    file = tmp_path / "warm.yaml"
    file.write_text(yaml.safe_dump({"extends": "smoke", "warm_up": warm_up}), "utf-8")

    def planned(*overrides: str) -> Plan:
        machine = Machine(1e12, 1e12, 1e-3, "float32")
        return plan(load_recipe(file, [f"model={tiny_model}", *overrides]), items, machine=machine)

    alone = planned("stage1=null", "stage2=null")
    (stage,) = alone.stages
    recipe = load_recipe(file)
    assert recipe.warm_up is not None
    rows = len(warm_up_schedule(items, recipe.warm_up, recipe.seed))
    assert (stage.name, stage.questions, stage.steps) == ("warm_up", rows, rows // 16)
    weights = alone.shape.parameters
    assert alone.shape.trainable == weights
    assert stage.memory > 16 * weights, "weights, gradients and two moments in float32"
    assert alone.disk == (2 * 12 + 4) * weights, "two checkpoints and the model"
    adapter = planned("warm_up.parameters=adapter")
    assert [stage.name for stage in adapter.stages] == ["warm_up", "stage1", "stage2"]
    assert adapter.stages[0].disk == (2 * 12 + 4) * adapter.shape.trainable < stage.disk


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
