"""Watching a stage: alarms over the log, a progress line with the time left, a table of samples."""

from __future__ import annotations

import html
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from panoenv_tasks.items import DataError

AlarmKind = Literal["no_spread", "no_format", "image_tokens", "truncated", "kl"]
Entry = Mapping[str, Any]

#: Steps that an average is taken over.
WINDOW = 20
#: Above this share of groups whose completions all earn the same, little is learned.
MAX_EQUAL_GROUPS = 0.8
#: Above this share of completions cut off at max_completion_length, answers go missing.
MAX_TRUNCATED = 0.3
#: Above this the policy has left its anchor (k3 estimate, nats per token).
MAX_KL = 1.0
#: Largest mean difference, in nats, between the log-probabilities of a vLLM sampler and the trained
#: model at which the samples can still be called the model's own.
MAX_SAMPLER_DIFFERENCE = 0.05
_SAMPLES_SHOWN = 8


@dataclass(frozen=True)
class Alarm:
    """Something in the log that a person should look at."""

    step: int
    kind: AlarmKind
    message: str


def alarms(history: Sequence[Entry]) -> list[Alarm]:
    """Return the alarms that hold at the newest entry of a trainer's log history.

    Averages are over the newest ``WINDOW`` steps; those alarms wait until there are as many.
    """
    entries = [entry for entry in history if "reward" in entry]
    if not entries:
        return []
    newest, recent = entries[-1], entries[-WINDOW:]
    step = int(newest.get("step", len(entries)))
    found: list[tuple[AlarmKind, str]] = []
    if (count := _value(newest, "rewards/image_tokens/mean")) > 0:
        found.append(("image_tokens", f"{count:.2f} image tokens per completion, should be none"))
    if "kl" in newest and not _value(newest, "kl", missing=float("nan")) <= MAX_KL:
        found.append(("kl", f"KL is {newest['kl']}, expected at most {MAX_KL}"))
    if len(entries) == 1 and _value(newest, "rewards/format_reward/mean", missing=1.0) == 0:
        found.append(("no_format", "no completion has the two tags: there is little to learn from"))
    if len(recent) == WINDOW:
        if (equal := _mean(recent, "frac_reward_zero_std")) > MAX_EQUAL_GROUPS:
            found.append(("no_spread", f"{equal:.0%} of the groups earn the same throughout"))
        if (cut := _mean(recent, "completions/clipped_ratio")) > MAX_TRUNCATED:
            found.append(("truncated", f"{cut:.0%} of the completions are cut off"))
    return [Alarm(step, kind, message) for kind, message in found]


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
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for row in rows:
        cells = (html.escape(str(row.get(name, ""))) for name in columns)
        lines.append("| " + " | ".join(" ".join(c.split()).replace("|", "&#124;") for c in cells) + " |")
    return "\n".join(lines) + "\n"


def check_sampler(entry: Entry) -> None:
    """Stop a run whose vLLM sampler does not sample from the model that is trained.

    TRL 1.16 hands vLLM prompts with the image tokens already expanded, which some models expand a
    second time; the log-probabilities give it away at the first step.

    Raises:
        DataError: The mean difference is too large or is not reported.
    """
    difference = _value(entry, "sampling/sampling_logp_difference/mean", missing=float("nan"))
    if not difference < MAX_SAMPLER_DIFFERENCE:
        raise DataError(
            f"the vLLM sampler's log-probabilities differ from the model's by {difference:.3g} nats on "
            f"average (at most {MAX_SAMPLER_DIFFERENCE}); use generation=transformers"
        )


def watch_callback(stage: str, folder: Path, *, sampled_by_vllm: bool) -> Any:
    """Return a trainer callback that prints progress, raises alarms and writes sample tables.

    Args:
        stage: Shown in front of each line.
        folder: The stage's folder: alarms go to ``alarms.jsonl``, samples to ``samples.md``.
        sampled_by_vllm: Whether to check the sampler at the first step.
    """
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.ringing: set[AlarmKind] = set()
            self.first_step, self.began = 0, 0.0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.first_step, self.began = state.global_step, time.monotonic()

        def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            entry = state.log_history[-1]
            if "reward" not in entry:
                return
            if sampled_by_vllm and state.global_step == self.first_step + 1:
                check_sampler(entry)
            if not state.is_world_process_zero:
                return
            done = max(state.global_step - self.first_step, 1)
            pace = (time.monotonic() - self.began) / done
            line = progress_line(stage, entry, state.max_steps, pace, _gpu_memory())
            print(line, file=sys.stderr, flush=True)
            now = alarms(state.log_history)
            for alarm in now:
                if alarm.kind not in self.ringing:
                    print(f"{stage} ALARM {alarm.kind}: {alarm.message}", file=sys.stderr, flush=True)
                    with (folder / "alarms.jsonl").open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps(asdict(alarm)) + "\n")
            self.ringing = {alarm.kind for alarm in now}

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                _write_samples(folder)

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


def _value(entry: Entry, key: str, missing: float = 0.0) -> float:
    value = entry.get(key)
    return float(value) if isinstance(value, (int, float)) else missing


def _mean(entries: Sequence[Entry], key: str) -> float:
    return sum(_value(entry, key) for entry in entries) / len(entries)


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes else f"{seconds:.0f} s"
