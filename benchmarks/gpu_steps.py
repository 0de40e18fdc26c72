"""Training steps of a model with random weights, timed piece by piece, for ``gpu_check.py``."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

#: Of two steps the second is told; the reward stands in for answers that random weights lack.
ALWAYS = (
    "report_to=none",
    "stage1.epochs=1",
    "stage1.warmup=0",
    "rewards.accuracy=0",
    "rewards.format=0",
    "rewards.functions={gpu_steps.spread: 1.0}",
)
#: Two questions, four completions each.
SMALL = ("stage1.global_batch=8", "stage1.max_completion_length=32", "stage1.save_steps=1")
#: As much less as a processor without a GPU asks for.
TINY = (
    "max_pixels=6272",
    "stage1.num_generations=2",
    "stage1.global_batch=4",
    "stage1.max_completion_length=8",
)


@dataclass(frozen=True)
class Bench:
    """Where and on what to measure; ``deadline`` on the monotonic clock, after which no step begins."""

    place: Path
    model: Path
    items: Sequence[Any]
    tiny: bool
    deadline: float


@dataclass
class Clock:
    """Of each step: seconds, those of sampling and of the anchor's log-probabilities, tokens; GiB at peak."""

    steps: list[float] = field(default_factory=list)
    sampling: list[float] = field(default_factory=list)
    anchor: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    peak: float = float("nan")


def told(clock: Clock) -> str:
    """Say what the last step took."""
    step, sampling, anchor = clock.steps[-1], clock.sampling[-1], clock.anchor[-1]
    warm = "" if len(clock.steps) > 1 else " (one step)"
    return (
        f"{step:.2f} s{warm}: sampling {sampling:.2f} ({clock.tokens[-1] / sampling:.0f} tokens/s, "
        f"prompts included), anchor's log-probabilities {anchor:.2f}, "
        f"loss and update {step - sampling - anchor:.2f}; peak {clock.peak:.1f} GiB"
    )


def recipe_for(bench: Bench, out: Path, *settings: str) -> Any:
    from training.recipe import load_recipe

    sizes = TINY if bench.tiny else ()
    places = (f"model={bench.model}", f"output={out}", "attention=sdpa")
    return load_recipe("structured", [*places, *ALWAYS, *settings, *sizes])


def train(
    bench: Bench,
    out: Path,
    *settings: str,
    steps: int = 2,
    as_trl_is: bool = False,
    resume: Path | None = None,
    around: AbstractContextManager[Any] | None = None,
) -> Clock:
    """Train some steps, or the last of them only, inside ``around``, and return what they took."""
    from training.mixing import schedule
    from training.trainer import build_trainer

    recipe = recipe_for(bench, out, *settings)
    stage = recipe.stages["stage1"].model_copy(
        update={"limit": steps * recipe.stages["stage1"].questions_per_step}
    )
    chosen = schedule(bench.items, stage, recipe.seed)
    out.mkdir(exist_ok=True)
    with ExitStack() as patches:
        patches.enter_context(patch("training.trainer.load_model", made))
        if as_trl_is:
            patches.enter_context(patch("training.trainer.encode_each_picture_once"))
            patches.enter_context(patch("training.trainer.prepare_each_picture_once"))
        trainer = build_trainer(recipe, "stage1", chosen, out, processes=1, previous=None)
    clock = watched(trainer, bench.deadline)
    with around or nullcontext():
        trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    if not clock.steps:
        raise RuntimeError("no step was made")
    return clock


def made(base: str, recipe: Any) -> Any:
    """Return the model of a folder's configuration with the same random weights each time, on the GPU."""
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

    from training.model import freeze_vision

    torch.manual_seed(0)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = AutoModelForImageTextToText.from_config(
            AutoConfig.from_pretrained(base),
            dtype=getattr(torch, recipe.precision),
            attn_implementation=recipe.attention,
        )
    freeze_vision(model)
    return model


def watched(trainer: Any, deadline: float) -> Clock:
    """Time a trainer's steps and their parts, and let none begin after the deadline."""
    import torch
    from transformers import TrainerCallback

    clock = Clock()
    on_gpu = torch.cuda.is_available()

    def now() -> float:
        if on_gpu:
            torch.cuda.synchronize()
        return time.perf_counter()

    def timed(work: Any, seconds: list[float], wanted: Callable[[], bool]) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if not wanted():
                return work(*arguments, **options)
            began = now()
            value = work(*arguments, **options)
            seconds[-1] += now() - began
            return value

        return call

    def sample(*arguments: Any, **options: Any) -> Any:
        value = plain_sample(*arguments, **options)
        clock.tokens[-1] += sum(map(len, value[1]))
        return value

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if on_gpu:
                torch.cuda.reset_peak_memory_stats()
            for series in (clock.sampling, clock.anchor):
                series.append(0.0)
            clock.tokens.append(0)
            self.began = now()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            clock.steps.append(now() - self.began)
            if on_gpu:
                clock.peak = torch.cuda.max_memory_allocated() / 2**30
            control.should_training_stop |= time.monotonic() > deadline

    plain_sample = trainer._generate
    trainer._generate = timed(sample, clock.sampling, lambda: True)
    trainer._get_per_token_logps_and_entropies = timed(
        trainer._get_per_token_logps_and_entropies, clock.anchor, lambda: not torch.is_grad_enabled()
    )
    trainer.add_callback(Watch())
    return clock


def spread(completion_ids: Sequence[Sequence[int]], **_: Any) -> list[float]:
    """A reward in TRL's form that differs within a group; what random weights answer is worth nothing."""
    return [sum(ids) % 97 / 97 for ids in completion_ids]


def free() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
