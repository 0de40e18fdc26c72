"""What only a GPU can show: `make gpu` runs it and writes `gpu-report.md`.

The real Qwen2.5-VL-7B shape with random weights, made from its configuration straight on the GPU (nothing is
downloaded, saved or loaded), is trained for a few bfloat16 steps on pictures of 2560x1280: a small step, the
recipe `structured` as it stands beside what `--plan` said, and small steps that compare one thing each.
Random weights never end a completion, so every completion is as long as allowed, and a made-up reward
spreads the groups. A row is written as soon as it is measured, the most telling first, until `--minutes` are
over. `--tiny` runs the same rows with a tiny shape on any machine; the tests do.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("HF_HUB_OFFLINE", "1")

Row = tuple[str, Callable[[], str]]

#: Of two steps the second is told; the reward stands in for answers that random weights lack.
ALWAYS = (
    "report_to=none",
    "stage1.epochs=1",
    "stage1.warmup=0",
    "rewards.accuracy=0",
    "rewards.format=0",
    "rewards.functions={gpu_check.spread: 1.0}",
)
#: Two questions, four completions each.
SMALL = ("stage1.global_batch=8", "stage1.max_completion_length=32", "stage1.save_steps=1")
#: As much less as a processor without a GPU asks for.
TINY = (
    "max_pixels=6272",
    "stage1.num_generations=2",
    "stage1.global_batch=4",
    "stage1.max_completion_length=8",
)


@dataclass(frozen=True)
class Bench:
    """Where and on what to measure; ``deadline`` on the monotonic clock, after which no step begins."""

    place: Path
    model: Path
    items: Sequence[Any]
    tiny: bool
    deadline: float


@dataclass
class Clock:
    """Of each step: seconds, those of sampling and of the anchor's log-probabilities, tokens; GiB at peak."""

    steps: list[float] = field(default_factory=list)
    sampling: list[float] = field(default_factory=list)
    anchor: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    peak: float = float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="A tiny model, for any machine.")
    parser.add_argument("--minutes", type=float, default=10.0, help="No step begins after so many.")
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
        measure(rows(bench), arguments.output, bench.deadline)


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
            _free()
        print(f"{name}: {value}  [{time.monotonic() - began:.0f} s]", flush=True)
        done.append((name, value))
        write_whole(output, "# GPU check\n\n" + table(["what", "measured"], done) + "\n")


def rows(bench: Bench) -> list[Row]:
    """Return what there is to measure, the most telling first."""
    uninterrupted = bench.place / "once"

    def small(name: str, *settings: str, as_trl_is: bool = False) -> Callable[[], str]:
        return lambda: _told(_train(bench, bench.place / name, *SMALL, *settings, as_trl_is=as_trl_is))

    once: list[Clock] = []

    def measured_once() -> str:
        once.append(_train(bench, uninterrupted, *SMALL))
        return _told(once[0])

    def measured_often() -> str:
        often = _train(bench, bench.place / "often", *SMALL, as_trl_is=True)
        ratio = f"; ratio {once[0].steps[-1] / often.steps[-1]:.2f}" if once else ""
        return _told(often) + ratio

    found: list[Row] = [
        ("machine", _machine),
        ("model", lambda: "tiny" if bench.tiny else "Qwen2.5-VL-7B shape, random weights, bfloat16, sdpa"),
        ("--plan for recipe structured", lambda: _planned(bench)),
        ("a small step: 8 completions of 32 tokens", measured_once),
        ("a step of recipe structured: 32 completions of 256 tokens", lambda: _recipes_step(bench)),
        ("small step, pictures prepared and encoded as often as TRL asks", measured_often),
        ("resumed after one of two small steps", lambda: _resume(bench, uninterrupted)),
        (
            "small step, a sequence at a time, gradient checkpointing on",
            small("one", "stage1.per_device_batch=1"),
        ),
        (
            "small step, a sequence at a time, gradient checkpointing off",
            small("off", "stage1.per_device_batch=1", "stage1.gradient_checkpointing=false"),
        ),
    ]
    for package, name, work in (
        ("flash_attn", "small step, flash attention", small("flash", "attention=flash_attention_2")),
        ("vllm", "vLLM generation", lambda: _generate(bench)),
    ):
        missing = importlib.util.find_spec(package) is None
        found.append((name, (lambda p=package: f"not measured: {p} is not installed") if missing else work))
    return found


def spread(completion_ids: Sequence[Sequence[int]], **_: Any) -> list[float]:
    """A reward in TRL's form that differs within a group; what random weights answer is worth nothing."""
    return [sum(ids) % 97 / 97 for ids in completion_ids]


def _recipes_step(bench: Bench) -> str:
    """Train as the recipe says; where that is too much for the card, sample four completions at a time."""
    import torch

    try:
        return _told(_train(bench, bench.place / "recipe", steps=1))
    except torch.OutOfMemoryError:
        peak = torch.cuda.max_memory_allocated() / 2**30
    _free()
    told = _told(_train(bench, bench.place / "fours", "stage1.steps_per_generation=1", steps=1))
    return f"out of memory (peak {peak:.1f} GiB before); with steps_per_generation=1 {told}"


