"""Tiny random checkpoints of other families that training supports: Qwen3-VL and SmolVLM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.tiny_vlm import CHAT_TEMPLATE, HEAD_DIM, MROPE_SECTION, tiny_tokenizer

HIDDEN = 128
PATCH = 14


def make_tiny_qwen3_vl(folder: Path) -> Path:
    """Write a tiny Qwen3-VL with its processor and return the folder."""
    from transformers import (
        Qwen2VLImageProcessor,
        Qwen3VLConfig,
        Qwen3VLForConditionalGeneration,
        Qwen3VLProcessor,
        Qwen3VLVideoProcessor,
    )

    tokenizer = tiny_tokenizer()
    rope = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": MROPE_SECTION}
    vision = {
        "depth": 2,
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_heads": 2,
        "out_hidden_size": HIDDEN,
        "patch_size": PATCH,
        "num_position_embeddings": 256,
        "deepstack_visual_indexes": [0],
    }
    config = Qwen3VLConfig(
        dtype="float32",
        text_config={**_text(tokenizer), "rope_parameters": rope},
        vision_config=vision,
        image_token_id=tokenizer.convert_tokens_to_ids("<|image_pad|>"),
        video_token_id=tokenizer.convert_tokens_to_ids("<|video_pad|>"),
        vision_start_token_id=tokenizer.convert_tokens_to_ids("<|vision_start|>"),
        vision_end_token_id=tokenizer.convert_tokens_to_ids("<|vision_end|>"),
    )
    processor = Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(patch_size=PATCH, min_pixels=3136, max_pixels=3276800),
        tokenizer=tokenizer,
        video_processor=Qwen3VLVideoProcessor(patch_size=PATCH),
        chat_template=CHAT_TEMPLATE,
    )
    return _write(folder, Qwen3VLForConditionalGeneration, config, processor)


def make_tiny_smolvlm(folder: Path) -> Path:
    """Write a tiny SmolVLM with its processor, which cuts pictures into tiles, and return the folder."""
    from transformers import (
        SmolVLMConfig,
        SmolVLMForConditionalGeneration,
        SmolVLMImageProcessor,
        SmolVLMProcessor,
        SmolVLMVideoProcessor,
    )

    tokenizer = tiny_tokenizer()
    tiles = [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
    marks = ["<image>", "<global-img>", "<fake_token_around_image>", "<end_of_utterance>"]
    tokenizer.add_tokens([*marks, *tiles], special_tokens=True)
    tile = 4 * PATCH
    vision = {
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": tile,
        "patch_size": PATCH,
    }
    rope = {"rope_type": "default", "rope_theta": 1e4}
    config = SmolVLMConfig(
        dtype="float32",
        text_config={**_text(tokenizer), "model_type": "llama", "rope_parameters": rope},
        vision_config=vision,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=tokenizer.pad_token_id,
    )
    sizes = {"size": {"longest_edge": 2 * tile}, "max_image_size": {"longest_edge": tile}}
    processor = SmolVLMProcessor(
        image_processor=SmolVLMImageProcessor(**sizes),
        tokenizer=tokenizer,
        video_processor=SmolVLMVideoProcessor(**sizes),
        image_seq_len=4,
        chat_template=CHAT_TEMPLATE.replace("<|vision_start|><|image_pad|><|vision_end|>", "<image>"),
    )
    return _write(folder, SmolVLMForConditionalGeneration, config, processor)


def _text(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": HIDDEN,
        "intermediate_size": 2 * HIDDEN,
        "num_hidden_layers": 2,
        "num_attention_heads": HIDDEN // HEAD_DIM,
        "num_key_value_heads": 1,
        "head_dim": HEAD_DIM,
        "max_position_embeddings": 32768,
        "bos_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "tie_word_embeddings": False,
    }


def _write(folder: Path, kind: Any, config: Any, processor: Any) -> Path:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = kind(config)
    return save_checkpoint(folder, model, processor)


def save_checkpoint(folder: Path, model: Any, processor: Any) -> Path:
    """Write a model that ends answers as its tokenizer does, with its processor; return the folder."""
    model.generation_config.eos_token_id = processor.tokenizer.eos_token_id
    model.generation_config.pad_token_id = processor.tokenizer.pad_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
