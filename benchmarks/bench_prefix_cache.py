"""Share of prompt tokens that vLLM serves from its prefix cache: 25 questions on one full-size panorama.

Our messages put the picture first (lmms-eval makes them so from our task files), the other side the text.
A real vLLM server on the CPU serves a tiny random Qwen2.5-VL, which tokenises the 2560x1280 panorama as the
7B model does; each order gets a server-side cache of its own by a salt. Needs ``make vllm``.

    python benchmarks/bench_prefix_cache.py
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from openai import OpenAI  # noqa: E402
from support.tiny_vlm import make_tiny_qwen2_5_vl  # noqa: E402
from support.vllm_server import own_server  # noqa: E402

from panoenv_tasks.tasks.panoenv import docs, utils  # noqa: E402
from panoenv_tasks.tasks.panoenv.names import Selection  # noqa: E402

QUESTIONS = 25
#: The longest prompt is the picture's 4,095 tokens and a few hundred of text.
MODEL_LENGTH = 6144


def main() -> None:
    rows = docs.rows(Selection("mini", None, "full"))[:QUESTIONS]
    (picture,) = {id(shown): shown for row in rows for shown in utils.doc_to_visual(row)}.values()
    with tempfile.TemporaryDirectory() as folder:
        model = make_tiny_qwen2_5_vl(Path(folder) / "tiny")
        with own_server(model, "--max-model-len", str(MODEL_LENGTH)) as server:
            client = OpenAI(base_url=f"{server.url}/v1", api_key="none", timeout=600, max_retries=0)
            image_part = {"type": "image_url", "image_url": {"url": data_url(picture)}}
            print(f"{QUESTIONS} questions on one panorama of {picture.width}x{picture.height}")
            for name, picture_first in (("picture first (ours)", True), ("text first", False)):
                start = time.perf_counter()
                prompt, cached = ask(client, rows, image_part, picture_first=picture_first)
                seconds = time.perf_counter() - start
                share = 100 * cached / prompt
                print(
                    f"{name:21} {share:5.1f} % of {prompt:,} prompt tokens from the cache, {seconds:5.1f} s"
                )


def ask(
    client: OpenAI, rows: tuple[dict[str, Any], ...], image: dict[str, Any], *, picture_first: bool
) -> tuple[int, int]:
    """Return the prompt tokens of all questions, and how many of them came from the cache."""
    prompt = cached = 0
    for row in rows:
        text = {"type": "text", "text": utils.doc_to_text(row)}
        reply = client.chat.completions.create(
            model="tiny",
            messages=[{"role": "user", "content": [image, text] if picture_first else [text, image]}],
            max_tokens=1,
            temperature=0,
            extra_body={"cache_salt": f"picture first: {picture_first}"},
        )
        prompt += reply.usage.prompt_tokens
        cached += reply.usage.prompt_tokens_details.cached_tokens or 0
    return prompt, cached


def data_url(picture: Any) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


if __name__ == "__main__":
    main()
