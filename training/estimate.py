"""One stage's share of a plan: steps, tokens, seconds and bytes, from what its pieces cost on a machine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panoenv_tasks.items import Item
from training.cost import Machine
from training.mixing import schedule
from training.outline import Learning, Outline, Shape, judging, learning, sampling
from training.recipe import Recipe
from training.sections import Evaluation, Stage, WarmUp
from training.settings import accumulation, micro_batches

BYTES = {"bfloat16": 2, "float32": 4}
#: Bytes of a trained weight with its gradient and Adam's two moments, in float32; what a checkpoint holds of
#: them; and what an update reads and writes.
_TRAINED, _SAVED, _UPDATED = 16, 12, 28


@dataclass(frozen=True)
class StagePlan:
    """One stage: optimizer steps, tokens of prompts and of completions (at most), seconds, bytes at the peak.

    Where a server samples (``sampled`` is false), its seconds are not known. ``checkups`` times the held-out
    questions are answered, in ``checkup`` seconds each.
    """

    name: str
    questions: int
    steps: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    memory: int
    disk: int
    sampled: bool = True
    checkups: int = 0
    checkup: float = 0.0

    @property
    def line(self) -> str:
        """The stage for people."""
        hours = (self.steps * self.seconds + self.checkups * self.checkup) / 3600
        sampled = "" if self.sampled else " without sampling, which a server does"
        evaluated = f" with {self.checkups} check-ups of {self.checkup:.3g} s" if self.checkups else ""
        return (
            f"{self.name}: {self.questions:,} questions in {self.steps:,} steps; "
            f"{self.prompt_tokens / 1e6:,.1f} M tokens of prompts, at most "
            f"{self.completion_tokens / 1e6:,.1f} M of completions; "
            f"about {self.seconds:.3g} s a step{sampled}, {hours:.2g} h on this machine{evaluated}; "
            f"peak {self.memory / 2**30:.3g} GiB"
        )


@dataclass(frozen=True)
class Prompt:
    """A question as it is shown: tokens, its processed pictures, the seconds of opening and processing them.

    ``pictures`` holds what the processor makes of them, once for each of the recipe's conditions.
    """

    image: int
    text: int
    pictures: tuple[Mapping[str, Any], ...]
    opening: float
    processing: float

    @property
    def tokens(self) -> int:
        """Text and picture together."""
        return self.image + self.text

    @property
    def seconds(self) -> float:
        """What TRL takes to open and process it for a batch: once for its tokens, once for its patches."""
        return self.opening + 2 * self.processing


@dataclass(frozen=True)
class Setting:
    """What the stages of a run share: model, machine, one question, its encoding, processes."""

    model: Outline
    machine: Machine
    prompt: Prompt
    encoded: Learning
    processes: int


def grpo_plan(recipe: Recipe, name: str, items: Sequence[Item], setting: Setting) -> StagePlan:
    """Return what a GRPO stage will take.

    Raises:
        DataError: Questions, batch and processes do not fit together.
    """
    model, machine, prompt = setting.model, setting.machine, setting.prompt
    stage, processes = recipe.stages[name], setting.processes
    rows = schedule(items, stage, recipe.seed)
    batches, iterations = accumulation(stage, processes), recipe.trl.num_iterations
    drawn_at_once = stage.steps_per_generation or batches
    batch, tokens = stage.per_device_batch, stage.max_completion_length
    length, sampled = prompt.tokens + tokens, recipe.generation == "transformers"
    # What is done once for each batch of completions, however often they are learnt from.
    once = stage.global_batch / processes / stage.num_generations * (prompt.seconds + setting.encoded.seconds)
    if sampled:
        once += (
            batches / drawn_at_once * sampling(model, machine, batch * drawn_at_once, prompt.tokens, tokens)
        )
    if stage.beta > 0:
        once += batches * judging(model, machine, batch, length, tokens, adapted=False)
    if batches % (drawn_at_once * iterations) or not sampled:
        once += batches * judging(model, machine, batch, length, tokens, adapted=True)
    learned = learning(model, machine, batch, length, tokens, checkpointing=stage.gradient_checkpointing)
    steps = len(rows) // stage.questions_per_step * iterations
    evaluated = recipe.evaluation
    return StagePlan(
        name=name,
        questions=len(rows),
        steps=steps,
        prompt_tokens=steps * stage.global_batch * prompt.tokens // iterations,
        completion_tokens=steps * stage.global_batch * tokens // iterations,
        seconds=once / iterations + batches * learned.seconds,
        memory=_fixed(model.shape, recipe)
        + max(
            _learning_memory(model.shape, recipe, batch * length, learned, stage.gradient_checkpointing),
            _sampling_memory(model.shape, recipe, stage, prompt, batch * drawn_at_once) if sampled else 0,
        ),
        disk=(stage.save_total_limit * _SAVED + 4) * model.shape.trainable,
        sampled=sampled,
        checkups=math.ceil(steps / stage.save_steps) if evaluated else 0,
        checkup=_checkup(evaluated, stage, setting) if evaluated else 0.0,
    )


def _checkup(wanted: Evaluation, stage: Stage, setting: Setting) -> float:
    """Return the seconds of answering the held-out questions once, by one process."""
    model, machine, prompt = setting.model, setting.machine, setting.prompt
    batch, tokens = stage.per_device_batch, stage.max_completion_length
    seen = wanted.questions * (prompt.opening + prompt.processing + setting.encoded.seconds)
    asked = sampling(model, machine, batch, prompt.tokens, tokens)
    blind = sampling(model, machine, batch, prompt.text, tokens)
    return seen + wanted.questions / batch * asked + wanted.without_image / batch * blind


def warm_up_plan(
    recipe: Recipe, stage: WarmUp, rows: Sequence[Item], tokens: int, setting: Setting
) -> StagePlan:
    """Return what the supervised stage will take on its rows, whose answers have so many tokens.

    Raises:
        DataError: Batch and processes do not fit together.
    """
    shape, prompt, machine = setting.model.shape, setting.prompt, setting.machine
    steps, batches = len(rows) // stage.global_batch, micro_batches(stage, setting.processes)
    batch, length = stage.per_device_batch, prompt.tokens + tokens
    checkpointing = stage.gradient_checkpointing
    learned = learning(setting.model, machine, batch, length, tokens, checkpointing=checkpointing)
    each = prompt.opening + prompt.processing + setting.encoded.seconds
    return StagePlan(
        name="warm_up",
        questions=len(rows),
        steps=steps,
        prompt_tokens=steps * stage.global_batch * prompt.tokens,
        completion_tokens=steps * stage.global_batch * tokens,
        seconds=batches * (learned.seconds + batch * each) + _UPDATED * shape.trainable / machine.bandwidth,
        memory=_fixed(shape, recipe)
        + _learning_memory(shape, recipe, batch * length, learned, checkpointing)
        + batch * setting.encoded.rest,
        disk=(stage.save_total_limit * _SAVED + 4) * shape.trainable,
    )


def _fixed(shape: Shape, recipe: Recipe) -> int:
    """Return the bytes of the weights, of what trains, and of its gradient and Adam's moments."""
    frozen = shape.parameters if shape.adapted else 0
    return BYTES[recipe.precision] * frozen + _TRAINED * shape.trainable


