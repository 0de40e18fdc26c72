"""An audit as Markdown for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from panoenv_tasks.audit.estimates import Figure
from panoenv_tasks.audit.measures import (
    APPENDIX,
    MAIN,
    MEASURES,
    NEEDS,
    SCOPES,
    Audit,
    Figures,
    Measure,
    Scope,
)
from panoenv_tasks.items import Split
from panoenv_tasks.markdown import escape, table
from panoenv_tasks.perturb import Condition
from panoenv_tasks.stats import figure as shown
from panoenv_tasks.stats import no_interval, with_interval
from panoenv_tasks.tasks.panoenv.names import Selection

#: Measures that are differences or scores around 0 and carry their sign.
SIGNED: tuple[Measure, ...] = (
    "multimodal_gain",
    "coordinate_gain",
    "marked_gain",
    "rotation_loss",
    "blind_adjusted",
    "seam_gap",
    "height_gap",
)
_ACCURACY: dict[Condition, str] = {"noimage": "own no-image score"}
_LEGEND = (
    "Percent and percentage points ({protocol}), with 95 % intervals clustered by environment. "
    "Behind a difference: what it was made from."
)


def as_markdown(audits: Sequence[Audit], protocol: str) -> str:
    """Return one section per model, after a table of all models when there are several."""
    parts = [_overview(audits)] if len(audits) > 1 else []
    parts += [_section(audit) for audit in audits]
    return "\n\n".join([*parts, _LEGEND.format(protocol=protocol)])


def as_json(audits: Sequence[Audit], protocol: str) -> dict[str, Any]:
    """Return everything as JSON's types; shares, not percent. A measure without its runs is null."""
    return {"protocol": protocol, "models": [_record(audit) for audit in audits]}


def missing(audit: Audit) -> dict[Measure, list[str]]:
    """Return the tasks to run for each measure that could not be made."""
    runs = audit.runs
    absent = {}
    for measure in MEASURES:
        tasks = [_task(runs.split, c) for c in NEEDS[measure] if c not in runs.by_condition]
        if tasks:
            absent[measure] = tasks
    return absent


def _overview(audits: Sequence[Audit]) -> str:
    heads = ["model", "split", "accuracy", "own no-image score", *map(_spoken, MAIN)]
    rows = []
    for audit in audits:
        accuracy = [audit.accuracy.get(c, {}).get("total") for c in ("full", "noimage")]
        measures = [_cell(audit.measures.get(m, {}).get("total"), m in SIGNED) for m in MAIN]
        rows.append([audit.runs.model, audit.runs.split, *map(_cell, accuracy), *measures])
    return table(heads, rows)


def _section(audit: Audit) -> str:
    runs = audit.runs
    scopes = [scope for scope in SCOPES if any(scope in figures for figures in audit.accuracy.values())]
    rows = [
        _row(_ACCURACY.get(c, f"accuracy, {c}"), figures, scopes) for c, figures in audit.accuracy.items()
    ]
    rows += [_row(_spoken(m), audit.measures[m], scopes, m in SIGNED) for m in MAIN if m in audit.measures]
    title = f"{runs.split}, dataset {runs.dataset_sha256[:12]}, prompts {runs.prompts}"
    parts = [f"### {escape(runs.model)}", escape(title), table(["", *map(_spoken, scopes)], rows)]
    explained = [m for m in (*MAIN, *APPENDIX) if m in audit.measures]
    if explained:
        parts.append(_appendix(audit, explained))
    return "\n\n".join([*parts, "\n".join(f"- {escape(line)}" for line in _remarks(audit))])


def _appendix(audit: Audit, measures: Sequence[Measure]) -> str:
    """Return every measure's total with its n and what it stands beside; the appendix's own only here."""
    rows = []
    for measure in measures:
        figure = audit.measures[measure].get("total")
        if figure is not None:
            n = figure.estimate.n if figure.estimate else None
            beside = ", ".join(f"{name} {shown(value)}" for name, value in figure.beside.items())
            rows.append([_spoken(measure), n, _cell(figure, measure in SIGNED), beside])
    return table(["in total", "n", "", "beside"], rows)


def _remarks(audit: Audit) -> Iterator[str]:
    counts = []
    for condition, samples in audit.runs.by_condition.items():
        failed = sum(answer.hit is None for answer in samples.answers.values())
        extra = [f"{samples.left_out} left out"] if samples.left_out else []
        extra += [f"{failed} requests failed"] if failed else []
        counts.append(f"{condition} {len(samples.answers)}" + (f" ({', '.join(extra)})" if extra else ""))
    yield f"answers: {', '.join(counts)}"
    by_tasks: dict[tuple[str, ...], list[str]] = {}
    for measure, tasks in missing(audit).items():
        by_tasks.setdefault(tuple(tasks), []).append(_spoken(measure))
    for tasks_, names in by_tasks.items():
        yield f"not measured without {', '.join(tasks_)}: {', '.join(names)}"
    empty = [
        _spoken(measure)
        for measure in MEASURES
        if measure not in ("blind_adjusted", "both_right")
        and measure not in audit.measures
        and measure not in missing(audit)
    ]
    if empty:
        yield f"no question, or no readable answer, to measure: {', '.join(empty)}"
    for measure, figures in audit.measures.items():
        if (figure := figures.get("total")) and figure.reason:
            yield f"{_spoken(measure)}: {figure.reason}"
    yield from audit.runs.notes


def _row(name: str, figures: Figures, scopes: Sequence[Scope], signed: bool = False) -> list[str]:
    return [name, *(_cell(figures.get(scope), signed) for scope in scopes)]


def _cell(figure: Figure | None, signed: bool = False) -> str:
    if figure is None:
        return "-"
    estimate = figure.estimate
    if estimate is None:
        return "too few"
    text = with_interval(estimate.mean, estimate.lo, estimate.hi, signed=signed)
    reason = no_interval(estimate)
    return f"{text} ({reason})" if reason else text


def _record(audit: Audit) -> dict[str, Any]:
    runs = audit.runs
    return {
        "model": runs.model,
        "split": runs.split,
        "dataset_sha256": runs.dataset_sha256,
        "prompts": runs.prompts,
        "prompts_sha256": runs.prompts_sha256,
        "conditions": {
            condition: {
                "answers": len(samples.answers),
                "repeated": len(samples.repeats),
                "errors": sum(answer.hit is None for answer in samples.answers.values()),
                "left_out": samples.left_out,
                "image_kinds": sorted(samples.image_kinds),
                "greedy": samples.greedy,
            }
            for condition, samples in runs.by_condition.items()
        },
        "accuracy": {condition: _figures(figures) for condition, figures in audit.accuracy.items()},
        **{measure: _figures(audit.measures.get(measure)) for measure in MEASURES},
        "missing": missing(audit),
        "notes": runs.notes,
    }


def _figures(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {scope: _figure(figure) for scope, figure in figures.items()}


def _figure(figure: Figure) -> Mapping[str, Any]:
    estimate = figure.estimate
    if estimate is None:
        return {"value": None, "reason": figure.reason}
    return {
        "value": estimate.mean,
        "se": estimate.se,
        "lo": estimate.lo,
        "hi": estimate.hi,
        "n": estimate.n,
        "clusters": estimate.clusters,
        "reason": no_interval(estimate),
        "beside": dict(figure.beside),
    }


def _task(split: str, condition: Condition) -> str:
    released: Split = next((name for name in get_args(Split) if name == split), "test")
    return Selection(released, None, condition).name


def _spoken(name: str) -> str:
    return name.replace("_", " ").replace("multimodal", "multi-modal")
