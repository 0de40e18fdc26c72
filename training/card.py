"""The card of an exported model: where it comes from, what differs from the paper, how to measure it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from training.loading import HARNESS_MODELS

#: What a recipe says about places on the machine it ran on.
_PLACES = ("model", "data", "output", "adapter")


def write_card(
    folder: Path, *, base: str, adapter_sha256: str, merging: float, record: Mapping[str, Any] | None
) -> None:
    """Write ``README.md`` into a model folder. No path of this machine gets into it.

    Args:
        folder: The exported model, its configuration and processor written.
        base: The base model, a hub name or a folder.
        adapter_sha256: Of the adapter's weights.
        merging: Largest difference that merging made in the logits of a probe.
        record: The run's record; None for an adapter of another origin.
    """
    name = public_name(base)
    head = {
        "base_model": name,
        "license": "other",
        "license_name": "of-the-base-model",
        "library_name": "transformers",
        "pipeline_tag": "image-text-to-text",
        "tags": ["panoenv", "grpo", "trl", "lora"],
    }
    parts = [
        f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n",
        f"# {record['recipe']['name'] if record else 'PanoEnv'} (GRPO on PanoEnv-QA)\n",
        f"`{name}` with a LoRA adapter (sha256 `{adapter_sha256}`) merged into its language decoder. Merging "
        f"moved the logits of a probe by {merging:.2g}. The weights are under the base model's licence; "
        "PanoEnv-QA's annotations are under Apache-2.0 and CC BY 4.0 (Lin and Zheng).\n",
        f"Measure it with\n\n```\n{_measure_command(folder)}\n```\n",
    ]
    if record:
        parts += _training(record)
    (folder / "README.md").write_text("\n".join(parts), "utf-8")


def public_name(model: str) -> str:
    """Return a hub name as it is, and of a folder its last part only."""
    return Path(model).name if Path(model).is_absolute() or Path(model).exists() else model


def _training(record: Mapping[str, Any]) -> list[str]:
    data, prompts = record["data"], record["prompts"]
    split = f"{data['questions']} questions of the {data['split']} split"
    recipe = {
        key: public_name(value) if key in _PLACES and isinstance(value, str) else value
        for key, value in record["recipe"].items()
    }
    return [
        f"Trained on the {split} (sha256 `{data['sha256']}`), "
        f"pictures of kind {', '.join(data['image_kinds'])} (sha256 `{data.get('pictures_sha256')}`), "
        f"prompts {prompts['id']} (sha256 `{prompts['sha256']}`), rewards {record['scoring']}; base weights "
        f"sha256 `{record.get('base_sha256')}`; code at commit `{record.get('commit') or 'not known'}`.\n",
        "Not the same as the released trainer: lm_head is not adapted (TRL refuses it), and the vision tower "
        "is kept out of the backward pass. docs/training.md of the project has the whole table.\n",
        f"```yaml\n{yaml.safe_dump(recipe, sort_keys=False)}```\n",
        f"```yaml\n{yaml.safe_dump(record['versions'], sort_keys=False)}```\n",
    ]


def _measure_command(folder: Path) -> str:
    """Return the lmms-eval command that shows the model its panoramas as large as in training."""
    family = json.loads((folder / "config.json").read_text("utf-8")).get("model_type")
    processor = json.loads((folder / "processor_config.json").read_text("utf-8"))
    size = processor.get("image_processor", {}).get("size", {})
    arguments = ["pretrained=FOLDER"]
    for name, edge in (("min_pixels", "shortest_edge"), ("max_pixels", "longest_edge")):
        if edge in size and family in HARNESS_MODELS:
            arguments.append(f"{name}={size[edge]}")
    model = HARNESS_MODELS.get(family, "MODEL")
    return f"lmms-eval --model {model} --model_args {','.join(arguments)} --tasks panoenv"
