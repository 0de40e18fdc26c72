"""What a run will take, worked out before any weights are loaded: steps, tokens, memory, disk, hours.

The model is made on torch's meta device, from its configuration alone. Hours follow from the arithmetic that
a step needs and from what this machine does in a second, measured for half a second; they leave out all that
is not arithmetic. Memory is what one process holds at its peak. While sampling, it is counted (60 GiB for
the recipe `structured`; an H200 measured 62.0); while learning, its share of activations is fitted to one
estimate (27 GB for a sequence of 4,350 tokens of Qwen2.5-VL-7B without checkpointing).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from panoenv_tasks.geometry.cube import FACE_PX, FACES
from panoenv_tasks.items import BOX_FRAME, DataError, Item
from panoenv_tasks.prompts import render
from training.mixing import schedule
from training.model import load_processor, lora_config
from training.recipe import Recipe, Shown, Stage
from training.settings import accumulation

_BYTES = {"bfloat16": 2, "float32": 4}
#: Activations that a layer keeps for the backward pass, in units of tokens x hidden size.
_ACTIVATIONS = 31
#: Patches of a picture that make one token, and values of a patch (Qwen-VL).
_PATCHES, _PATCH_VALUES = 4, 1176
#: Prompts that the mean length is taken over.
_SAMPLED_PROMPTS = 200


@dataclass(frozen=True)
class Shape:
    """A model's sizes: parameters, adapted linear layers, trainable parameters, decoder layers, widths."""

    decoder: int
    vision: int
    adapted: int
    trainable: int
    layers: int
    hidden: int
    intermediate: int
    kv_width: int


@dataclass(frozen=True)
class StagePlan:
    """One stage: optimizer steps, tokens of prompts and of completions (at most), seconds a step."""

    name: str
    questions: int
    steps: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """A run: the model's shape, tokens of one prompt, peak memory and disk in bytes, stages."""

    shape: Shape
    prompt_length: int
    image_tokens: int
    memory: int
    disk: int
    stages: tuple[StagePlan, ...]

    @property
    def lines(self) -> list[str]:
        """The plan for people."""
        shape = self.shape
        found = [
            f"model: {(shape.decoder + shape.vision) / 1e9:.2f} B parameters; adapter on {shape.adapted} "
            f"linear layers of the decoder, {shape.trainable:,} trainable parameters",
            f"prompt: {self.prompt_length:,} tokens on average, {self.image_tokens:,} of them the picture",
        ]
        for stage in self.stages:
            found.append(
                f"{stage.name}: {stage.questions:,} questions in {stage.steps:,} steps; "
                f"{stage.prompt_tokens / 1e6:,.1f} M tokens of prompts, at most "
                f"{stage.completion_tokens / 1e6:,.1f} M of completions; about {stage.seconds:.3g} s a step, "
                f"{stage.steps * stage.seconds / 3600:.2g} h on this machine"
            )
        found.append(
            f"peak memory of a process: about {self.memory / 2**30:.3g} GiB; "
            f"disk: {self.disk / 2**30:.3g} GiB with the merged model"
        )
        return found


def plan(recipe: Recipe, items: Sequence[Item], processes: int = 1) -> Plan:
    """Return what a run will take on ``processes`` machines like this one.

    Raises:
        DataError: The base model's configuration or processor is not there, or recipe and data do not fit.
    """
    if recipe.model is None:
        raise DataError(f"recipe {recipe.name} names no base model; give one: model=FOLDER")
    processor = load_processor(recipe.model, recipe)
    shape = model_shape(recipe)
    image = sum(_image_tokens(processor, one) for one in recipe.conditions) // len(recipe.conditions)
    text = _text_tokens(processor, items)
    rate, bandwidth = _machine(recipe.precision)
    stages, memory, disk = [], 0, 0
    weight = _BYTES[recipe.precision]
    for name, stage in recipe.stages.items():
        rows = schedule(items, stage, recipe.seed)
        steps = len(rows) // stage.questions_per_step * recipe.trl.num_iterations
        per_process = stage.global_batch // processes
        accumulation(stage, processes)
        work = _arithmetic(shape, stage, image + text, per_process, anchored=stage.beta > 0)
        decode = stage.max_completion_length * (shape.decoder * weight) / bandwidth
        stages.append(
            StagePlan(
                name,
                len(rows),
                steps,
                steps * stage.global_batch * (image + text),
                steps * stage.global_batch * stage.max_completion_length,
                work / rate + decode,
            )
        )
        memory = max(
            memory,
            _memory(shape, stage, image, text, per_process, weight, recipe.lora.dropout > 0),
        )
        # The adapter in float32, and twice as much for Adam's moments.
        disk += (stage.save_total_limit * 3 + 1) * 4 * shape.trainable
    disk += 2 * (shape.decoder + shape.vision)
    return Plan(shape, image + text, image, memory, disk, tuple(stages))


