"""What in a trainer's log a person should look at, and what may end a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

AlarmKind = Literal[
    "not_finite",
    "collapse",
    "no_entropy",
    "gradient",
    "no_spread",
    "no_format",
    "image_tokens",
    "truncated",
    "kl",
]
#: One step of TRL's log history.
Entry = Mapping[str, Any]

#: Steps that an average is taken over.
WINDOW = 20
#: Above this share of groups whose completions all earn the same, little is learned.
MAX_EQUAL_GROUPS = 0.8
#: Above this share of completions cut off at max_completion_length, answers go missing.
MAX_TRUNCATED = 0.3
#: Above this the policy has left its anchor (k3 estimate, nats per token).
MAX_KL = 1.0
#: A mean reward below this share of the best window's has collapsed, if that was worth anything.
COLLAPSED = 0.5
WORTH_LOSING = 0.2
#: Below this share of completions with both tags, the form is lost.
MIN_FORMAT = 0.05
#: Below this, in nats per token, every completion of a group is the same.
MIN_ENTROPY = 0.01
#: The norm before clipping: a healthy LoRA step has 0.01 to 10.
MAX_GRADIENT = 1000.0


@dataclass(frozen=True)
class Alarm:
    """Something in the log that a person should look at."""

    step: int
    kind: AlarmKind
    message: str


def alarms(history: Sequence[Entry]) -> list[Alarm]:
    """Return the alarms that hold at the newest step of a trainer's log history.

    Averages are over the newest ``WINDOW`` steps; those alarms wait until there are as many.
    """
    entries = [entry for entry in history if "reward" in entry]
    if not entries:
        return []
    newest = entries[-1]
    found = [*_at_once(newest, first=len(entries) == 1), *_on_average(entries)]
    step = int(newest.get("step", len(entries)))
    return [Alarm(step, kind, message) for kind, message in found]


def _at_once(newest: Entry, *, first: bool) -> list[tuple[AlarmKind, str]]:
    found: list[tuple[AlarmKind, str]] = []
    for key in ("loss", "reward", "grad_norm"):
        if key in newest and not math.isfinite(value(newest, key, missing=math.nan)):
            found.append(("not_finite", f"{key} is {newest[key]}"))
    if (norm := value(newest, "grad_norm")) > MAX_GRADIENT and math.isfinite(norm):
        found.append(("gradient", f"the gradient's norm is {norm:.3g}, expected at most {MAX_GRADIENT:g}"))
    if (count := value(newest, "rewards/image_tokens/mean")) > 0:
        found.append(("image_tokens", f"{count:.2f} image tokens per completion, should be none"))
    if "kl" in newest and not value(newest, "kl", missing=math.nan) <= MAX_KL:
        found.append(("kl", f"KL is {newest['kl']}, expected at most {MAX_KL}"))
    if first and value(newest, "rewards/format_reward/mean", missing=1.0) == 0:
        found.append(("no_format", "no completion has the two tags: there is little to learn from"))
    return found


def _on_average(entries: Sequence[Entry]) -> list[tuple[AlarmKind, str]]:
    recent = entries[-WINDOW:]
    if len(recent) < WINDOW:
        return []
    found: list[tuple[AlarmKind, str]] = []
    if (equal := mean(recent, "frac_reward_zero_std")) > MAX_EQUAL_GROUPS:
        found.append(("no_spread", f"{equal:.0%} of the groups earn the same throughout"))
    if (cut := mean(recent, "completions/clipped_ratio")) > MAX_TRUNCATED:
        found.append(("truncated", f"{cut:.0%} of the completions are cut off"))
    if (form := mean(recent, "rewards/format_reward/mean", missing=1.0)) < MIN_FORMAT:
        found.append(("no_format", f"{form:.0%} of the completions have the two tags"))
    if (entropy := mean(recent, "entropy", missing=1.0)) < MIN_ENTROPY:
        found.append(("no_entropy", f"{entropy:.2g} nats per token: the completions of a group are one"))
    best = max(mean(entries[k - WINDOW : k], "reward") for k in range(WINDOW, len(entries) + 1, WINDOW))
    now = mean(recent, "reward")
    if best >= WORTH_LOSING and now < COLLAPSED * best:
        found.append(("collapse", f"the mean reward fell from {best:.2f} to {now:.2f}"))
    return found


def value(entry: Entry, key: str, missing: float = 0.0) -> float:
    """Return a number of a log entry, ``missing`` where there is none."""
    found = entry.get(key)
    return float(found) if isinstance(found, (int, float)) else missing


def mean(entries: Sequence[Entry], key: str, missing: float = 0.0) -> float:
    """Return the mean of a number over log entries, ``missing`` standing in where there is none."""
    return sum(value(entry, key, missing) for entry in entries) / len(entries)
