"""Groups that earn the same throughout, left out of the loss."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.trained import random_adapter

from panoenv_tasks.items import Item
from training.mixing import schedule
from training.recipe import load_recipe
from training.trainer import build_trainer

#: Rewards of two questions with two completions each; the second question's are equal.
REWARDS = [0.0, 1.0, 0.7, 0.7]


def uneven(completions: Sequence[Any], **_: Any) -> list[float]:
    """A reward in TRL's form."""
    return REWARDS[: len(completions)]


def even(completions: Sequence[Any], **_: Any) -> list[float]:
    return [0.7] * len(completions)


def _trainer(
    model: Path, items: list[Item], folder: Path, reward: str, monkeypatch: pytest.MonkeyPatch, *more: str
) -> Any:
    import sys

    monkeypatch.setitem(sys.modules, "scripted_rewards", sys.modules[__name__])
    folder.mkdir()
    recipe = load_recipe(
        "smoke",
        [
            f"model={model}",
            "max_pixels=6272",
            "report_to=none",
            "lora.dropout=0",
            "rewards.accuracy=0",
            "rewards.format=0",
            f"rewards.functions={{scripted_rewards.{reward}: 1.0}}",
            "stage1.num_generations=2",
            "stage1.global_batch=4",
            "stage1.per_device_batch=4",
            "stage1.limit=2",
            "stage1.questions=all",
            "stage1.max_completion_length=6",
            "stage1.beta=0.5",
            *more,
        ],
    )
    rows = schedule(items, recipe.stages["stage1"], recipe.seed)
    before = random_adapter(model, folder / "before")
    return build_trainer(recipe, "stage1", rows, folder, processes=1, previous=before)


def _loss_and_gradient(trainer: Any, batch: dict[str, Any]) -> tuple[float, Any]:
    import torch

    trainer.model.zero_grad()
    loss = trainer.compute_loss(trainer.model, batch)
    loss.backward()
    gradient = torch.cat([w.grad.flatten() for w in trainer.model.parameters() if w.requires_grad])
    return float(loss.detach()), gradient


@pytest.mark.parametrize("loss_type", ["grpo", "dapo", "bnpo", "dr_grpo"])
def test_the_loss_is_that_of_the_other_groups_alone(
    loss_type: str,
    tiny_model: Path,
    items: list[Item],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    short_prompts: None,
) -> None:
    import torch
    from trl import GRPOTrainer

    trainer = _trainer(
        *(tiny_model, items, tmp_path / "run", "uneven", monkeypatch),
        *("equal_groups=drop", f"trl.loss_type={loss_type}"),
    )
    trainer.current_gradient_accumulation_steps = 1
    rows = [trainer.train_dataset[number] for number in (0, 0, 1, 1)]
    batch = trainer._generate_and_score_completions(rows)
    lengths = batch["completion_mask"].sum(dim=1)
    assert (lengths > 0).tolist() == [True, True, False, False]
    found, gradient = _loss_and_gradient(trainer, batch)

    patches = batch["image_grid_thw"].prod(dim=1)[:2].sum()
    alone = {
        name: value[:2] if getattr(value, "ndim", 0) or isinstance(value, list) else value
        for name, value in batch.items()
    }
    alone["pixel_values"] = batch["pixel_values"][:patches]
    alone["num_items_in_batch"] = lengths.sum()
    with monkeypatch.context() as plain:
        plain.setattr(trainer, "__class__", GRPOTrainer)
        expected, wanted = _loss_and_gradient(trainer, alone)
    assert found == pytest.approx(expected, rel=1e-4)
    assert torch.allclose(gradient, wanted, rtol=1e-3, atol=1e-6)
    assert wanted.abs().max() > 1e-4


def test_a_step_without_any_difference_changes_nothing(
    tiny_model: Path, items: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_prompts: None
) -> None:
    from peft import load_peft_weights

    folder = tmp_path / "run"
    trainer = _trainer(
        tiny_model, items, folder, "even", monkeypatch, "equal_groups=drop", "stage1.save_steps=1"
    )
    trainer.train()
    assert trainer.state.log_history[0]["frac_reward_zero_std"] == 1
    before, after = (load_peft_weights(str(folder / name)) for name in ("before", "checkpoint-1"))
    assert all((before[name] == after[name]).all() for name in before)
