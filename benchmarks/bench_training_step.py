"""Seconds per optimizer step: our stage against TRL's trainer put together bare, with a constant reward.

Our stage is measured twice, the second time with its pictures encoded as often as TRL asks for them. All
train the same adapter of the same tiny Qwen2.5-VL on the same questions, in turns; an untrained model hardly
ever ends early, so all sample the same number of tokens.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("HF_HUB_OFFLINE", "1")

ROUNDS = 2
STEPS = 4
WARM_UP = 1
TOKENS = 12
OVERRIDES = [
    "max_pixels=50176",
    f"stage1.limit={2 * STEPS}",
    f"stage1.max_completion_length={TOKENS}",
    "stage1.save_steps=1000",
]


def main() -> None:
    from support.bright_world import write_bright_world
    from support.tiny_vlm import make_tiny_qwen2_5_vl

    from panoenv_tasks import load_items

    ours: list[float] = []
    bare: list[float] = []
    often: list[float] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        place = Path(folder)
        items = load_items(write_bright_world(place / "world", "train", 16, size=(1280, 640)), "train")
        model = make_tiny_qwen2_5_vl(place / "model")
        for number in range(ROUNDS):
            bare += _seconds(_bare(model, items, place / f"bare{number}"))
            ours += _seconds(_ours(model, items, place / f"ours{number}"))
            with patch("training.trainer.encode_each_picture_once"):
                often += _seconds(_ours(model, items, place / f"often{number}"))
    print(f"{ROUNDS} rounds of {STEPS} steps, 8 completions of {TOKENS} tokens a step, pictures of 1280x640")
    print(f"TRL, bare, constant reward: {median(bare):.3f} s/step")
    print(f"our stage:                  {median(ours):.3f} s/step")
    print(f"our stage, pictures encoded every time: {median(often):.3f} s/step")
    print(f"encoding once over every time: {median(ours) / median(often):.3f}")
    print(f"ratio: {median(ours) / median(bare):.3f} (at most 1.03)")


def _ours(model: Path, items: list[Any], out: Path) -> Any:
    from training.mixing import schedule
    from training.recipe import load_recipe
    from training.trainer import build_trainer

    recipe = load_recipe("smoke", [f"model={model}", *OVERRIDES])
    rows = schedule(items, recipe.stages["stage1"], recipe.seed)
    out.mkdir()
    return build_trainer(recipe, "stage1", rows, out, processes=1, previous=None)


def _bare(model: Path, items: list[Any], out: Path) -> Any:
    """TRL as its own examples put it together: images in a column that decodes on access."""
    import datasets
    from peft import LoraConfig
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from trl import GRPOConfig, GRPOTrainer

    from panoenv_tasks.prompts import render
    from training.mixing import schedule
    from training.model import LORA_TARGETS
    from training.recipe import load_recipe

    recipe = load_recipe("smoke", OVERRIDES)
    stage = recipe.stages["stage1"]
    rows = schedule(items, stage, recipe.seed)
    table = {
        "prompt": [[{"role": "user", "content": render(row)}] for row in rows],
        "image": [str(row.image) for row in rows],
    }
    data = datasets.Dataset.from_dict(table).cast_column("image", datasets.Image())
    processor = AutoProcessor.from_pretrained(model, padding_side="left")
    processor.image_processor.size = {"shortest_edge": recipe.min_pixels, "longest_edge": recipe.max_pixels}

    def constant(completions: list[Any], **_: Any) -> list[float]:
        return [1.0] * len(completions)

    return GRPOTrainer(
        model=AutoModelForImageTextToText.from_pretrained(model),
        reward_funcs=constant,
        args=GRPOConfig(
            output_dir=str(out),
            per_device_train_batch_size=stage.per_device_batch,
            gradient_accumulation_steps=stage.global_batch // stage.per_device_batch,
            num_generations=stage.num_generations,
            max_completion_length=stage.max_completion_length,
            beta=stage.beta,
            learning_rate=stage.learning_rate,
            num_train_epochs=1,
            shuffle_dataset=False,
            logging_steps=1,
            save_strategy="no",
            bf16=False,
            gradient_checkpointing=False,
            disable_tqdm=True,
            report_to="none",
        ),
        train_dataset=data,
        processing_class=processor,
        peft_config=LoraConfig(
            r=16, lora_alpha=32, lora_dropout=0.05, task_type="CAUSAL_LM", target_modules=LORA_TARGETS
        ),
    )


def _seconds(trainer: Any) -> list[float]:
    """Train and return the seconds between the ends of consecutive steps, the first ones left out."""
    import time

    from transformers import TrainerCallback

    ends: list[float] = []

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            ends.append(time.perf_counter())

    trainer.add_callback(Clock())
    with contextlib.redirect_stdout(io.StringIO()):
        trainer.train()
    return [later - sooner for sooner, later in zip(ends[WARM_UP:], ends[WARM_UP + 1 :], strict=False)]


if __name__ == "__main__":
    main()
