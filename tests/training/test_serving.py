"""The exported folder in the programs it is for: lmms-eval and a real vLLM server."""

from __future__ import annotations

import base64
import io
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from support.trained import random_adapter
from support.vllm_server import start

from training.export import merge
from training.loading import check_loading

PROMPT = "How far is the lamp from the viewer?"


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("export")
    merge(random_adapter(tiny_model, folder / "adapter"), folder / "final")
    return folder / "final"


@pytest.mark.slow
def test_lmms_eval_loads_the_export(merged: Path) -> None:
    assert check_loading(merged)["lmms_eval"] == "loaded"


@pytest.mark.slow
def test_a_folder_that_lmms_eval_cannot_load_is_said_so(merged: Path, tmp_path: Path) -> None:
    from panoenv_tasks.items import DataError

    (tmp_path / "config.json").write_bytes((merged / "config.json").read_bytes())
    with pytest.raises(DataError, match="lmms_eval cannot load"):
        check_loading(tmp_path)


@pytest.mark.vllm
def test_vllm_says_what_transformers_says(merged: Path) -> None:
    url = start(merged, "--dtype", "float32")
    assert _served(url) == _generated(merged)


def _picture() -> Any:
    from PIL import Image

    return Image.radial_gradient("L").resize((112, 56)).convert("RGB")


def _served(url: str) -> str:
    stream = io.BytesIO()
    _picture().save(stream, "PNG")
    image = "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
    content = [{"type": "image_url", "image_url": {"url": image}}, {"type": "text", "text": PROMPT}]
    with urllib.request.urlopen(f"{url}/v1/models") as reply:
        name = json.load(reply)["data"][0]["id"]
    body = {
        "model": name,
        "messages": [{"role": "user", "content": content}],
        "max_tokens": 12,
        "temperature": 0,
    }
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as reply:
        return str(json.load(reply)["choices"][0]["message"]["content"])


def _generated(folder: Path) -> str:
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    processor = AutoProcessor.from_pretrained(folder)
    model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    turns = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": PROMPT}]}]
    text = processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    inputs = processor(text=[text], images=[_picture()], return_tensors="pt")
    ids = model.generate(**inputs, max_new_tokens=12, do_sample=False)
    return str(processor.decode(ids[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))
