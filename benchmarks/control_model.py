"""A small Qwen3-VL with random weights and a tokenizer of its own, for the positive control."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

#: Of the pictures, pixels: 8 x 4 image tokens.
WIDTH = 256
_PATCH = 16
#: Standard deviation of the first position embeddings: about that of the patches, or where a thing is would
#: drown in what it is.
_POSITIONS = 0.5


@dataclass(frozen=True)
class Shape:
    """Widths and layers of decoder and vision tower, and entries of the vocabulary."""

    hidden: int
    layers: int
    vision_hidden: int
    vision_layers: int
    vocabulary: int


def make_model(folder: Path, shape: Shape, seed: int, corpus: Sequence[str]) -> Path:
    """Write a model with random weights and its processor, unless it is there, and return the folder.

    Qwen3-VL, because its vision tower has learned absolute positions: Qwen2.5-VL's relative ones left small
    models from scratch without left and right. Weights begin at one over the root of their inputs; the
    family's 0.02 is meant for widths of thousands.

    Args:
        folder: Where to write.
        shape: Its sizes.
        seed: Of the weights.
        corpus: Texts that the tokenizer learns from.
    """
    import torch
    from support.tiny_families import save_checkpoint
    from support.tiny_vlm import CHAT_TEMPLATE, tiny_tokenizer
    from transformers import (
        Qwen2VLImageProcessor,
        Qwen3VLForConditionalGeneration,
        Qwen3VLProcessor,
        Qwen3VLVideoProcessor,
    )

    if (folder / "model.safetensors").is_file():
        return folder
    tokenizer = tiny_tokenizer(shape.vocabulary, corpus, list(_phrases()))
    processor = Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(patch_size=_PATCH, min_pixels=3136, max_pixels=WIDTH**2 // 2),
        tokenizer=tokenizer,
        video_processor=Qwen3VLVideoProcessor(patch_size=_PATCH),
        chat_template=CHAT_TEMPLATE,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen3VLForConditionalGeneration(_config(tokenizer, shape))
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "pos_embed" in name or "embed_tokens" in name:
                    weight.normal_(0, _POSITIONS)
                elif weight.ndim > 1:
                    weight.normal_(0, weight[0].numel() ** -0.5)
    return save_checkpoint(folder, model, processor)


def _config(tokenizer: Any, shape: Shape) -> Any:
    from support.tiny_vlm import HEAD_DIM, MROPE_SECTION
    from transformers import Qwen3VLConfig

    heads = shape.hidden // HEAD_DIM
    number = tokenizer.convert_tokens_to_ids
    return Qwen3VLConfig(
        dtype="float32",
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": shape.hidden,
            "intermediate_size": 3 * shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": heads,
            "num_key_value_heads": heads,
            "head_dim": HEAD_DIM,
            "max_position_embeddings": 32768,
            "bos_token_id": tokenizer.pad_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
            "tie_word_embeddings": False,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": MROPE_SECTION},
        },
        vision_config={
            "depth": shape.vision_layers,
            "hidden_size": shape.vision_hidden,
            "intermediate_size": 2 * shape.vision_hidden,
            "num_heads": shape.vision_hidden // 32,
            "out_hidden_size": shape.hidden,
            "patch_size": _PATCH,
            "num_position_embeddings": 1024,
            "deepstack_visual_indexes": [0],
        },
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
        tie_word_embeddings=False,
    )


def _phrases() -> Iterator[str]:
    """Yield the fixed parts of prompts and questions, the longest first: one token for each.

    Prompts so become a third as long.
    """
    from panoenv_tasks.perturb.marks import NOTE
    from panoenv_tasks.prompts import load_pack
    from panoenv_tasks.taxonomy import templates

    pack = load_pack()
    prompts = chain.from_iterable(
        kinds.values() for kinds in (*pack.templates.values(), *pack.without_image.values())
    )
    wordings = (template.text for template in templates() if template.dialect == "ours")
    texts = {NOTE, "You are a helpful assistant.", "Front, Back, Left, Right, Top, Bottom"}
    for text in chain(prompts, wordings):
        texts |= {part.strip() for part in re.split(r"\{[^}]*\}", text)}
    yield from sorted((text for text in texts if len(text) > 8), key=lambda text: (-len(text), text))
