"""What ``panoenv train RECIPE --plan`` says beside a real run of it, with a small model on the CPU.

Counts must agree. Seconds are those of this process's processor, in the plan and in the run alike, so that
other programs do not count; give ``OMP_NUM_THREADS=1``, or threads that wait for one another are counted as
well. Memory is compared where it can be measured, on a GPU (``gpu_check.py``).
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("HF_HUB_OFFLINE", "1")

OVERRIDES = (
    "max_pixels=100352",
    "report_to=none",
    "stage1.limit=6",
    "stage1.max_completion_length=16",
    "stage1.save_steps=1",
)


def main() -> None:
    from support.bright_world import write_bright_world
    from support.tiny_vlm import make_tiny_qwen2_5_vl

    from panoenv_tasks import load_items
    from training.mixing import schedule
    from training.plan import plan
    from training.recipe import load_recipe
    from training.trainer import build_trainer

    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stderr(io.StringIO()),
        patch("time.perf_counter", time.process_time),
    ):
        place = Path(folder)
        items = load_items(write_bright_world(place / "world", "train", 6, size=(2560, 1280)), "train")
        model = make_tiny_qwen2_5_vl(place / "model", hidden=1024)
        recipe = load_recipe("smoke", [f"model={model}", *OVERRIDES])
        made = plan(recipe, items)
        stage = made.stages[0]
        out = place / "stage1"
        out.mkdir()
        rows = schedule(items, recipe.stages["stage1"], recipe.seed)
        trainer = build_trainer(recipe, "stage1", rows, out, processes=1, previous=None)
        trainer.train()
        trained = sum(weight.numel() for weight in trainer.model.parameters() if weight.requires_grad)
        log = [entry for entry in trainer.state.log_history if "step_time" in entry]
        completions = sum(entry["completions/mean_length"] for entry in log) * 8
        prompts = log[-1]["num_tokens"] - completions
        seconds = median(entry["step_time"] for entry in log)
    for name, said, real in (
        ("steps", stage.steps, trainer.state.global_step),
        ("trainable parameters", made.shape.trainable, trained),
        ("tokens of prompts", stage.prompt_tokens, round(prompts)),
        ("tokens of completions, at most", stage.completion_tokens, round(completions)),
    ):
        print(f"{name}: planned {said:,}, real {real:,}, ratio {real / said:.2f}")
    print(
        f"processor seconds a step: planned {stage.seconds:.3f}, real {seconds:.3f}, "
        f"ratio {seconds / stage.seconds:.2f}"
    )


if __name__ == "__main__":
    main()
