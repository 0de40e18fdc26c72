"""A recipe's model without its weights: its sizes, and what each piece of training costs on a machine.

The model lies on torch's meta device, made from its configuration alone. Each further layer of a decoder
costs what the one before did, so the pieces are counted with one layer and with two. Lengths are those of
prompts with their pictures' tokens in them; the vision tower is a piece of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from panoenv_tasks.items import DataError
from training.cost import Machine, counting, tensors_of
from training.model import lora_config
from training.recipe import Recipe

_VISION = ("visual", "vision_tower", "vision_model")


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

    @property
    def parameters(self) -> int:
        """All weights of the base model."""
        return self.decoder + self.vision


@dataclass(frozen=True)
class Outline:
    """An adapted model on the meta device, its sizes, and the module that holds its decoder's layers."""

    model: Any
    shape: Shape
    decoder: Any


@dataclass(frozen=True)
class Learning:
    """A loss and its gradient: seconds, and the bytes that one layer, and the rest, keep for the gradient."""

    seconds: float
    layer: int
    rest: int


def outline(recipe: Recipe, *, train_all: bool = False) -> Outline:
    """Make the outline of a recipe's model, adapted, or with ``train_all`` as it is and in float32.

    Raises:
        DataError: There is no such model, or none of a known kind.
    """
    import torch
    from peft import get_peft_model
    from transformers import AutoConfig, AutoModelForImageTextToText

    try:
        config = AutoConfig.from_pretrained(recipe.model)
        with torch.device("meta"):
            model = AutoModelForImageTextToText.from_config(
                config,
                dtype=torch.float32 if train_all else getattr(torch, recipe.precision),
                attn_implementation="sdpa",
            )
    except (OSError, ValueError) as error:
        raise DataError(
            f"{recipe.model}: no model configuration there ({str(error).splitlines()[0]})"
        ) from None
    text = config.get_text_config()
    whole = sum(weight.numel() for weight in model.parameters())
    vision = sum(w.numel() for name, w in model.named_parameters() if _is_vision(name))
    decoder = next(
        module
        for name, module in model.named_modules()
        if not _is_vision(name) and len(getattr(module, "layers", ())) == text.num_hidden_layers
    )
    if not train_all:
        model = get_peft_model(model, lora_config(recipe))
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
    head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    shape = Shape(
        decoder=whole - vision,
        vision=vision,
        adapted=0 if train_all else len(trained) // 2,
        trainable=sum(weight.numel() for weight in trained),
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        intermediate=text.intermediate_size,
        kv_width=heads * head,
    )
    return Outline(model.train(), shape, decoder)


@lru_cache(maxsize=64)
def sampling(model: Outline, machine: Machine, prompts: int, length: int, tokens: int) -> float:
    """Return the seconds of sampling ``tokens`` tokens after each prompt; all prompts are read in one pass.

    A token costs what it does half-way, when the cache is ``length + tokens / 2`` long.
    """
    cached = length + tokens // 2

    def read(_: Any) -> Any:
        return _sample(model, prompts, length, length, None)

    def cache() -> Any:
        return _sample(model, prompts, cached, cached, None)

    def token(past: Any) -> Any:
        return _sample(model, prompts, 1, cached + 1, past)

    return _seconds(model, machine, read) + (tokens - 1) * _seconds(model, machine, token, cache)


@lru_cache(maxsize=64)
def judging(
    model: Outline, machine: Machine, sequences: int, length: int, scored: int, *, adapted: bool
) -> float:
    """Return the seconds of the last ``scored`` tokens' log-probabilities, by the model or by its base."""
    import torch

    def forward(_: Any) -> None:
        with torch.no_grad():
            _loss(model.model, sequences, length, scored)

    with nullcontext() if adapted else model.model.disable_adapter():
        return _seconds(model, machine, forward)


@lru_cache(maxsize=64)
def learning(
    model: Outline, machine: Machine, sequences: int, length: int, scored: int, *, checkpointing: bool
) -> Learning:
    """Return what a loss on the last ``scored`` tokens of each sequence takes, with its gradient.

    Checkpointing passes through the layers once more.
    """
    kept: list[int] = []

    def learn(_: Any) -> None:
        kept.append(_kept(model.model, lambda: _loss(model.model, sequences, length, scored)))

    seconds = _seconds(model, machine, learn)
    if checkpointing:
        seconds += judging(model, machine, sequences, length, scored, adapted=True)
    one, two = kept
    return Learning(seconds, two - one, 2 * one - two)


def encoding(model: Outline, machine: Machine, pictures: Mapping[str, Any], *, trained: bool) -> Learning:
    """Return what the vision tower takes to encode processed pictures, with its gradient if it trains."""
    import torch

    inputs = {
        name: value.to("meta") if value.is_floating_point() else value for name, value in pictures.items()
    }

    def encode() -> Any:
        return sum(one.float().sum() for one in tensors_of(model.model.get_image_features(**inputs)))

    with torch.set_grad_enabled(trained), counting(machine) as tally:
        kept = _kept(model.model, encode) if trained else encode()
    return Learning(tally.seconds, 0, kept if trained else 0)


def _kept(model: Any, loss: Callable[[], Any]) -> int:
    """Make a loss and its gradient, and return the bytes that were kept in between, weights left out."""
    import torch

    weights = {weight.untyped_storage()._cdata for weight in model.parameters()}
    found: dict[int, int] = {}
    alive: list[Any] = []

    def keep(tensor: Any) -> Any:
        place = tensor.untyped_storage()
        alive.append(place)  # A storage's address is its own only while it lives.
        if place._cdata not in weights:
            found[place._cdata] = place.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        made = loss()
    made.backward()
    model.zero_grad()
    return sum(found.values())


def _seconds(
    model: Outline,
    machine: Machine,
    work: Callable[[Any], Any],
    prepare: Callable[[], Any] = lambda: None,
) -> float:
    """Return what work takes, after what must be there before it, with all of the decoder's layers."""
    layers, found = model.decoder.layers, []
    try:
        for count in (1, 2):
            model.decoder.layers = layers[:count]
            with counting():
                before = prepare()
            with counting(machine) as tally:
                work(before)
            found.append(tally.seconds)
    finally:
        model.decoder.layers = layers
    one, two = found
    return one + (len(layers) - 1) * (two - one)


def _sample(model: Outline, rows: int, new: int, length: int, past: Any) -> Any:
    """Read ``new`` of ``length`` tokens, draw the next one, and return the cache."""
    import torch

    with torch.no_grad():
        out = model.model(
            input_ids=_tokens(rows, new),
            attention_mask=_tokens(rows, length),
            past_key_values=past,
            use_cache=True,
            logits_to_keep=1,
        )
        torch.multinomial(out.logits[:, -1].float().softmax(-1), 1)
    return out.past_key_values


def _loss(model: Any, rows: int, length: int, scored: int) -> Any:
    out = model(
        input_ids=_tokens(rows, length),
        attention_mask=_tokens(rows, length),
        use_cache=False,
        logits_to_keep=scored + 1,
    )
    return out.logits.float().log_softmax(-1).sum()


def _tokens(rows: int, length: int) -> Any:
    import torch

    return torch.ones(rows, length, dtype=torch.long, device="meta")


def _is_vision(name: str) -> bool:
    return any(f".{part}." in f".{name}." for part in _VISION)
