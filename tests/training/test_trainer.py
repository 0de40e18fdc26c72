"""A stage's trainer: the prompt that the harness sends, and the adapter of the stage before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.trained import random_adapter

from panoenv_tasks.items import DataError, Item
from panoenv_tasks.prompts import render
from training.mixing import schedule
from training.recipe import load_recipe
from training.trainer import build_trainer


def _build(model: Path, items: list[Item], folder: Path, previous: Path | None, *overrides: str) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    recipe = load_recipe("smoke", [f"model={model}", "max_pixels=6272", "report_to=none", *overrides])
    rows = schedule(items, recipe.stages["stage1"], recipe.seed)
    return build_trainer(recipe, "stage1", rows, folder, processes=1, previous=previous)


def test_training_and_harness_prompts_are_the_same_tokens(
    tiny_model: Path, items: list[Item], tmp_path: Path
) -> None:
    from trl.data_utils import prepare_multimodal_messages

    trainer = _build(tiny_model, items, tmp_path, None)
    row = trainer.train_dataset[0]
    item = next(item for item in items if item.id == row["item"])
    prompt = prepare_multimodal_messages(row["prompt"], images=row["images"])
    trained = trainer._tokenize_prompts([prompt])[0][0]
    # The shape in which lmms-eval's Qwen-VL wrappers send a question: its system turn is explicit.
    turns = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": render(item)}]},
    ]
    processor = trainer.processing_class
    text = processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    harness = processor(text=[text], images=[row["images"]])["input_ids"][0]
    assert list(trained) == list(harness)


def test_the_adapter_of_the_stage_before_is_taken_over(
    tiny_model: Path, items: list[Item], tmp_path: Path
) -> None:
    from peft import get_peft_model_state_dict, load_peft_weights

    before = random_adapter(tiny_model, tmp_path / "before")
    trainer = _build(tiny_model, items, tmp_path / "run", before)
    now, then = get_peft_model_state_dict(trainer.model), load_peft_weights(str(before), device="cpu")
    assert now.keys() == then.keys()
    assert all((now[name] == then[name]).all() for name in then)


@pytest.mark.parametrize("change", ["lora.r=8", "hidden"])
def test_an_adapter_that_does_not_fit_is_refused(
    change: str, tiny_model: Path, items: list[Item], tmp_path: Path
) -> None:
    from support.tiny_vlm import make_tiny_qwen2_5_vl

    before = random_adapter(tiny_model, tmp_path / "before")
    model, overrides = tiny_model, [change]
    if change == "hidden":
        model, overrides = make_tiny_qwen2_5_vl(tmp_path / "wide", hidden=256), []
    with pytest.raises(DataError, match="does not fit"):
        _build(model, items, tmp_path / "run", before, *overrides)
