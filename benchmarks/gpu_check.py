"""What only a GPU can show: `make gpu` runs it and writes `gpu-report.md`.

The real Qwen2.5-VL-7B shape with random weights, made from its configuration straight on the GPU (nothing is
downloaded, saved or loaded), is trained for a few bfloat16 steps on pictures of 2560x1280: small steps that
compare one thing each, and the recipe `structured` as it stands beside what `--plan` said. Random weights
never end a completion, so every completion is as long as allowed, and a made-up reward spreads the groups. A
row is written as soon as it is measured, until `--minutes` are over; what was never measured comes first, and
`--only resume flash` measures nothing else. `--tiny` runs the same rows with a tiny shape on any machine; the
tests do.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from gpu_steps import SMALL, Bench, Clock, free, made, recipe_for, told, train  # noqa: E402

Row = tuple[str, Callable[[], str]]
#: What `--only` takes, in the order in which it is measured.
KEYS = ("plan", "small", "resume", "checkpointing", "pictures", "flash", "vllm", "recipe")
#: One question in a step: prompts of one length need no mask, which flash attention cannot take.
ONE_QUESTION = (*SMALL, "stage1.global_batch=4")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="A tiny model, for any machine.")
    parser.add_argument("--minutes", type=float, default=10.0, help="No step begins after so many.")
    parser.add_argument("--only", nargs="+", choices=KEYS, default=KEYS, help="Measure these only.")
    parser.add_argument("-o", "--output", type=Path, default=Path("gpu-report.md"))
    arguments = parser.parse_args()
    began = time.monotonic()
    import torch

    if not arguments.tiny and not torch.cuda.is_available():
        sys.exit("no GPU here; --tiny runs the same steps with a tiny model")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        bench = Bench(
            place,
            _model(place / "model", tiny=arguments.tiny),
            _questions(place / "world", tiny=arguments.tiny),
            arguments.tiny,
            began + 60 * arguments.minutes,
        )
        measure(rows(bench, arguments.only), arguments.output, bench.deadline)


def measure(rows: Sequence[Row], output: Path, deadline: float) -> None:
    """Measure row by row and write the report anew after each; what fails is a line, and the others go on.

    Args:
        rows: Name and measurement.
        output: The report, as Markdown.
        deadline: On the monotonic clock; rows that would begin later say that they were not measured.
    """
    from panoenv_tasks.markdown import table
    from panoenv_tasks.whole_file import write_whole

    done: list[tuple[str, str]] = []
    for name, work in rows:
        began = time.monotonic()
        if began > deadline:
            value = "not measured: the time was over"
        else:
            try:
                value = work()
            except Exception as error:
                value = f"failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
            free()
        print(f"{name}: {value}  [{time.monotonic() - began:.0f} s]", flush=True)
        done.append((name, value))
        write_whole(output, "# GPU check\n\n" + table(["what", "measured"], done) + "\n")


def rows(bench: Bench, only: Collection[str] = KEYS) -> list[Row]:
    """Return what there is to measure of the kinds ``only``, after the machine and the model."""

    def small(name: str, *settings: str) -> Callable[[], str]:
        return lambda: told(train(bench, bench.place / name, *SMALL, "stage1.per_device_batch=1", *settings))

    @functools.cache
    def once() -> Clock:
        return train(bench, bench.place / "once", *SMALL)

    @functools.cache
    def flash(*, on: bool) -> Clock:
        name = "flash" if on else "no flash"
        return train(bench, bench.place / name, *ONE_QUESTION, around=_kernels(flash=on))

    def often() -> str:
        clock = train(bench, bench.place / "often", *SMALL, as_trl_is=True)
        return f"{told(clock)}; ratio {once().steps[-1] / clock.steps[-1]:.2f}"

    def without_flash() -> str:
        clock = flash(on=False)
        return f"{told(clock)}; ratio {flash(on=True).steps[-1] / clock.steps[-1]:.2f}"

    def package(settings: str) -> str:
        return told(train(bench, bench.place / "package", *ONE_QUESTION, settings))

    one = "small step, a sequence at a time, gradient checkpointing"
    found: dict[str, list[Row]] = {
        "plan": [("--plan for recipe structured", lambda: _planned(bench))],
        "small": [("a small step: 8 completions of 32 tokens", lambda: told(once()))],
        "resume": [("resumed after one of two small steps", lambda: _resume(bench, once))],
        "checkpointing": [
            (f"{one} on", small("one")),
            (f"{one} off", small("off", "stage1.gradient_checkpointing=false")),
        ],
        "pictures": [("small step, pictures prepared and encoded as often as TRL asks", often)],
        "flash": [
            ("a question's 4 completions, torch's flash attention on", lambda: told(flash(on=True))),
            ("a question's 4 completions, torch's flash attention off", without_flash),
            (
                "a question's 4 completions, the package flash_attn",
                _needs("flash_attn", lambda: package("attention=flash_attention_2")),
            ),
        ],
        "vllm": [("vLLM generation", _needs("vllm", lambda: _generate(bench)))],
        "recipe": [
            ("a step of recipe structured: 32 completions of 256 tokens", lambda: _recipes_step(bench))
        ],
    }
    return [
        ("machine", _machine),
        ("model", lambda: "tiny" if bench.tiny else "Qwen2.5-VL-7B shape, random weights, bfloat16, sdpa"),
        *(row for key in KEYS if key in only for row in found[key]),
    ]


def _needs(package: str, work: Callable[[], str]) -> Callable[[], str]:
    """Return the work, or what to say where the package is missing."""
    if importlib.util.find_spec(package) is None:
        return lambda: f"not measured: {package} is not installed"
    return work


def _kernels(*, flash: bool) -> AbstractContextManager[Any]:
    """Let torch choose among all its attention kernels, or among all but flash attention."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    others = [SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
    kernels: AbstractContextManager[Any] = sdpa_kernel(
        [SDPBackend.FLASH_ATTENTION, *others] if flash else others
    )
    return kernels


