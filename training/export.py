"""From an adapter to an ordinary model folder that lmms-eval, transformers and vLLM load as it is."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from panoenv_tasks import owned
from panoenv_tasks.items import DataError
from panoenv_tasks.whole_file import write_whole
from training.card import public_name, write_card
from training.checkpoints import ADAPTER, DONE, adapter_sha256
from training.identity import base_sha256
from training.provenance import find_record
from training.warm_up import WARM_UP

_REPORT = "merge.json"
#: Largest difference, as a share of the largest logit, that float32 rounding explains.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class MergeReport:
    """What was merged into what, and by how much the merged model's logits differ from the adapter's.

    Differences are absolute, over the next-token logits of one text prompt: ``merging`` in float32,
    ``saving`` between the model in memory and the folder read back.
    """

    base: str
    adapter: str
    adapter_sha256: str
    dtype: str
    merging: float
    saving: float


def merge(checkpoint: Path, out: Path, moved_base: str | None = None) -> MergeReport:
    """Merge an adapter into its base model and write a complete model folder.

    The base is merged on the CPU in float32, written in its own precision into a fresh folder, read
    back and compared. Nothing is left in ``out`` when something fails.

    Args:
        checkpoint: A run's output folder, a stage's folder, one of its checkpoints, or an adapter.
        out: The folder to make.
        moved_base: Where the base model lies now, if not where it lay in training.

    Raises:
        DataError: There is no adapter or base model, the base is another one than in training, ``out`` is in
            use, or the copy is not faithful.
    """
    adapter = find_adapter(checkpoint)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        # An adapter left beside merged weights would be applied a second time without a word.
        raise DataError(f"{out} exists already; a merged model needs a folder of its own")
    record = find_record(adapter)
    base = moved_base or _base_of(adapter)
    _check_base(base, record)
    with owned.scratch(out.parent, out.name) as work:
        merged = work / "merged"
        report = _merge_into(merged, adapter, base)
        write_card(
            merged,
            base=base,
            adapter_sha256=report.adapter_sha256,
            merging=report.merging,
            record=record,
        )
        write_whole(merged / _REPORT, json.dumps(asdict(report), indent=2) + "\n")
        if out.exists():
            out.rmdir()
        merged.rename(out)
    return report


def find_adapter(checkpoint: Path) -> Path:
    """Return the adapter folder that a run, stage, checkpoint or adapter folder means.

    A run means its last stage, which must be over.

    Raises:
        DataError: There is none.
    """
    if (checkpoint / "adapter_config.json").is_file():
        return checkpoint
    if (checkpoint / ADAPTER / "adapter_config.json").is_file():
        return checkpoint / ADAPTER
    if (checkpoint / "config.json").is_file():
        raise DataError(f"{checkpoint}: a whole model already; lmms-eval and vLLM load it as it is")
    stages = sorted(path for path in checkpoint.glob("stage[1-9]") if path.is_dir())
    if not stages and (checkpoint / WARM_UP).is_dir():
        return find_adapter(checkpoint / WARM_UP)
    if stages and (stages[-1] / DONE).is_file():
        return stages[-1] / ADAPTER
    if stages:
        raise DataError(f"{stages[-1]} is not over; run the training again to go on, or name one checkpoint")
    raise DataError(f"{checkpoint}: no adapter_config.json there; expected a run, stage or checkpoint")


def _base_of(adapter: Path) -> str:
    path = adapter / "adapter_config.json"
    try:
        base = json.loads(path.read_text("utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: not an adapter's configuration ({error!r})") from None
    if not isinstance(base, str) or not base:
        raise DataError(f"{path}: names no base model")
    return base


def _check_base(base: str, record: Mapping[str, Any] | None) -> None:
    expected = record.get("warm_up_sha256") or record.get("base_sha256") if record else None
    if expected and base_sha256(base) != expected:
        raise DataError(
            f"{base}: not the weights that the adapter was trained on (sha256 differs from the run's); "
            "name the right ones with --base"
        )


def _merge_into(folder: Path, adapter: Path, base: str) -> MergeReport:
    import torch
    from peft import PeftModel
    from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor

    try:
        dtype = AutoConfig.from_pretrained(base).dtype or torch.float32
        model = AutoModelForImageTextToText.from_pretrained(base, dtype=torch.float32)
        processor = AutoProcessor.from_pretrained(adapter)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise DataError(f"cannot load base {base!r} with the processor of {adapter} ({reason})") from None
    adapted = PeftModel.from_pretrained(model, str(adapter)).eval()
    before = _probe(adapted, processor)
    merged = adapted.merge_and_unload()
    after = _probe(merged, processor)
    merging = _same(before, after, "merging changed the model")
    # Weights only: a reader keeps the rotary tables in float32, and so must the model compared with.
    for weight in merged.parameters():
        weight.data = weight.data.to(dtype)
    kept = _probe(merged, processor)
    merged.save_pretrained(folder)
    processor.save_pretrained(folder)
    del model, adapted, merged
    gc.collect()
    again = AutoModelForImageTextToText.from_pretrained(folder, dtype=dtype).eval()
    saving = _same(kept, _probe(again, processor), "the folder read back is another model")
    return MergeReport(
        base=public_name(base),
        adapter=f"{adapter.parent.name}/{adapter.name}",
        adapter_sha256=adapter_sha256(adapter),
        dtype=str(dtype).removeprefix("torch."),
        merging=merging,
        saving=saving,
    )


def _probe(model: Any, processor: Any) -> Any:
    import torch

    inputs = processor.tokenizer("How far is the lamp from the viewer?", return_tensors="pt")
    with torch.no_grad():
        return model(**inputs).logits.float()


def _same(one: Any, other: Any, complaint: str) -> float:
    difference = float((one - other).abs().max())
    if not difference <= _ROUNDING * float(one.abs().max()):
        raise DataError(f"{complaint}: logits differ by {difference:.3g}; nothing was written")
    return difference
