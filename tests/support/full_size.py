"""Qwen2.5-VL-7B's sizes as a configuration without weights (from its published config.json)."""

from __future__ import annotations

from pathlib import Path

TEXT = {
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
    "max_position_embeddings": 128000,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
}
VISION = {
    "depth": 32,
    "hidden_size": 1280,
    "intermediate_size": 3420,
    "num_heads": 16,
    "out_hidden_size": 3584,
    "patch_size": 14,
    "spatial_merge_size": 2,
    "window_size": 112,
    "fullatt_block_indexes": [7, 15, 23, 31],
}


def write_configuration(folder: Path, processor_of: Path) -> Path:
    """Write the configuration, and the processor of another folder, and return the folder."""
    from transformers import AutoProcessor, Qwen2_5_VLConfig

    processor = AutoProcessor.from_pretrained(processor_of)
    vocabulary = processor.tokenizer.get_vocab()
    Qwen2_5_VLConfig(
        architectures=["Qwen2_5_VLForConditionalGeneration"],
        text_config=TEXT,
        vision_config=VISION,
        dtype="bfloat16",
        tie_word_embeddings=False,
        image_token_id=vocabulary["<|image_pad|>"],
        video_token_id=vocabulary["<|video_pad|>"],
        vision_start_token_id=vocabulary["<|vision_start|>"],
        vision_end_token_id=vocabulary["<|vision_end|>"],
    ).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