def _told(clock: Clock) -> str:
    """Say what the last step took."""
    step, sampling, anchor = clock.steps[-1], clock.sampling[-1], clock.anchor[-1]
    warm = "" if len(clock.steps) > 1 else " (one step)"
    return (
        f"{step:.2f} s{warm}: sampling {sampling:.2f} ({clock.tokens[-1] / sampling:.0f} tokens/s, "
        f"prompts included), anchor's log-probabilities {anchor:.2f}, "
        f"loss and update {step - sampling - anchor:.2f}; peak {clock.peak:.1f} GiB"
    )


def _planned(bench: Bench) -> str:
    from training.plan import plan

    made = plan(_recipe(bench, bench.place / "plan"), bench.items)
    return (
        f"{made.shape.adapted} modules, {made.shape.trainable:,} trainable; "
        f"prompts of {made.prompt_length:,} tokens; {made.stages[0].seconds:.2f} s a step, "
        f"peak {made.memory / 2**30:.1f} GiB"
    )


def _recipe(bench: Bench, out: Path, *settings: str) -> Any:
    from training.recipe import load_recipe

    sizes = TINY if bench.tiny else ()
    places = (f"model={bench.model}", f"output={out}", "attention=sdpa")
    return load_recipe("structured", [*places, *ALWAYS, *settings, *sizes])


def _train(
    bench: Bench,
    out: Path,
    *settings: str,
    steps: int = 2,
    as_trl_is: bool = False,
    resume: Path | None = None,
) -> Clock:
    """Train some steps, or the last of them only, and return what they took."""
    from training.mixing import schedule
    from training.trainer import build_trainer

    recipe = _recipe(bench, out, *settings)
    stage = recipe.stages["stage1"].model_copy(
        update={"limit": steps * recipe.stages["stage1"].questions_per_step}
    )
    chosen = schedule(bench.items, stage, recipe.seed)
    out.mkdir(exist_ok=True)
    with ExitStack() as patches:
        patches.enter_context(patch("training.trainer.load_model", _made))
        if as_trl_is:
            patches.enter_context(patch("training.trainer.encode_each_picture_once"))
            patches.enter_context(patch("training.trainer.prepare_each_picture_once"))
        trainer = build_trainer(recipe, "stage1", chosen, out, processes=1, previous=None)
    clock = _watched(trainer, bench.deadline)
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    if not clock.steps:
        raise RuntimeError("no step was made")
    return clock


def _made(base: str, recipe: Any) -> Any:
    """Return the model of a folder's configuration with the same random weights each time, on the GPU."""
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

    from training.model import freeze_vision

    torch.manual_seed(0)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = AutoModelForImageTextToText.from_config(
            AutoConfig.from_pretrained(base),
            dtype=getattr(torch, recipe.precision),
            attn_implementation=recipe.attention,
        )
    freeze_vision(model)
    return model


def _watched(trainer: Any, deadline: float) -> Clock:
    """Time a trainer's steps and their parts, and let none begin after the deadline."""
    import torch
    from transformers import TrainerCallback

    clock = Clock()
    on_gpu = torch.cuda.is_available()

    def now() -> float:
        if on_gpu:
            torch.cuda.synchronize()
        return time.perf_counter()

    def timed(work: Any, seconds: list[float], wanted: Callable[[], bool]) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if not wanted():
                return work(*arguments, **options)
            began = now()
            value = work(*arguments, **options)
            seconds[-1] += now() - began
            return value

        return call

    def sample(*arguments: Any, **options: Any) -> Any:
        value = plain_sample(*arguments, **options)
        clock.tokens[-1] += sum(map(len, value[1]))
        return value

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if on_gpu:
                torch.cuda.reset_peak_memory_stats()
            for series in (clock.sampling, clock.anchor):
                series.append(0.0)
            clock.tokens.append(0)
            self.began = now()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            clock.steps.append(now() - self.began)
            if on_gpu:
                clock.peak = torch.cuda.max_memory_allocated() / 2**30
            control.should_training_stop |= time.monotonic() > deadline

    plain_sample = trainer._generate
    trainer._generate = timed(sample, clock.sampling, lambda: True)
    trainer._get_per_token_logps_and_entropies = timed(
        trainer._get_per_token_logps_and_entropies, clock.anchor, lambda: not torch.is_grad_enabled()
    )
    trainer.add_callback(Watch())
    return clock


def _resume(bench: Bench, uninterrupted: Path) -> str:
    """Go on from the first of two steps and compare the adapters, as after a kill."""
    import shutil

    from training.checkpoints import adapter_sha256, resume_point

    first, last = (uninterrupted / f"checkpoint-{number}" for number in (1, 2))
    if not last.is_dir():
        return "not measured: the time was over"
    out = bench.place / "resumed"
    shutil.copytree(first, out / first.name)
    start = resume_point(out, 1)
    if start is None or adapter_sha256(first) == adapter_sha256(last):
        raise RuntimeError("the second step changed nothing, or the first step's checkpoint is not whole")
    _train(bench, out, *SMALL, resume=start)
    if adapter_sha256(out / last.name) == adapter_sha256(last):
        return "bit-identical"
    again = bench.place / "again"
    _train(bench, again, *SMALL)
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

    model = _made(str(bench.model), _recipe(bench, bench.place / "vllm"))
    model.save_pretrained(bench.model)
    del model
    _free()
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
    made = engine.chat(asked, SamplingParams(max_tokens=64, ignore_eos=True))
    tokens = sum(len(one.outputs[0].token_ids) for one in made)
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


def _free() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
