"""The model side of a run: processor, frozen vision, adapter on the decoder, and start-up checks."""

from __future__ import annotations

from typing import Any

from panoenv_tasks.items import DataError
from training.recipe import Recipe

#: Linear layers of the language decoder, whatever the family calls it. Lists of suffixes and
#: "all-linear" would also adapt the vision tower, whose layers carry the same names.
LORA_TARGETS = (
    r"^(?!.*(?:visual|vision|connector|projector|merger)).*\.layers\.\d+\..*\."
    r"(?:q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)$"
)
#: What the families call the parts in front of the decoder.
_VISION_ROOTS = ("visual", "vision_tower", "vision_model", "multi_modal_projector", "connector")
_VISION_WORDS = ("visual", "vision", "connector", "projector", "merger")


def load_processor(base: str, recipe: Recipe) -> Any:
    """Load the processor: left padding, and the recipe's pixel limits.

    Right padding would shift the image positions of the shorter prompts of a batch without an error.

    Raises:
        DataError: There is no such model, or its processor has no pixel limits and the recipe asks
            for some.
    """
    from transformers import AutoProcessor

    try:
        processor = AutoProcessor.from_pretrained(base, padding_side="left", truncation_side="left")
    except (OSError, ValueError, ImportError) as error:  # Some processors need a package of their own.
        raise _missing(base, error) from None
    if recipe.max_pixels is not None:
        images = processor.image_processor
        if None in (images.size.get("shortest_edge"), images.size.get("longest_edge")):
            raise DataError(
                f"{base}: its image processor takes no pixel limits; set min_pixels=null "
                "max_pixels=null to use its own sizes"
            )
        images.size = {"shortest_edge": recipe.min_pixels, "longest_edge": recipe.max_pixels}
    return processor


def load_model(base: str, recipe: Recipe, *, train_all: bool = False) -> Any:
    """Load the base model in the recipe's precision, vision kept out of the backward pass.

    With ``train_all`` every weight is to be trained: in float32, in which small updates do not vanish, and
    with the vision tower in the backward pass.

    Raises:
        DataError: There is no such model.
    """
    from transformers import AutoModelForImageTextToText
    from transformers.utils import is_flash_attn_2_available

    attention: str = recipe.attention
    if attention == "flash_attention_2" and not is_flash_attn_2_available():
        attention = "sdpa"
    try:
        model = AutoModelForImageTextToText.from_pretrained(
            base, dtype="float32" if train_all else recipe.precision, attn_implementation=attention
        )
    except (OSError, ValueError) as error:
        raise _missing(base, error) from None
    if not train_all:
        freeze_vision(model)
    return model


def freeze_vision(model: Any) -> list[str]:
    """Run the vision modules without a graph and return their names.

    Gradient checkpointing asks every input embedding for gradients, the vision tower's too, and the
    frozen tower would then be walked backwards at every step for nothing.

    Raises:
        DataError: The model has no vision module that is known here.
    """
    import torch

    found: list[str] = []
    for name, module in model.named_modules():
        inside = any(name.startswith(f"{outer}.") for outer in found)
        if name.rpartition(".")[2] in _VISION_ROOTS and not inside:
            module.forward = torch.no_grad()(module.forward)
            found.append(name)
    if not found:
        raise DataError(
            f"{type(model).__name__} has none of the vision modules {', '.join(_VISION_ROOTS)}; "
            "this family is not supported"
        )
    return found


def lora_config(recipe: Recipe) -> Any:
    """Return the PEFT configuration: the language decoder's linear layers and nothing else."""
    from peft import LoraConfig

    return LoraConfig(
        r=recipe.lora.r,
        lora_alpha=recipe.lora.alpha,
        lora_dropout=recipe.lora.dropout,
        bias="none",
        task_type="CAUSAL_LM",
        target_modules=LORA_TARGETS,
    )


def check_trainer(trainer: Any, recipe: Recipe, *, train_all: bool = False) -> None:
    """Refuse to start when something that fails silently is set wrong.

    Raises:
        DataError: Padding is not left, pixel limits are not the recipe's, or what trains is anything
            but the decoder's adapter, or with ``train_all`` but every weight.
    """
    processor = trainer.processing_class
    if processor.tokenizer.padding_side != "left":
        raise DataError("the processor pads on the right: prompts of a batch would lose their place")
    size = processor.image_processor.size
    limits = (size.get("shortest_edge"), size.get("longest_edge"))
    if recipe.max_pixels is not None and limits != (recipe.min_pixels, recipe.max_pixels):
        raise DataError(
            f"the processor's pixel limits are {limits}, and the recipe's "
            f"{(recipe.min_pixels, recipe.max_pixels)}"
        )
    if train_all:
        frozen = [name for name, weight in trainer.model.named_parameters() if not weight.requires_grad]
        if frozen:
            raise DataError(f"expected every weight to train; {frozen[0]} does not")
        return
    trained = [name for name, weight in trainer.model.named_parameters() if weight.requires_grad]
    stray = [name for name in trained if "lora_" not in name or any(word in name for word in _VISION_WORDS)]
    if not trained or stray:
        raise DataError(f"expected only the decoder's adapter to train; found {stray or 'nothing'}")


def image_token_ids(processor: Any) -> list[int]:
    """Return the ids of the image and video placeholder tokens that the tokenizer knows."""
    tokens = [getattr(processor, name, None) for name in ("image_token", "video_token")]
    known = processor.tokenizer.get_vocab()
    return [known[token] for token in tokens if token in known]


def _missing(base: str, error: Exception) -> DataError:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return DataError(
        f"base model {base!r} cannot be loaded ({reason}); give a folder, or a hub name that is in the "
        "local cache or can be reached"
    )
