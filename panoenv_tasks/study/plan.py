"""What a study will do and cost, before it does anything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.study.ledger import LEDGER
from panoenv_tasks.study.recipe import Study, parse_study, plain
from panoenv_tasks.study.steps import Step, lanes_of, servers, steps_of

#: Questions of each split as released or bundled.
QUESTIONS = {"test": 2991, "val": 1496, "mini": 200}
TWINS = 212
#: A panorama at 2548x1260 is 4,095 tokens in Qwen2.5-VL; a question with its prompt about 300 (measured).
PICTURE_TOKENS, TEXT_TOKENS = 4095, 300
#: How many pictures a condition shows with each question; one where it is not said.
PICTURES = {"noimage": 0, "noimage_nobox": 0, "cubemap": 6}
#: Bytes that a question leaves in samples, kept answers and verdicts (measured: docs/study.md).
BYTES_PER_QUESTION = 5_000
_WEIGHTS = ("*.safetensors", "*.bin", "*.pt")


@dataclass(frozen=True)
class Rate:
    """Seconds a question took with the same model here, start of the model included, and in which study."""

    seconds: float
    study: str


def plan_lines(study: Study, out: Path) -> list[str]:
    """Return the plan: steps with questions, prompt tokens and hours, weights, servers, commands.

    Hours are those of the studies beside this one that asked the same model; before there is one they are
    not known.
    """
    steps = steps_of(study, out.absolute())
    rates = known_rates(study, out)
    hours = {step.name: _hours(study, step, rates) for step in steps}
    rows = [
        (step.name, _questions(study, step) or "", _tokens(study, step) or "", _shown(hours[step.name]))
        for step in steps
    ]
    total = sum(_questions(study, step) for step in steps)
    tokens = sum(_tokens(study, step) for step in steps)
    written = total * BYTES_PER_QUESTION
    lines = [
        f"{study.name}: {len(steps)} steps, {total:,} questions, about {tokens / 1e6:.1f} M prompt tokens, "
        f"{written / 1e9:.2f} GB written, {_total_hours(study, steps, hours)}"
    ]
    lines += ["", table(["step", "questions", "prompt tokens", "hours"], rows, align="lrrr"), ""]
    lines += [
        f"hours of {name}: {rate.seconds:.2f} s a question in {rate.study}" for name, rate in rates.items()
    ]
    lines += [f"weights: {name}: {_weights(name)}" for name in _models(study, steps)]
    how = "side by side where they share no GPU" if len(lanes_of(steps)) > 1 else "one after the other"
    for one in servers(steps):
        where = f" on GPU {', '.join(one.gpus)}" if one.gpus else ""
        lines.append(f"served here, {how}: {one.model} as {one.name}{where}")
    lines += [f"{step.name}: {' '.join(step.command)}" for step in steps]
    return lines


def known_rates(study: Study, out: Path) -> dict[str, Rate]:
    """Return what asking took per condition, and judging per judge, in finished studies beside this one.

    Only whole studies of the same model count: with ``limit`` the start of the model is most of the time.
    """
    rates: dict[str, Rate] = {}
    own = plain(study)
    for file in sorted(out.parent.glob(f"*/{LEDGER}")):
        for name, rate in _measured(file, own):
            rates.setdefault(name, rate)
    return rates


def _measured(file: Path, own: Mapping[str, Any]) -> Iterator[tuple[str, Rate]]:
    try:
        ledger = json.loads(file.read_text(encoding="utf-8"))
        other, done = parse_study(ledger["study"], str(file)), ledger["done"]
        seconds = {name: float(one["seconds"]) for name, one in done.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DataError):
        return
    if other.limit or plain(other).get("model") != own.get("model"):
        return
    for step in steps_of(other, file.parent):
        count = _questions(other, step)
        judge = _judge_of(other, step)
        if step.name in seconds and count and (judge is None or judge in own.get("judges", [])):
            yield step.name, Rate(seconds[step.name] / count, file.parent.name)


def _judge_of(study: Study, step: Step) -> Any:
    kind, _, rest = step.name.partition("-")
    return plain(study)["judges"][int(rest.partition("-")[0]) - 1] if kind == "judge" else None


def _hours(study: Study, step: Step, rates: Mapping[str, Rate]) -> float | None:
    """Return a step's hours; None where nobody measured them."""
    if not _questions(study, step):
        return 0.0
    # A condition that nobody measured takes what the base run takes, if it shows as many pictures.
    alike = PICTURES.get(step.name.removeprefix("ask-"), 1) == 1 and step.name.startswith("ask-")
    rate = rates.get(step.name) or (rates.get("ask-full") if alike else None)
    return _questions(study, step) * rate.seconds / 3600 if rate else None


def _shown(hours: float | None) -> str:
    return "not known" if hours is None else f"{hours:.2f}" if hours else ""


def _total_hours(study: Study, steps: Sequence[Step], hours: Mapping[str, float | None]) -> str:
    unknown = sum(value is None for value in hours.values())
    if unknown == sum(bool(_questions(study, step)) for step in steps):
        return "hours not known before a study of this model beside it (--tier quick measures them)"
    lanes = [sum(hours[step.name] or 0.0 for step in lane) for lane in lanes_of(steps)]
    more = f" and {unknown} steps that nobody measured" if unknown else ""
    return f"about {max(lanes):.2f} hours{more}"


def _models(study: Study, steps: Sequence[Step]) -> list[str]:
    from panoenv_tasks.vllm_server import MODELS

    local = str((study.model.args or {}).get("pretrained") or "")
    return list(dict.fromkeys(filter(None, (local, *(MODELS.get(s.model, s.model) for s in servers(steps))))))


def _weights(model: str) -> str:
    """Return how large a model's weights are: that much memory they take, on one GPU or over several."""
    folder = Path(model)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

        try:
            folder = Path(snapshot_download(model, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError):
            return "not here yet, their size is not known"
    size = sum(file.stat().st_size for pattern in _WEIGHTS for file in folder.glob(pattern))
    return f"{size / 1e9:.1f} GB, as much memory and what the context takes" if size else "none in its folder"


def _questions(study: Study, step: Step) -> int:
    if step.name == "ask-twins":
        return min(TWINS, study.limit or TWINS)
    if step.name.startswith("ask-") or step.name.startswith("judge-"):
        # A limit counts for each of the five tasks.
        return min(QUESTIONS[study.split], 5 * study.limit if study.limit else QUESTIONS[study.split])
    return 0


def _tokens(study: Study, step: Step) -> int:
    if not step.name.startswith("ask-"):
        return 0
    pictures = PICTURES.get(step.name.removeprefix("ask-"), 1)
    return _questions(study, step) * (TEXT_TOKENS + pictures * PICTURE_TOKENS)