def _recipes_step(bench: Bench) -> str:
    """Train as the recipe says; where that is too much for the card, sample four completions at a time."""
    import torch

    try:
        return told(train(bench, bench.place / "recipe", steps=1))
    except torch.OutOfMemoryError:
        peak = torch.cuda.max_memory_allocated() / 2**30
    free()
    clock = train(bench, bench.place / "fours", "stage1.steps_per_generation=1", steps=1)
    return f"out of memory (peak {peak:.1f} GiB before); with steps_per_generation=1 {told(clock)}"


def _planned(bench: Bench) -> str:
    from training.plan import plan

    planned = plan(recipe_for(bench, bench.place / "plan"), bench.items)
    return (
        f"{planned.shape.adapted} modules, {planned.shape.trainable:,} trainable; "
        f"prompts of {planned.prompt_length:,} tokens; {planned.stages[0].seconds:.2f} s a step, "
        f"peak {planned.memory / 2**30:.1f} GiB"
    )


def _resume(bench: Bench, once: Callable[[], Clock]) -> str:
    """Go on from the first of two steps and compare the adapters, as after a kill."""
    import shutil

    from training.checkpoints import adapter_sha256, resume_point

    once()
    first, last = (bench.place / "once" / f"checkpoint-{number}" for number in (1, 2))
    if not last.is_dir():
        return "not measured: the time was over"
    out = bench.place / "resumed"
    shutil.copytree(first, out / first.name)
    start = resume_point(out, 1)
    if start is None or adapter_sha256(first) == adapter_sha256(last):
        raise RuntimeError("the second step changed nothing, or the first step's checkpoint is not whole")
    train(bench, out, *SMALL, resume=start)
    if adapter_sha256(out / last.name) == adapter_sha256(last):
        return "bit-identical"
    again = bench.place / "again"
    train(bench, again, *SMALL)
    same = (again / last.name).is_dir() and adapter_sha256(again / last.name) == adapter_sha256(last)
    return (
        f"largest difference {_difference(out / last.name, last):.1e}; "
        f"the same two steps uninterrupted once more: {'bit-identical' if same else 'different as well'}"
    )


def _difference(one: Path, other: Path) -> float:
    from peft import load_peft_weights

    ours, theirs = (load_peft_weights(str(folder), device="cpu") for folder in (one, other))
    return max(float((ours[name] - theirs[name]).abs().max()) for name in theirs)


def _generate(bench: Bench) -> str:
    from vllm import LLM, SamplingParams

    from panoenv_tasks.prompts import render
    from panoenv_tasks.sources.images import open_image

    model = made(str(bench.model), recipe_for(bench, bench.place / "vllm"))
    model.save_pretrained(bench.model)
    del model
    free()
    engine = LLM(model=str(bench.model), max_model_len=8192, gpu_memory_utilization=0.6, enforce_eager=True)
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
        for item in bench.items[:32]
    ]
    began = time.perf_counter()
    answers = engine.chat(asked, SamplingParams(max_tokens=64, ignore_eos=True))
    tokens = sum(len(one.outputs[0].token_ids) for one in answers)
    return f"{tokens / (time.perf_counter() - began):.0f} tokens/s for {len(asked)} questions"


def _questions(root: Path, *, tiny: bool) -> list[Any]:
    """Make structured questions, each with a picture of its own."""
    from PIL import Image
    from support.bright_world import write_bright_world

    from panoenv_tasks import load_items

    write_bright_world(root, "train", panoramas=10, size=(112, 56) if tiny else (2560, 1280))
    for number, path in enumerate(sorted(root.rglob("*.png"))):
        with Image.open(path) as picture:
            picture.paste((number, 0, 255), (0, 0, 14, 14))
            picture.save(path, compress_level=1)
    return load_items(root, "train")


def _model(folder: Path, *, tiny: bool) -> Path:
    from support.full_size import write_configuration
    from support.tiny_vlm import make_tiny_qwen2_5_vl

    if tiny:
        return make_tiny_qwen2_5_vl(folder)
    return write_configuration(folder, make_tiny_qwen2_5_vl(folder.with_name("processor")))


def _machine() -> str:
    import torch
    import transformers
    import trl

    found = "no GPU"
    if torch.cuda.is_available():
        found = f"{torch.cuda.get_device_name()}, {torch.cuda.mem_get_info()[1] / 2**30:.0f} GiB"
    return (
        f"{found}; torch {torch.__version__}, transformers {transformers.__version__}, trl {trl.__version__}"
    )


if __name__ == "__main__":
    main()
