"""An audit as Markdown for people and as JSON for programs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from panoenv_tasks.audit.measures import MEASURES, NEEDS, SCOPES, Audit, Figures, Measure
from panoenv_tasks.items import Split
from panoenv_tasks.perturb import Condition
from panoenv_tasks.stats import Estimate
from panoenv_tasks.tasks.panoenv.names import Selection

#: Measures that are differences or scores around 0 and carry their sign.
SIGNED: tuple[Measure, ...] = (
    "image_gain",
    "box_leak",
    "rotation_loss",
    "seam_gap",
    "height_gap",
    "blind_adjusted",
)


def as_markdown(audits: Sequence[Audit], protocol: str) -> str:
    """Return one table per model, after one over all models when there are several."""
    parts = [_overview(audits)] if len(audits) > 1 else []
    parts += [_one(audit) for audit in audits]
    legend = f"Percent and percentage points ({protocol}), with 95 % intervals clustered by panorama."
    return "\n\n".join([*parts, legend])


def as_json(audits: Sequence[Audit], protocol: str) -> dict[str, Any]:
    """Return everything as JSON's types; shares, not percent. A measure without its runs is null."""
    return {"protocol": protocol, "models": [_record(audit) for audit in audits]}


def missing(audit: Audit) -> dict[Measure, list[str]]:
    """Return the tasks to run for each measure that could not be made."""
    subject = audit.subject
    absent = {}
    for measure in MEASURES:
        tasks = [_task(subject.split, c) for c in NEEDS[measure] if c not in subject.shown]
        if tasks:
            absent[measure] = tasks
    return absent


def _overview(audits: Sequence[Audit]) -> str:
    heads = ["full", *(_spoken(measure) for measure in MEASURES)]
    lines = [f"| model | split | {' | '.join(heads)} |", "|---" * (len(heads) + 2) + "|"]
    for audit in audits:
        cells = [_cell(audit.accuracy.get("full", {}).get("total"))]
        cells += [_cell(audit.measures.get(m, {}).get("total"), m in SIGNED) for m in MEASURES]
        subject = audit.subject
        lines.append(f"| {_plain(subject.model)} | {_plain(subject.split)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _one(audit: Audit) -> str:
    subject = audit.subject
    scopes = [scope for scope in SCOPES if any(scope in figures for figures in audit.accuracy.values())]
    lines = [
        f"### {_plain(subject.model)}",
        "",
        f"{_plain(subject.split)}, dataset {_plain(subject.dataset_sha256[:12])}, "
        f"prompts {_plain(subject.prompts)}",
        "",
        f"| | {' | '.join(map(_spoken, scopes))} |",
        "|---" * (len(scopes) + 1) + "|",
    ]
    lines += [_row(f"accuracy, {name}", figures, scopes) for name, figures in audit.accuracy.items()]
    lines += [_row(_spoken(m), figures, scopes, m in SIGNED) for m, figures in audit.measures.items()]
    lines += ["", *(f"- {line}" for line in _remarks(audit))]
    return "\n".join(lines)


def _remarks(audit: Audit) -> list[str]:
    subject = audit.subject
    counts = []
    for condition, shown in subject.shown.items():
        failed = sum(answer.hit is None for answer in shown.answers.values())
        extra = [f"{shown.left_out} left out"] if shown.left_out else []
        extra += [f"{failed} requests failed"] if failed else []
        counts.append(f"{condition} {len(shown.answers)}" + (f" ({', '.join(extra)})" if extra else ""))
    by_tasks: dict[tuple[str, ...], list[str]] = {}
    for measure, tasks in missing(audit).items():
        by_tasks.setdefault(tuple(tasks), []).append(_spoken(measure))
    unmeasured = [f"not measured without {', '.join(t)}: {', '.join(names)}" for t, names in by_tasks.items()]
    empty = [
        _spoken(measure)
        for measure in MEASURES
        if measure != "blind_adjusted" and measure not in audit.measures and measure not in missing(audit)
    ]
    if empty:
        unmeasured.append(f"no question, or no readable answer, to measure: {', '.join(empty)}")
    return [f"answers: {', '.join(counts)}", *unmeasured, *map(_plain, subject.notes)]


def _row(name: str, figures: Figures, scopes: Sequence[Any], signed: bool = False) -> str:
    return f"| {name} | {' | '.join(_cell(figures.get(scope), signed) for scope in scopes)} |"


def _cell(found: Estimate | None, signed: bool = False) -> str:
    if found is None:
        return "-"
    mean = f"{round(100 * found.mean, 1) + 0.0:{'+' if signed else ''}.1f}"
    if found.lo is None or found.hi is None:
        return mean
    return f"{mean} [{100 * found.lo:.1f}, {100 * found.hi:.1f}]"


def _record(audit: Audit) -> dict[str, Any]:
    subject = audit.subject
    return {
        "model": subject.model,
        "split": subject.split,
        "dataset_sha256": subject.dataset_sha256,
        "prompts": subject.prompts,
        "prompts_sha256": subject.prompts_sha256,
        "conditions": {
            condition: {
                "answers": len(shown.answers),
                "errors": sum(answer.hit is None for answer in shown.answers.values()),
                "left_out": shown.left_out,
                "image_kinds": sorted(shown.image_kinds),
            }
            for condition, shown in subject.shown.items()
        },
        "accuracy": {condition: _figures(figures) for condition, figures in audit.accuracy.items()},
        **{measure: _figures(audit.measures.get(measure)) for measure in MEASURES},
        "missing": missing(audit),
        "notes": subject.notes,
    }


def _figures(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {scope: _estimate(found) for scope, found in figures.items()}


def _estimate(found: Estimate) -> Mapping[str, float | int | None]:
    return {
        "value": found.mean,
        "se": found.se,
        "lo": found.lo,
        "hi": found.hi,
        "n": found.n,
        "panoramas": found.clusters,
    }


def _task(split: str, condition: Condition) -> str:
    known = [name for name in get_args(Split) if name == split]
    return Selection(known[0] if known else "test", None, condition).name


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _plain(text: str) -> str:
    """Return text from a results folder without what Markdown or a terminal would act on."""
    return re.sub(r"[^\w .,:;/=+@()-]", "?", text)[:200]
