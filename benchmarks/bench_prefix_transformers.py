"""Keeping a panorama's prefix with transformers, against lmms-eval's wrapper that begins anew each time.

Both sides answer the same questions about one panorama of 2560x1280 with a small random Qwen2.5-VL, greedily,
in one process. Plain: lmms-eval's ``qwen2_5_vl`` as it is. Kept: the same model and processor; the picture's
features and the key/value cache up to the picture's end are computed once. Printed: the ratio of processor
seconds, whether the texts are equal, and where the plain side's time goes, which is what the ratio on other
machines hangs on.

    python benchmarks/bench_prefix_transformers.py [--questions 25] [--new-tokens 64] [--hidden 512]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.tiny_vlm import make_tiny_qwen2_5_vl  # noqa: E402

from panoenv_tasks.tasks.panoenv import docs, utils  # noqa: E402
from panoenv_tasks.tasks.panoenv.names import Selection  # noqa: E402

MAX_PIXELS = 3_276_800


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=25)
    parser.add_argument("--new-tokens", type=int, default=64)
    parser.add_argument("--hidden", type=int, default=512)
    asked = parser.parse_args()
    rows = docs.rows(Selection("mini", None, "full"))[: asked.questions]
    messages = [_messages(row) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        model = make_tiny_qwen2_5_vl(Path(folder) / "model", hidden=asked.hidden)
        for precision in ("bfloat16", "float32"):
            wrapper = _wrapper(model, precision)
            plain, plain_s = _timed(lambda w=wrapper: _plain(w, messages, asked.new_tokens))
            kept, kept_s = _timed(lambda w=wrapper: _kept(w, messages, asked.new_tokens))
            _, first_s = _timed(lambda w=wrapper: _plain(w, messages, 1))
            equal = sum(a == b for a, b in zip(plain, kept, strict=True))
            print(
                f"{precision}: {len(rows)} questions, plain {plain_s:.1f} s, kept {kept_s:.1f} s, "
                f"ratio {plain_s / kept_s:.1f}; texts equal {equal} of {len(rows)}; picture and prompt "
                f"{100 * first_s / plain_s:.0f} % of the plain side, the other tokens of the answers the rest"
            )


def _messages(row: dict[str, Any]) -> list[dict[str, Any]]:
    (picture,) = utils.doc_to_visual(row)
    content = [{"type": "image", "url": picture}, {"type": "text", "text": utils.doc_to_text(row)}]
    return [{"role": "user", "content": content}]


def _wrapper(folder: Path, precision: str) -> Any:
    import torch
    from lmms_eval.models.chat.qwen2_5_vl import Qwen2_5_VL

    cpu = {"device": "cpu", "device_map": "cpu", "attn_implementation": "sdpa"}
    wrapper = Qwen2_5_VL(pretrained=str(folder), max_pixels=MAX_PIXELS, **cpu)
    # The wrapper loads in bfloat16 whatever it is told.
    wrapper.model.to(getattr(torch, precision))
    return wrapper


def _timed(work: Any) -> tuple[list[str], float]:
    began = time.process_time()
    return work(), time.process_time() - began


def _plain(wrapper: Any, messages: list[Any], new_tokens: int) -> list[str]:
    from lmms_eval.api.instance import Instance

    wrapper.task_dict["bench"] = {"test": messages}
    settings = {"max_new_tokens": new_tokens, "temperature": 0}
    requests = [
        Instance(
            request_type="generate_until",
            arguments=("", lambda doc: doc, dict(settings), place, "bench", "test"),
            idx=0,
            metadata={"task": "bench", "doc_id": place, "repeats": 1},
        )
        for place in range(len(messages))
    ]
    return [result.text for result in wrapper.generate_until(requests)]


def _kept(wrapper: Any, messages: list[Any], new_tokens: int) -> list[str]:
    import torch
    from lmms_eval.protocol import ChatMessages
    from qwen_vl_utils import process_vision_info

    processor, model = wrapper.processor, wrapper.model
    limits = {"max_pixels": wrapper.max_pixels, "min_pixels": wrapper.min_pixels, "nframes": 32}
    end_of_picture = processor.tokenizer.convert_tokens_to_ids("<|vision_end|>")
    cache, prefix, answers = None, None, []
    for message in messages:
        spoken = [ChatMessages(messages=message).to_hf_messages(video_kwargs=limits)]
        (text,) = processor.apply_chat_template(spoken, tokenize=False, add_generation_prompt=True)
        if cache is None or prefix is None:
            pictures, _ = process_vision_info(spoken)
            inputs = processor(text=[text], images=pictures, return_tensors="pt")
            length = int((inputs["input_ids"][0] == end_of_picture).nonzero()[-1]) + 1
            prefix = inputs["input_ids"][:, :length]
            for name in ("input_ids", "attention_mask", "mm_token_type_ids"):
                inputs[name] = inputs[name][:, :length]
            with torch.no_grad():
                cache = model(**inputs, use_cache=True, logits_to_keep=1).past_key_values
        tail = processor.tokenizer(text.rpartition("<|vision_end|>")[2], return_tensors="pt")["input_ids"]
        whole = torch.cat([prefix, tail], dim=1)
        made = model.generate(
            input_ids=whole,
            attention_mask=torch.ones_like(whole),
            past_key_values=cache,
            eos_token_id=processor.tokenizer.eos_token_id,
            pad_token_id=processor.tokenizer.pad_token_id,
            do_sample=False,
            max_new_tokens=new_tokens,
        )
        cache.crop(prefix.shape[1] - cache.get_seq_length())
        answers.append(processor.tokenizer.decode(made[0, whole.shape[1] :], skip_special_tokens=True))
    return answers


if __name__ == "__main__":
    main()
