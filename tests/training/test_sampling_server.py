"""A real vLLM server, started as the trainer says, samples from the model that is trained."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.vllm_server import own_server

from training.machine import check_version, server_flags
from training.model import load_model, load_processor
from training.recipe import load_recipe
from training.watch import MAX_SAMPLER_DIFFERENCE

COMPLETIONS = 2


def _prompt(processor: Any, pictures: list[Any]) -> Any:
    content = [*({"type": "image"} for _ in pictures), {"type": "text", "text": "Where is the lamp?"}]
    turn = [{"role": "user", "content": content}]
    text = processor.apply_chat_template(turn, add_generation_prompt=True, tokenize=False)
    return processor(text=[text], images=[pictures], return_tensors="pt")


def _log_probabilities(model: Any, prompt: Any, completion: list[int]) -> Any:
    import torch

    rest = {name: value for name, value in prompt.items() if name in ("pixel_values", "image_grid_thw")}
    ids = torch.cat([prompt["input_ids"], torch.tensor([completion])], dim=1)
    kinds = torch.cat([prompt["mm_token_type_ids"], torch.zeros(1, len(completion), dtype=torch.long)], dim=1)
    with torch.no_grad():
        logits = model(input_ids=ids, mm_token_type_ids=kinds, **rest).logits[0, -len(completion) - 1 : -1]
    return logits.log_softmax(-1).gather(1, torch.tensor(completion).unsqueeze(1))[:, 0]


@pytest.mark.vllm
def test_the_servers_log_probabilities_are_the_models(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from PIL import Image
    from trl.generation.vllm_client import VLLMClient
    from trl.generation.vllm_generation import VLLMGeneration

    recipe = load_recipe("smoke", [f"model={tiny_model}", "max_pixels=6272", "conditions=[full, cubemap]"])
    processor, model = load_processor(str(tiny_model), recipe), load_model(str(tiny_model), recipe)
    noise = [Image.effect_noise((640, 640), 80).convert("RGB") for _ in range(6)]
    questions = [[Image.effect_noise((640, 320), 80).convert("RGB")], noise]
    prompts = [_prompt(processor, pictures) for pictures in questions]
    ids = [prompt["input_ids"][0].tolist() for prompt in prompts]
    flags = server_flags(recipe)
    # The transfer of weights is NCCL's, which needs GPUs.
    where = flags.index("--weight-transfer-config")
    with own_server(tiny_model, *flags[:where], *flags[where + 2 :]) as server:
        check_version(server.url)
        # TRL asks for the package even where only its HTTP client is used.
        monkeypatch.setattr("trl.generation.vllm_client.is_vllm_available", lambda *_, **__: True)
        client = VLLMClient(base_url=server.url)
        trainer = SimpleNamespace(processing_class=processor)
        features = [
            VLLMGeneration._place_features(trainer, found, tokens)
            for found, tokens in zip(client.image_features(questions), ids, strict=True)
        ]
        made = client.generate(ids, features=features, n=COMPLETIONS, max_tokens=12, logprobs=0)
    assert len(made["completion_ids"]) == 2 * COMPLETIONS
    for number, (completion, said) in enumerate(zip(made["completion_ids"], made["logprobs"], strict=True)):
        own = _log_probabilities(model, prompts[number // COMPLETIONS], completion)
        difference = (own - torch.tensor([step[0] for step in said])).abs()
        assert difference.mean() < MAX_SAMPLER_DIFFERENCE / 10
        other = _log_probabilities(model, _prompt(processor, [Image.new("RGB", (640, 320))]), completion)
        assert (other - own).abs().mean() > difference.mean(), "the pictures are seen"
