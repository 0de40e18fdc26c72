"""One stage as a ready TRL trainer: model, adapter, rewards, rows, and the hand-off between stages."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from panoenv_tasks.geometry.cube import FACES
from panoenv_tasks.items import DataError, Item
from training.data import training_rows
from training.evaluation import evaluation_callback
from training.filtering import without_equal_groups
from training.model import check_trainer, image_token_ids, load_model, load_processor, lora_config
from training.pictures import encode_each_picture_once, prepare_each_picture_once
from training.recipe import Recipe
from training.rewards import accuracy_reward, format_reward, image_tokens, user_function
from training.settings import grpo_settings
from training.watch import watch_callback

#: A full panorama's patches and features take about 0.1 GB.
KEPT_PICTURES = 16


def build_trainer(
    recipe: Recipe,
    name: str,
    rows: Sequence[Item],
    folder: Path,
    *,
    processes: int,
    previous: Path | None,
    held_out: Sequence[Item] = (),
) -> Any:
    """Return TRL's ``GRPOTrainer`` for a stage, checked and ready to train.

    With ``kl_anchor: base`` the adapter of the stage before goes on against the base model, so that
    KL is measured from the base model in every stage. With ``previous`` it is measured from where the
    stage before ended.

    Args:
        recipe: The run, its base model given.
        name: The stage.
        rows: The questions in training order.
        folder: TRL's output folder.
        processes: Number of training processes.
        previous: The adapter folder to go on from: the stage before's, or the recipe's; None for a new one.
        held_out: Questions that the model is checked on at every checkpoint.

    Raises:
        DataError: The base model cannot be loaded, the adapter does not fit it, or a start-up check
            fails.
    """
    import torch
    from transformers import PrinterCallback
    from trl import GRPOConfig, GRPOTrainer

    base = base_model(recipe)
    settings = grpo_settings(recipe, name, folder, processes)
    # Without it the library refuses bfloat16 where there is no GPU, though CPUs have it.
    settings["use_cpu"] = not torch.accelerator.is_available()
    data = training_rows(rows, recipe.protocol, recipe.conditions)
    processor = load_processor(base, recipe)
    prepare_each_picture_once(processor)
    model = load_model(base, recipe)
    # Six faces have fewer pixels than their panorama.
    each = len(FACES) if "cubemap" in recipe.conditions else 1
    kept = min(KEPT_PICTURES, recipe.stages[name].questions_per_step)
    encode_each_picture_once(model, kept=each * kept)
    anchored_at_previous = previous is not None and recipe.kl_anchor == "previous"
    if anchored_at_previous:
        model = _with_adapter(model, previous)
    kind = without_equal_groups(GRPOTrainer) if recipe.equal_groups == "drop" else GRPOTrainer
    trainer = kind(
        model=model,
        reward_funcs=[
            accuracy_reward,
            format_reward,
            functools.update_wrapper(
                functools.partial(image_tokens, token_ids=image_token_ids(processor)), image_tokens
            ),
            *(user_function(path) for path in recipe.rewards.functions),
        ],
        args=GRPOConfig(**settings),
        train_dataset=data,
        processing_class=processor,
        peft_config=None if anchored_at_previous else lora_config(recipe),
        callbacks=[
            watch_callback(
                name,
                folder,
                sampled_by_vllm=settings["use_vllm"],
                stop_on_alarm=recipe.on_alarm == "stop",
            ),
            *_check_ups(recipe, name, folder, held_out),
        ],
    )
    trainer.remove_callback(PrinterCallback)
    if previous is not None and not anchored_at_previous:
        load_adapter(trainer.model, previous)
    check_trainer(trainer, recipe)
    return trainer


def base_model(recipe: Recipe) -> str:
    """Return the recipe's base model.

    Raises:
        DataError: The recipe names none.
    """
    if recipe.model is None:
        raise DataError(f"recipe {recipe.name} names no base model; give one: model=FOLDER")
    return recipe.model


def load_adapter(model: Any, folder: Path) -> None:
    """Copy an adapter's weights into a model that has one of the same shape.

    Raises:
        DataError: The adapter is for other layers or of another rank.
    """
    from peft import load_peft_weights, set_peft_model_state_dict

    try:
        result = set_peft_model_state_dict(model, load_peft_weights(str(folder), device="cpu"))
    except (RuntimeError, OSError, ValueError) as error:
        raise DataError(f"{folder}: the adapter does not fit this model and recipe ({error})") from None
    # The base model's weights are not the adapter's to bring, nor are those of a frozen second adapter.
    missing = [key for key in result.missing_keys if "lora_" in key and ".default." in key]
    if missing or result.unexpected_keys:
        raise DataError(
            f"{folder}: the adapter is for other layers ({(missing or result.unexpected_keys)[0]})"
        )


def _check_ups(recipe: Recipe, name: str, folder: Path, held_out: Sequence[Item]) -> list[Any]:
    if recipe.evaluation is None:
        return []
    stage = recipe.stages[name]
    return [evaluation_callback(recipe.evaluation, name, stage, folder, held_out, recipe.conditions[0])]


def _with_adapter(model: Any, folder: Path | None) -> Any:
    from peft import PeftModel

    return PeftModel.from_pretrained(model, str(folder), is_trainable=True)
