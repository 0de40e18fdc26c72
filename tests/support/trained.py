"""An adapter that changes what a model says, without the time to train one."""

from __future__ import annotations

from pathlib import Path


def random_adapter(model: Path, folder: Path, *, std: float = 0.05, seed: int = 0) -> Path:
    """Write a decoder adapter with random weights for ``model``, with its processor, as a stage does."""
    import torch
    from peft import get_peft_model
    from transformers import AutoProcessor

    from training.model import load_model, lora_config
    from training.recipe import load_recipe

    recipe = load_recipe("smoke")
    adapted = get_peft_model(load_model(str(model), recipe), lora_config(recipe))
    torch.manual_seed(seed)
    for name, weight in adapted.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=std)
    adapted.save_pretrained(str(folder))
    AutoProcessor.from_pretrained(model).save_pretrained(folder)
    return folder
