"""A tiny random Qwen2.5-VL checkpoint folder, made on the fly and the same each time.

It is a real model of a real family with a real processor, about a million parameters, so that
transformers, lmms-eval, TRL and vLLM load it from disk exactly as they load the 7B one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

HEAD_DIM = 64  # vLLM's CPU attention needs at least 32.
MROPE_SECTION = [8, 12, 12]  # time, height, width; together half of HEAD_DIM.
VOCABULARY = 1024
TAGS = ("<Reasoning>", "</Reasoning>", "<Answer>", "</Answer>")
SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)


_CORPUS = """
The image is a 360 degree panorama in equirectangular projection. Answer the question about it.
Think about the scene first. Write the thinking between tags, then the answer between tags.
Give only Yes or No. Give one of the options. Give a number with its unit, in meters.
Is the image bright? Is the image dark? The image is bright. The image is dark. Yes. No. Yes No
You are a helpful assistant. system user assistant What is in the picture?
The lamp is to the left of and below and behind the chair. The crate is closer than the barrel.
Front Back Left Right Top Bottom. Indoors or outdoors. red green blue white black cube sphere wall
1 different view, 2 different views, 3 different views. About 3.5 meters, 12.0 meters, 0.7 meters.
Score: 0 Score: 1 Score: 2 Score: 3 Score: 4 Score: 5 Score: 6 Score: 7 Score: 8 Score: 9 Score: 10
"""

CHAT_TEMPLATE = """\
{%- if messages[0]['role'] != 'system' -%}
{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}
{%- endif -%}
{%- for message in messages -%}
{{ '<|im_start|>' + message['role'] + '\n' }}
{%- if message['content'] is string -%}
{{ message['content'] }}
{%- else -%}
{%- for part in message['content'] -%}
{%- if part['type'] in ('image', 'image_url') -%}
{{ '<|vision_start|><|image_pad|><|vision_end|>' }}
{%- elif part['type'] == 'video' -%}
{{ '<|vision_start|><|video_pad|><|vision_end|>' }}
{%- elif 'text' in part -%}
{{ part['text'] }}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
{{ '<|im_end|>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{ '<|im_start|>assistant\n' }}
{%- endif -%}
"""


def make_tiny_qwen2_5_vl(
    path: str | Path,
    *,
    hidden: int = 128,
    seed: int = 0,
) -> Path:
    """Write a tiny random Qwen2.5-VL checkpoint with its processor and return the folder.

    Args:
        path: Where to write; made when missing.
        hidden: Width of the language decoder, a multiple of 128 (two or more heads of 64).
        seed: Of the random weights. The same arguments give the same bytes.
    """
    import torch
    from transformers import Qwen2_5_VLForConditionalGeneration

    if hidden % (2 * HEAD_DIM):
        raise ValueError(f"hidden must be a multiple of {2 * HEAD_DIM}, not {hidden}")
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    processor = _processor(tiny_tokenizer())
    tokenizer = processor.tokenizer
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen2_5_VLForConditionalGeneration(_config(tokenizer, hidden))
    model.generation_config.eos_token_id = [
        tokenizer.convert_tokens_to_ids("<|im_end|>"),
        tokenizer.convert_tokens_to_ids("<|endoftext|>"),
    ]
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _config(tokenizer: Any, hidden: int) -> Any:
    from transformers import Qwen2_5_VLConfig

    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in SPECIAL}
    heads = hidden // HEAD_DIM
    return Qwen2_5_VLConfig(
        architectures=["Qwen2_5_VLForConditionalGeneration"],
        dtype="float32",
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": hidden,
            "intermediate_size": 2 * hidden,
            "num_hidden_layers": 2,
            "num_attention_heads": heads,
            "num_key_value_heads": heads // 2,
            "max_position_embeddings": 32768,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e6,
                "mrope_section": MROPE_SECTION,
            },
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
            "tie_word_embeddings": False,
        },
        vision_config={
            "depth": 1,
            "hidden_size": 64,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": hidden,
            "fullatt_block_indexes": [0],
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )


def _processor(tokenizer: Any) -> Any:
    from transformers import Qwen2_5_VLProcessor, Qwen2VLImageProcessor, Qwen2VLVideoProcessor

    return Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(min_pixels=3136, max_pixels=3276800),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(),
        chat_template=CHAT_TEMPLATE,
    )


def tiny_tokenizer(
    vocabulary: int = VOCABULARY, corpus: Sequence[str] = (), phrases: Sequence[str] = ()
) -> Any:
    """Train a byte-level BPE on the built-in text, the question wordings, the prompts and ``corpus``.

    Each of ``phrases`` becomes one token.
    """
    import json

    from tokenizers import Tokenizer, models, trainers
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import AddedToken, Qwen2Tokenizer

    from panoenv_tasks.prompts import load_pack
    from panoenv_tasks.taxonomy import templates

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = Qwen2Tokenizer().backend_tokenizer.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(SPECIAL) - len(TAGS) - len(phrases),
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    prompts = [text for kinds in load_pack().templates.values() for text in kinds.values()]
    texts = [*_CORPUS.splitlines(), *(t.text for t in templates()), *prompts, *corpus]
    bare.train_from_iterator(texts, trainer)
    learned = json.loads(bare.to_str())["model"]
    tokenizer = Qwen2Tokenizer(
        vocab=learned["vocab"],
        merges=[tuple(pair) for pair in learned["merges"]],
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=32768,
    )
    tokenizer.add_tokens([AddedToken(token, special=True) for token in SPECIAL])
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in (*TAGS, *phrases)])
    return tokenizer
