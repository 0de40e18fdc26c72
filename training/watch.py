"""Watching a stage: a progress line with the time left, alarms, a table of samples."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from training.alarms import Alarm, AlarmKind, Entry, alarms, value
from training.checkpoints import seal
from training.curves import FILE as CURVES
from training.curves import draw_curves
from training.evaluation import read_checkups

#: Largest mean difference, in nats, between the log-probabilities of a vLLM sampler and the trained
#: model at which the samples can still be called the model's own.
MAX_SAMPLER_DIFFERENCE = 0.05
_SAMPLES_SHOWN = 8
#: Drawing takes a second, more than a checkpoint of a small run.
_SECONDS_BETWEEN_CURVES = 30.0


def progress_line(
    stage: str, entry: Entry, steps: int, seconds_per_step: float, memory: float | None = None
) -> str:
    """Return one line on a step: rewards, KL, length, speed, peak GPU memory and time left.

    The loss is left out: GRPO's is zero by construction as long as each batch is used once.

    Args:
        stage: The stage's name.
        entry: The step's log entry.
        steps: Steps of the whole stage.
        seconds_per_step: Mean so far.
        memory: Peak GPU memory of this process in GiB; None without a GPU.
    """
    step = int(entry.get("step", 0))
    parts = [f"{stage} {step}/{steps}"]
    for label, key in (
        ("reward", "reward"),
        ("accuracy", "rewards/accuracy_reward/mean"),
        ("format", "rewards/format_reward/mean"),
        ("kl", "kl"),
        ("tokens", "completions/mean_length"),
    ):
        if isinstance(value := entry.get(key), (int, float)):
            parts.append(f"{label} {value:.3g}")
    parts.append(f"{seconds_per_step:.3g} s/step")
    if memory is not None:
        parts.append(f"{memory:.1f} GiB")
    parts.append(f"{_clock((steps - step) * seconds_per_step)} left")
    return "  ".join(parts)


def samples_table(rows: Sequence[Entry]) -> str:
    """Return completions as a Markdown table; model text is escaped."""
    columns = ("question_type", "expected", "completion", "accuracy_reward", "format_reward")
    return table(columns, [[row.get(name) for name in columns] for row in rows]) + "\n"


def check_sampler(entry: Entry) -> None:
    """Stop a run whose vLLM sampler does not sample from the model that is trained.

    TRL 1.16 hands vLLM prompts with the image tokens already expanded, which some models expand a
    second time; the log-probabilities give it away at the first step.

    Raises:
        DataError: The mean difference is too large or is not reported.
    """
    difference = value(entry, "sampling/sampling_logp_difference/mean", missing=float("nan"))
    if not difference < MAX_SAMPLER_DIFFERENCE:
        raise DataError(
            f"the vLLM sampler's log-probabilities differ from the model's by {difference:.3g} nats on "
            f"average (at most {MAX_SAMPLER_DIFFERENCE}); use generation=transformers"
        )


def watch_callback(stage: str, folder: Path, *, sampled_by_vllm: bool, stop_on_alarm: bool) -> Any:
    """Return a trainer callback: progress, alarms, sealed checkpoints, sample tables, curves.

    Args:
        stage: Shown in front of each line.
        folder: The stage's folder: alarms go to ``alarms.jsonl``, samples to ``samples.md``.
        sampled_by_vllm: Whether to check the sampler at the first step.
        stop_on_alarm: Whether an alarm ends the run, by a ``DataError`` in every process.
    """
    from accelerate import PartialState
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.ringing: set[AlarmKind] = set()
            self.first_step, self.began, self.drawn = 0, 0.0, 0.0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.first_step, self.began = state.global_step, time.monotonic()
            self.drawn = self.began

        def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            entry = state.log_history[-1]
            if "reward" not in entry:
                return
            if sampled_by_vllm and state.global_step == self.first_step + 1:
                check_sampler(entry)
            now = alarms(state.log_history)
            if state.is_world_process_zero:
                self.report(state, entry, now)
            # The log is the same in every process, so they stop together.
            if now and stop_on_alarm:
                raise DataError(
                    f"{stage}: stopped at step {state.global_step} by the alarm {now[0].kind} "
                    f"({now[0].message}); the newest checkpoint is kept: on_alarm=warn goes on from it"
                )
            if any(alarm.kind == "not_finite" for alarm in now):
                raise DataError(
                    f"{stage}: {now[0].message} at step {state.global_step}, and nothing can be learned now. "
                    "The newest checkpoint is kept; lower the learning rate in a new output folder"
                )

        def report(self, state: Any, entry: Entry, now: Sequence[Alarm]) -> None:
            done = max(state.global_step - self.first_step, 1)
            pace = (time.monotonic() - self.began) / done
            line = progress_line(stage, entry, state.max_steps, pace, _gpu_memory())
            print(line, file=sys.stderr, flush=True)
            for alarm in now:
                if alarm.kind not in self.ringing:
                    print(f"{stage} ALARM {alarm.kind}: {alarm.message}", file=sys.stderr, flush=True)
                    with (folder / "alarms.jsonl").open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps(asdict(alarm)) + "\n")
            self.ringing = {alarm.kind for alarm in now}

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            # Every process writes its random state; the seal covers them all.
            PartialState().wait_for_everyone()
            if state.is_world_process_zero:
                seal(folder / f"checkpoint-{state.global_step}")
                _write_samples(folder)
                if time.monotonic() - self.drawn > _SECONDS_BETWEEN_CURVES:
                    self.draw(state)

        def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                self.draw(state)

        def draw(self, state: Any) -> None:
            draw_curves(stage, state.log_history, read_checkups(folder), folder / CURVES)
            self.drawn = time.monotonic()

    return Watch()


def _gpu_memory() -> float | None:
    import torch

    return torch.cuda.max_memory_allocated() / 2**30 if torch.cuda.is_available() else None


def _write_samples(folder: Path) -> None:
    tables = sorted((folder / "completions").glob("completions_*.parquet"))
    if tables:
        import pandas

        rows = pandas.read_parquet(tables[-1]).head(_SAMPLES_SHOWN).to_dict("records")
        for row in rows:
            row["completion"] = row["completion"][-1]["content"]
        (folder / "samples.md").write_text(samples_table(rows), "utf-8")


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes else f"{seconds:.0f} s"
