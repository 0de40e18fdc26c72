"""The paper's numbers as TRL settings, and how the batch is spread over processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from panoenv_tasks.items import DataError
from training.recipe import load_recipe
from training.sections import Stage
from training.settings import accumulation, grpo_settings

#: The paper's setup on four processes, as GRPOConfig's fields.
PAPER = {
    "num_generations": 4,
    "num_train_epochs": 1,
    "shuffle_dataset": False,
    "learning_rate": 5e-6,
    "lr_scheduler_type": "linear",
    "warmup_steps": 0.05,
    "per_device_train_batch_size": 4,
    "gradient_accumulation_steps": 2,
    "steps_per_generation": 2,
    "beta": 0.01,
    "use_bias_correction_kl": False,
    "max_completion_length": 256,
    "epsilon": 0.2,
    "max_grad_norm": 10.0,
    "reward_weights": [0.9, 0.1, 0.0],
    "scale_rewards": "group",
    "loss_type": "grpo",
    "num_iterations": 1,
    "temperature": 1.0,
    "top_k": 0,
    "bf16": True,
    "seed": 42,
    "weight_decay": 0.0,
    "use_vllm": False,
    "disable_dropout": False,
    "log_multimodal": False,
    "report_to": "tensorboard",
}


def _stage(**changes: object) -> Stage:
    stage = load_recipe("balanced").stages["stage1"]
    return Stage.model_validate({**stage.model_dump(), **changes})


def test_the_papers_numbers_reach_trl(tmp_path: Path) -> None:
    settings = grpo_settings(load_recipe("balanced"), "stage1", tmp_path, processes=4)
    assert {key: settings[key] for key in PAPER} == PAPER


def test_reference_code_divides_kl_and_clipping_by_its_advantage_scale(tmp_path: Path) -> None:
    recipe = load_recipe("balanced", ["setup=reference_code"])
    paper = grpo_settings(load_recipe("balanced"), "stage2", tmp_path, processes=4)
    reference = grpo_settings(recipe, "stage2", tmp_path, processes=4)
    changed = {key: reference[key] for key in paper if reference[key] != paper[key]}
    assert changed == {"beta": pytest.approx(0.002), "max_grad_norm": 2.0, "top_k": 50}


@pytest.mark.parametrize(("processes", "steps"), [(1, 8), (2, 4), (4, 2), (8, 1)])
def test_accumulation_keeps_the_global_batch(processes: int, steps: int) -> None:
    assert accumulation(_stage(), processes) == steps


@pytest.mark.parametrize(
    ("changes", "processes", "complaint"),
    [
        ({}, 3, "per_device_batch 4 x 3 processes"),
        ({}, 16, "per_device_batch 4 x 16 processes"),
        ({"steps_per_generation": 3}, 1, "steps_per_generation 3 does not divide the 8"),
        ({"per_device_batch": 2, "steps_per_generation": 1}, 1, "num_generations 4 does not divide"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(
    changes: dict[str, object], processes: int, complaint: str
) -> None:
    with pytest.raises(DataError, match=complaint):
        accumulation(_stage(**changes), processes)


def test_fewer_completions_at_a_time_are_allowed_when_groups_stay_whole(tmp_path: Path) -> None:
    recipe = load_recipe("balanced", ["stage1.per_device_batch=2", "stage1.steps_per_generation=2"])
    settings = grpo_settings(recipe, "stage1", tmp_path, processes=1)
    assert settings["gradient_accumulation_steps"] == 16
    assert settings["steps_per_generation"] == 2


def test_a_server_address_means_vllm_server_mode(tmp_path: Path) -> None:
    recipe = load_recipe("balanced", ["generation=http://127.0.0.1:8000"])
    settings = grpo_settings(recipe, "stage1", tmp_path, processes=4)
    assert settings["use_vllm"] is True
    assert settings["vllm_mode"] == "server"
    assert settings["vllm_server_base_url"] == "http://127.0.0.1:8000"


@pytest.mark.parametrize("setup", ["paper", "reference_code"])
def test_trl_takes_every_setting_as_it_is_meant(setup: str, tmp_path: Path) -> None:
    from trl import GRPOConfig

    recipe = load_recipe("smoke", [f"setup={setup}"])
    settings = grpo_settings(recipe, "stage1", tmp_path, processes=1)
    config = GRPOConfig(**settings)
    taken = {key: getattr(config, key) for key in settings}
    assert {**taken, "report_to": "tensorboard"} == settings
    assert config.generation_batch_size == recipe.stages["stage1"].global_batch
