"""Model set-up in three families: the adapter on the decoder, no graph through vision, start-up checks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from panoenv_tasks.items import DataError
from training.model import (
    check_trainer,
    freeze_vision,
    image_token_ids,
    load_model,
    load_processor,
    lora_config,
)
from training.recipe import load_recipe

RECIPE = load_recipe("smoke", ["lora.dropout=0"])
PIXELS = 56 * 56


def _qwen2_5_vl() -> Any:
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    vision = {
        "depth": 1,
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_heads": 2,
        "out_hidden_size": 64,
        "fullatt_block_indexes": [0],
    }
    config = Qwen2_5_VLConfig(text_config=_text(), vision_config=vision, **_token_ids())
    return Qwen2_5_VLForConditionalGeneration(config)


def _qwen3_vl() -> Any:
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    vision = {
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_heads": 2,
        "out_hidden_size": 64,
        "patch_size": 14,
        "num_position_embeddings": 16,
        "deepstack_visual_indexes": [0],
    }
    config = Qwen3VLConfig(text_config={**_text(), "head_dim": 32}, vision_config=vision, **_token_ids())
    return Qwen3VLForConditionalGeneration(config)


def _smolvlm() -> Any:
    from transformers import SmolVLMConfig, SmolVLMForConditionalGeneration

    text = {**_text(), "model_type": "llama", "rope_parameters": {"rope_type": "default", "rope_theta": 1e4}}
    vision = {
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 56,
        "patch_size": 14,
    }
    config = SmolVLMConfig(text_config=text, vision_config=vision, image_token_id=5, scale_factor=2)
    return SmolVLMForConditionalGeneration(config)


def _text() -> dict[str, Any]:
    return {
        "vocab_size": 64,
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [4, 6, 6]},
    }


def _token_ids() -> dict[str, int]:
    return {"image_token_id": 5, "video_token_id": 6, "vision_start_token_id": 3, "vision_end_token_id": 4}


def _picture(family: str) -> dict[str, Any]:
    """Sixteen patches of one picture, four image tokens, as the family's processor would hand them over."""
    import torch

    ids = torch.tensor([[1, 3, 5, 5, 5, 5, 4, 10, 11, 12]])
    if family == "smolvlm":
        return {"input_ids": ids, "pixel_values": torch.rand(1, 1, 3, 56, 56)}
    return {
        "input_ids": ids,
        "mm_token_type_ids": (ids == 5).int(),
        "pixel_values": torch.rand(16, 3 * 2 * 14 * 14),
        "image_grid_thw": torch.tensor([[1, 4, 4]]),
    }


FAMILIES = {"qwen2_5_vl": _qwen2_5_vl, "qwen3_vl": _qwen3_vl, "smolvlm": _smolvlm}


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_adapter_is_on_every_linear_layer_of_the_decoder_and_nowhere_else(family: str) -> None:
    from peft import get_peft_model

    model = get_peft_model(FAMILIES[family](), lora_config(RECIPE))
    trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
    adapted = {name.split(".lora_")[0] for name in trained}
    assert len(adapted) == 2 * 7, "two layers of seven linear maps"
    assert all("lora_" in name for name in trained)
    assert not any(word in name for name in trained for word in ("vis", "connector", "merger", "lm_head"))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_vision_stays_out_of_the_backward_pass_and_changes_no_gradient(family: str) -> None:
    import torch
    from peft import get_peft_model

    def gradients(frozen: bool) -> tuple[dict[str, Any], bool]:
        torch.manual_seed(0)
        base = FAMILIES[family]()
        names = freeze_vision(base) if frozen else []
        model = get_peft_model(base, lora_config(RECIPE))
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weight, std=0.02)
        # What gradient checkpointing does, and what drags the vision tower into the graph.
        model.enable_input_require_grads()
        graph: list[bool] = []
        vision = next(m for n, m in base.named_modules() if n.endswith((".visual", ".vision_model")))
        vision.register_forward_hook(lambda m, i, output: graph.append(_needs_grad(output)))
        model(**_picture(family)).logits.square().sum().backward()
        assert (not frozen) or names
        found = {n: w.grad.clone() for n, w in model.named_parameters() if w.grad is not None}
        return found, any(graph)

    plain, plain_graph = gradients(frozen=False)
    frozen, frozen_graph = gradients(frozen=True)
    # The hook of gradient checkpointing does not reach Qwen3-VL's vision tower.
    assert plain_graph == (family != "qwen3_vl")
    assert not frozen_graph
    assert plain.keys() == frozen.keys()
    assert all(torch.equal(plain[name], frozen[name]) for name in plain)
    assert any(gradient.abs().sum() > 0 for gradient in frozen.values())


