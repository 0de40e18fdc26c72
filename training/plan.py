"""What a run will take, worked out before any weights are loaded: steps, tokens, memory, disk, hours.

The model is made on torch's meta device, from its configuration alone; what a step asks of it is counted
there and priced with what this machine does in a second (``training.cost``). A step prepares and encodes its
pictures, samples, takes the anchor's log-probabilities, and learns; what lies between (rewards, logs,
checkpoints, waiting for other processes) is not in it. Memory is what one process holds at its peak. How far
off both were where they were measured is in docs/training.md.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import mean
from typing import Any

from panoenv_tasks.items import Item
from panoenv_tasks.perturb import CONDITIONS
from panoenv_tasks.prompts import render
from training.cost import Machine, measure_machine
from training.data import drawn, gold_completion
from training.estimate import BYTES, Prompt, Setting, StagePlan, grpo_plan, warm_up_plan
from training.mixing import warm_up_schedule
from training.model import load_processor
from training.outline import Learning, Shape, encoding, outline
from training.recipe import Recipe
from training.rewards import user_function
from training.sections import WarmUp
from training.trainer import base_model

#: Questions that the mean length of a text is taken over.
_SAMPLED_TEXTS = 200


@dataclass(frozen=True)
class Plan:
    """A run: the model's shape, tokens of one prompt, disk in bytes, stages."""

    shape: Shape
    prompt_length: int
    image_tokens: int
    disk: int
    stages: tuple[StagePlan, ...]

    @property
    def memory(self) -> int:
        """Bytes that one process holds at its peak."""
        return max(stage.memory for stage in self.stages)

    @property
    def lines(self) -> list[str]:
        """The plan for people."""
        shape = self.shape
        what = f"adapter on {shape.adapted} linear layers of the decoder" if shape.adapted else "every weight"
        return [
            f"model: {(shape.decoder + shape.vision) / 1e9:.2f} B parameters; {what}, "
            f"{shape.trainable:,} trainable parameters",
            f"prompt: {self.prompt_length:,} tokens on average, {self.image_tokens:,} of them the picture",
            *(stage.line for stage in self.stages),
            f"peak memory of a process: about {self.memory / 2**30:.3g} GiB; "
            f"disk: {self.disk / 2**30:.3g} GiB with the merged model",
        ]


def plan(
    recipe: Recipe, items: Sequence[Item], processes: int = 1, *, machine: Machine | None = None
) -> Plan:
    """Return what a run will take on ``processes`` machines like this one, or like ``machine``.

    All pictures are taken to be like the first question's.

    Raises:
        DataError: The base model's configuration or processor is not there, or recipe and data do not fit.
    """
    processor = load_processor(base_model(recipe), recipe)
    machine = measure_machine(recipe.precision) if machine is None else machine
    prompt = _prompt(recipe, processor, items)
    stages = []

    def setting(train_all: bool) -> Setting:
        model = outline(recipe, train_all=train_all)
        each = [encoding(model, machine, pictures, trained=train_all) for pictures in prompt.pictures]
        encoded = Learning(mean(one.seconds for one in each), 0, max(one.rest for one in each))
        return Setting(model, machine, prompt, encoded, processes)

    if recipe.warm_up is not None:
        common = setting(recipe.warm_up.parameters == "all")
        rows = warm_up_schedule(items, recipe.warm_up, recipe.seed)
        answer = _answer_tokens(processor, rows, recipe.warm_up)
        stages.append(warm_up_plan(recipe, recipe.warm_up, rows, answer, common))
    if recipe.stages:
        common = setting(False)
        stages += [grpo_plan(recipe, name, items, common) for name in recipe.stages]
    shape = common.model.shape
    merged = BYTES[recipe.precision] * shape.parameters if shape.adapted else 0
    disk = merged + sum(stage.disk for stage in stages)
    return Plan(shape, prompt.tokens, prompt.image, disk, tuple(stages))


def _answer_tokens(processor: Any, rows: Sequence[Item], stage: WarmUp) -> int:
    reasoning = user_function(stage.reasoning, "warm_up.reasoning") if stage.reasoning else None
    texts = [gold_completion(one, reasoning(one) if reasoning else "") for one in _some(rows)]
    return _mean_tokens(processor, texts)


def _prompt(recipe: Recipe, processor: Any, items: Sequence[Item]) -> Prompt:
    image, pictures, opening, processing = [], [], [], []
    for condition in recipe.conditions:
        began = time.perf_counter()
        shown = [drawn(one) for one in CONDITIONS[condition](items[:1])[0].pictures]
        opening.append(time.perf_counter() - began)
        sizes = [[one.height, one.width] for one in shown]
        image.append(sum(processor._get_num_multimodal_tokens(image_sizes=sizes)["num_image_tokens"]))
        for _ in range(2):  # The first time, libraries warm up.
            began = time.perf_counter()
            processed = processor.image_processor(images=shown, return_tensors="pt")
            seconds = time.perf_counter() - began
        processing.append(seconds)
        pictures.append({name: value for name, value in processed.items() if hasattr(value, "numel")})
    text = _mean_tokens(processor, [render(item) for item in _some(items)])
    return Prompt(sum(image) // len(image), text, tuple(pictures), mean(opening), mean(processing))


def _some(items: Sequence[Item]) -> list[Item]:
    """Return questions from all over a list, about as many as a mean needs."""
    return list(islice(items, 0, None, max(1, len(items) // _SAMPLED_TEXTS)))


def _mean_tokens(processor: Any, texts: Sequence[str]) -> int:
    return sum(len(processor.tokenizer(text)["input_ids"]) for text in texts) // max(1, len(texts))