def _learning_memory(
    shape: Shape, recipe: Recipe, tokens: int, learned: Learning, checkpointing: bool
) -> int:
    """Return the bytes kept for the gradient: every layer's, or of one layer and the inputs of all."""
    if not checkpointing:
        return shape.layers * learned.layer + learned.rest
    return shape.layers * tokens * shape.hidden * BYTES[recipe.precision] + learned.layer + learned.rest


def _sampling_memory(shape: Shape, recipe: Recipe, stage: Stage, prompt: Prompt, prompts: int) -> int:
    """Return the bytes that reading all prompts in one pass takes.

    The widest place is the last linear layer of a block: its input, a float32 copy for the adapter, the copy
    after dropout and its mask, and that once more as the product takes it. The cache, and all processed
    pictures in float32, lie beside it.
    """
    weight = BYTES[recipe.precision]
    cached = 2 * shape.layers * shape.kv_width * (prompt.tokens + stage.max_completion_length) * weight
    copies = (weight + 4 if weight < 4 else 0) + (5 if recipe.lora.dropout > 0 else 0)
    wide = prompt.tokens * (shape.intermediate * (weight + copies) + 3 * shape.hidden * weight)
    pictures: int = max(
        sum(value.numel() * 4 for value in one.values() if value.is_floating_point())
        for one in prompt.pictures
    )
    return prompts * (cached + wide + pictures)
