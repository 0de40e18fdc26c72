"""The supervised stage as a ready TRL trainer, and what is watched while it runs."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError, Item
from training.checkpoints import seal
from training.data import supervised_rows
from training.model import check_trainer, load_model, load_processor, lora_config
from training.pictures import encode_each_picture_once, prepare_each_picture_once
from training.recipe import Recipe
from training.rewards import user_function
from training.sections import WarmUp
from training.settings import sft_settings
from training.trainer import KEPT_PICTURES, base_model, load_adapter

#: The stage's name and folder.
WARM_UP = "warm_up"


def build_warm_up(
    recipe: Recipe,
    stage: WarmUp,
    rows: Sequence[Item],
    folder: Path,
    *,
    processes: int,
    previous: Path | None,
    resume: Path | None,
) -> Any:
    """Return TRL's ``SFTTrainer`` for the supervised stage, checked and ready to train.

    The loss is on the answer only. Either the decoder's adapter trains, or every weight.

    Args:
        recipe: The run, its base model given.
        stage: Its supervised stage.
        rows: The questions in training order.
        folder: TRL's output folder.
        processes: Number of training processes.
        previous: The adapter folder to go on from; None for a new one.
        resume: The checkpoint that the training will go on from; None for none.

    Raises:
        DataError: The base model cannot be loaded, the adapter does not fit it, or a start-up check fails.
    """
    import torch
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    base = base_model(recipe)
    train_all = stage.parameters == "all"
    reasoning = user_function(stage.reasoning, "warm_up.reasoning") if stage.reasoning else None
    settings = sft_settings(recipe, stage, folder, processes)
    # Without it the library refuses bfloat16 where there is no GPU, though CPUs have it.
    settings["use_cpu"] = not torch.accelerator.is_available()
    processor = load_processor(base, recipe)
    prepare_each_picture_once(processor)
    model = load_model(str(resume or base) if train_all else base, recipe, train_all=train_all)
    if not train_all:
        encode_each_picture_once(model, kept=min(KEPT_PICTURES, stage.global_batch))
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(**settings),
        train_dataset=supervised_rows(rows, reasoning),
        processing_class=processor,
        peft_config=None if train_all else lora_config(recipe),
        callbacks=[_watch(folder)],
    )
    trainer.remove_callback(PrinterCallback)
    if train_all:
        # transformers 5.19 reads a Qwen-VL checkpoint back under names that the model does not have, and goes
        # on with whatever weights it holds. They are the checkpoint's already.
        trainer._load_from_checkpoint = lambda *_, **__: None
    if previous is not None:
        load_adapter(trainer.model, previous)
    check_trainer(trainer, recipe, train_all=train_all)
    return trainer


def _watch(folder: Path) -> Any:
    """Return a trainer callback: a line a step, sealed checkpoints, an end to a loss that is no number."""
    from accelerate import PartialState
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.first_step, self.began = 0, 0.0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.first_step, self.began = state.global_step, time.monotonic()

        def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            entry = state.log_history[-1]
            if "loss" not in entry:
                return
            if not (math.isfinite(entry["loss"]) and math.isfinite(entry.get("grad_norm", 0.0))):
                raise DataError(
                    f"{WARM_UP}: the loss or its gradient is not finite at step {state.global_step}. The "
                    "newest checkpoint is kept; lower warm_up.learning_rate in a new output folder"
                )
            if state.is_world_process_zero:
                pace = (time.monotonic() - self.began) / max(state.global_step - self.first_step, 1)
                line = (
                    f"{WARM_UP} {state.global_step}/{state.max_steps}  loss {entry['loss']:.3g}  "
                    f"tokens right {entry.get('mean_token_accuracy', math.nan):.3g}  {pace:.3g} s/step"
                )
                print(line, file=sys.stderr, flush=True)

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            # Every process writes its random state; the seal covers them all.
            PartialState().wait_for_everyone()
            if state.is_world_process_zero:
                seal(folder / f"checkpoint-{state.global_step}")

    return Watch()