def _needs_grad(output: Any) -> bool:
    import torch

    if isinstance(output, torch.Tensor):
        return output.requires_grad
    if isinstance(output, dict):
        return any(map(_needs_grad, output.values()))
    return isinstance(output, (list, tuple)) and any(map(_needs_grad, output))


def test_a_model_without_known_vision_is_refused() -> None:
    import torch

    with pytest.raises(DataError, match="not supported"):
        freeze_vision(torch.nn.Linear(2, 2))


def test_the_processor_pads_left_and_keeps_to_the_pixel_limits(tiny_model: Path) -> None:
    from PIL import Image

    recipe = load_recipe("smoke", ["min_pixels=3136", f"max_pixels={2 * PIXELS}"])
    processor = load_processor(str(tiny_model), recipe)
    assert processor.tokenizer.padding_side == "left"
    turns = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]}]
    text = processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    inputs = processor(text=[text], images=[Image.new("RGB", (2560, 1280))], return_tensors="pt")
    patches = int(inputs["image_grid_thw"].prod())
    assert patches * 14 * 14 <= 2 * PIXELS
    assert (inputs["input_ids"] == image_token_ids(processor)[0]).sum() == patches // 4
    assert text.index("<|image_pad|>") < text.index("What?"), "image first: servers cache the prefix"


def test_a_full_panorama_gives_as_many_tokens_as_the_paper_trained_on(tiny_model: Path) -> None:
    from PIL import Image

    processor = load_processor(str(tiny_model), load_recipe("balanced"))
    patches = processor.image_processor(images=[Image.new("RGB", (2560, 1280))])["image_grid_thw"]
    assert int(patches[0].prod()) // 4 == 4095


@pytest.mark.parametrize("loader", [load_processor, load_model])
def test_a_model_that_is_not_there_is_refused(loader: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be loaded"):
        loader(str(tmp_path / "nothing"), RECIPE)


def test_a_processor_that_lacks_a_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("num2words", reason="SmolVLM's processor needs num2words (test-packages.txt)")
    from support.tiny_families import make_tiny_smolvlm

    folder = make_tiny_smolvlm(tmp_path)
    monkeypatch.setattr("transformers.models.smolvlm.processing_smolvlm.num2words", None)
    with pytest.raises(DataError, match="num2words"):
        load_processor(str(folder), RECIPE)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", "utf-8")
    with pytest.raises(DataError, match="cannot be loaded"):
        load_model(str(tmp_path), RECIPE)


def _trainer(tiny_model: Path, parameters: dict[str, bool]) -> Any:
    import torch

    weights = [(n, torch.nn.Parameter(torch.zeros(1), requires_grad=on)) for n, on in parameters.items()]
    model = SimpleNamespace(named_parameters=lambda: iter(weights))
    return SimpleNamespace(processing_class=load_processor(str(tiny_model), RECIPE), model=model)


GOOD = {"model.layers.0.q_proj.lora_A": True, "model.embed": False}


def test_the_start_up_check_passes_what_is_right(tiny_model: Path) -> None:
    check_trainer(_trainer(tiny_model, GOOD), RECIPE)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"model.embed": False},
        {**GOOD, "model.embed": True},
        {**GOOD, "model.visual.layers.0.q_proj.lora_A": True},
    ],
)
def test_the_start_up_check_stops_anything_else_from_training(
    parameters: dict[str, bool], tiny_model: Path
) -> None:
    with pytest.raises(DataError, match="only the decoder's adapter"):
        check_trainer(_trainer(tiny_model, parameters), RECIPE)


def test_the_start_up_check_stops_right_padding(tiny_model: Path) -> None:
    trainer = _trainer(tiny_model, GOOD)
    trainer.processing_class.tokenizer.padding_side = "right"
    with pytest.raises(DataError, match="pads on the right"):
        check_trainer(trainer, RECIPE)


def test_the_start_up_check_stops_other_pixel_limits(tiny_model: Path) -> None:
    trainer = _trainer(tiny_model, GOOD)
    trainer.processing_class.image_processor.size["longest_edge"] = 12845056
    with pytest.raises(DataError, match="pixel limits"):
        check_trainer(trainer, RECIPE)
