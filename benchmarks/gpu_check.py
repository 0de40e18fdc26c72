"""What only a GPU can show: `make gpu` runs it and writes `gpu-report.md`.

The real Qwen2.5-VL-7B shape with random weights, made from its configuration (nothing is downloaded), is
trained for a few bfloat16 steps on full-size pictures with the recipe's settings: peak memory and seconds a
step with and without flash attention, and whether a killed run goes on exactly. Where vLLM is installed, the
model generates through it. `--tiny` runs the same steps with a tiny shape on any machine; the tests do.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("HF_HUB_OFFLINE", "1")

STEPS = 4
RECIPE = ["stage1.epochs=1", "stage1.save_steps=2", "report_to=none"]
#: As much less as a processor without a GPU asks for.
TINY = ["max_pixels=6272", "stage1.global_batch=4", "stage1.max_completion_length=8", "precision=bfloat16"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="A tiny model, for any machine.")
    parser.add_argument("-o", "--output", type=Path, default=Path("gpu-report.md"))
    arguments = parser.parse_args()
    import torch

    if not arguments.tiny and not torch.cuda.is_available():
        sys.exit("no GPU here; --tiny runs the same steps with a tiny model")
    with tempfile.TemporaryDirectory() as folder:
        rows = run(Path(folder), tiny=arguments.tiny)
    text = report(rows)
    arguments.output.write_text(text, encoding="utf-8")
    print(text)


def run(place: Path, *, tiny: bool) -> list[tuple[str, str]]:
    """Return what was measured, in order: name and value."""
    from panoenv_tasks import load_items

    world = _world(place / "world", tiny=tiny)
    items = load_items(world, "train")
    model = _model(place / "model", tiny=tiny)
    rows = [("machine", _machine()), ("model", "tiny" if tiny else "Qwen2.5-VL-7B shape, random weights")]
    kinds = ["sdpa"] if tiny else ["sdpa", "flash_attention_2"]
    for attention in kinds:
        for checkpointing in (True, False):
            name = f"{attention}, gradient checkpointing {'on' if checkpointing else 'off'}"
            rows.append(
                (name, _attempt(lambda a=attention, c=checkpointing: _train(place, model, items, tiny, a, c)))
            )
    rows.append(("resume after a kill", _attempt(lambda: _resume(place, model, items, tiny))))
    rows.append(("vLLM generation", _attempt(lambda: _generate(model, items))))
    return rows


def report(rows: list[tuple[str, str]]) -> str:
    """Return the measurements as Markdown."""
    from panoenv_tasks.markdown import table

    return "# GPU check\n\n" + table(["what", "measured"], rows) + "\n"


def _attempt(measure: Any) -> str:
    """Run one measurement; what fails is a line of the report, and the others go on."""
    try:
        return str(measure())
    except Exception as error:
        return f"failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _train(
    place: Path, model: Path, items: list[Any], tiny: bool, attention: str, checkpointing: bool
) -> str:
    import torch

    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    out = place / f"{attention}-{checkpointing}"
    settings = [f"attention={attention}", f"stage1.gradient_checkpointing={str(checkpointing).lower()}"]
    began = time.perf_counter()
    history = _stage(out, model, items, tiny, *settings)
    seconds = history.get("seconds", time.perf_counter() - began)
    memory = torch.cuda.max_memory_allocated() / 2**30 if torch.cuda.is_available() else float("nan")
    return f"{seconds:.2f} s a step, peak {memory:.1f} GiB"


def _resume(place: Path, model: Path, items: list[Any], tiny: bool) -> str:
    import shutil

    from training.checkpoints import adapter_sha256

    out = place / "resumed"
    _stage(out, model, items, tiny)
    before = adapter_sha256(out / "stage1" / "adapter")
    # As a kill after checkpoint-2 leaves it.
    for lost in ("DONE", "adapter", f"checkpoint-{STEPS}"):
        path = out / "stage1" / lost
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    _stage(out, model, items, tiny)
    return (
        "bit-identical" if adapter_sha256(out / "stage1" / "adapter") == before else "different (GPU kernels)"
    )


def _stage(out: Path, model: Path, items: list[Any], tiny: bool, *settings: str) -> dict[str, float]:
    from training.curriculum import run_curriculum
    from training.recipe import load_recipe

    sizes = TINY if tiny else []
    limit = STEPS * (1 if tiny else 8)
    name = "structured"
    arguments = [f"model={model}", f"output={out}", f"stage1.limit={limit}", *RECIPE, *sizes, *settings]
    began = time.perf_counter()
    run_curriculum(load_recipe(name, arguments), items)
    newest = max((out / "stage1").glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    log = json.loads((newest / "trainer_state.json").read_text("utf-8"))["log_history"]
    times = [entry["step_time"] for entry in log if "step_time" in entry]
    return {"seconds": sum(times[1:]) / len(times[1:]) if len(times) > 1 else time.perf_counter() - began}


def _generate(model: Path, items: list[Any]) -> str:
    import importlib.util

    if importlib.util.find_spec("vllm") is None:
        return "not tried: vllm is not installed here"
    from vllm import LLM, SamplingParams

    from panoenv_tasks.prompts import render
    from panoenv_tasks.sources.images import open_image

    engine = LLM(model=str(model), max_model_len=8192, gpu_memory_utilization=0.6, enforce_eager=True)
    asked = [
        [
            {
                "role": "user",
                "content": [
                    {"type": "image_pil", "image_pil": open_image(item.image)},
                    {"type": "text", "text": render(item)},
                ],
            }
        ]
        for item in items[:32]
    ]
    began = time.perf_counter()
    made = engine.chat(asked, SamplingParams(max_tokens=64, ignore_eos=True))
    tokens = sum(len(one.outputs[0].token_ids) for one in made)
    return f"{tokens / (time.perf_counter() - began):.0f} tokens/s for {len(asked)} questions"


def _world(root: Path, *, tiny: bool) -> Path:
    from support.bright_world import write_bright_world

    return write_bright_world(root, "train", panoramas=16, size=(112, 56) if tiny else (2560, 1280))


def _model(folder: Path, *, tiny: bool) -> Path:
    from support.full_size import write_configuration
    from support.tiny_vlm import make_tiny_qwen2_5_vl

    if tiny:
        return make_tiny_qwen2_5_vl(folder)
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

    write_configuration(folder, make_tiny_qwen2_5_vl(folder.with_name("processor")))
    with torch.device("cuda"):
        model = AutoModelForImageTextToText.from_config(
            AutoConfig.from_pretrained(folder), dtype=torch.bfloat16
        )
    model.save_pretrained(folder)
    return folder


def _machine() -> str:
    import torch

    name = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{name}, torch {torch.__version__}"


if __name__ == "__main__":
    main()