def model_shape(recipe: Recipe) -> Shape:
    """Return the sizes of a recipe's model, made without weights.

    Raises:
        DataError: There is no such model, or none of a known kind.
    """
    import torch
    from peft import get_peft_model
    from transformers import AutoConfig, AutoModelForImageTextToText

    try:
        config = AutoConfig.from_pretrained(recipe.model)
        with torch.device("meta"):
            model = AutoModelForImageTextToText.from_config(config)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{recipe.model}: no model configuration there ({str(error).splitlines()[0]})"
        ) from None
    whole = sum(weight.numel() for weight in model.parameters())
    names = ("visual", "vision_tower", "vision_model")
    vision = sum(
        w.numel() for name, w in model.named_parameters() if any(f".{v}." in f".{name}" for v in names)
    )
    adapted = get_peft_model(model, lora_config(recipe))
    trained = [weight for weight in adapted.parameters() if weight.requires_grad]
    text = config.get_text_config()
    heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
    head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return Shape(
        decoder=whole - vision,
        vision=vision,
        adapted=len(trained) // 2,
        trainable=sum(weight.numel() for weight in trained),
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        intermediate=text.intermediate_size,
        kv_width=heads * head,
    )


def _arithmetic(shape: Shape, stage: Stage, prompt: int, completions: int, *, anchored: bool) -> float:
    """Return the floating-point operations of one process's share of a step.

    Two per parameter and token in a forward pass, twice that with the backward pass to the adapters, once
    more where checkpointing repeats the forward; attention's products beside them. A picture is encoded once.
    """
    length = prompt + stage.max_completion_length
    forward = 2 * shape.decoder * length + 2 * shape.layers * shape.hidden * length**2
    passes = 1 + anchored + 2 + stage.gradient_checkpointing
    pictures = max(1, completions // stage.num_generations)
    return completions * passes * forward + pictures * 2 * shape.vision * _PATCHES * prompt


def _memory(
    shape: Shape, stage: Stage, image: int, text: int, completions: int, weight: int, dropout: bool
) -> int:
    """Return the bytes that one process holds at its peak: while it learns, or while it samples.

    Sampling reads all prompts in one pass. There the widest place is the last linear layer of a block: its
    input, a float32 copy for the adapter, the copy after dropout and its mask, and that once more as the
    product takes it. All processed pictures, float32, lie beside it.
    """
    length = image + text + stage.max_completion_length
    fixed = weight * (shape.decoder + shape.vision) + 4 * 4 * shape.trainable
    unit = stage.per_device_batch * length * shape.hidden * weight
    learning = unit * (
        shape.layers + _ACTIVATIONS if stage.gradient_checkpointing else shape.layers * _ACTIVATIONS
    )
    sampled = min(completions, stage.per_device_batch * (stage.steps_per_generation or completions))
    cache = 2 * shape.layers * shape.kv_width * length * weight
    copies = (weight + 4 if weight < 4 else 0) + (5 if dropout else 0)
    wide = (image + text) * (shape.intermediate * (weight + copies) + 3 * shape.hidden * weight)
    pictures = 4 * _PATCHES * image * _PATCH_VALUES
    return fixed + max(learning, sampled * (cache + wide + pictures))


def _image_tokens(processor: Any, condition: Shown) -> int:
    width, height = BOX_FRAME
    sizes = [[FACE_PX, FACE_PX]] * len(FACES) if condition == "cubemap" else [[height, width]]
    return sum(processor._get_num_multimodal_tokens(image_sizes=sizes)["num_image_tokens"])


def _text_tokens(processor: Any, items: Sequence[Item]) -> int:
    stride = max(1, len(items) // _SAMPLED_PROMPTS)
    prompts = [render(item) for item in islice(items, 0, None, stride)]
    return sum(len(processor.tokenizer(text)["input_ids"]) for text in prompts) // max(1, len(prompts))


def _machine(precision: str) -> tuple[float, float]:
    """Measure this machine: floating-point operations and bytes read, per second."""
    import torch

    device = (
        torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")
    )
    assert device is not None
    on_gpu = device.type != "cpu"
    size = 8192 if on_gpu else 1024
    one = torch.ones(size, size, device=device, dtype=getattr(torch, precision))
    line = torch.ones((2**28 if on_gpu else 2**24,), device=device)

    def seconds(work: Any) -> float:
        work()
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < 0.25:
            work()
            count += 1
            if on_gpu:
                torch.accelerator.synchronize()
        return (time.perf_counter() - began) / count

    return 2 * size**3 / seconds(lambda: one @ one), 4 * line.numel() / seconds(line.sum)
