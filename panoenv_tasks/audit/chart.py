"""One figure per model: accuracy under every condition, and what each category owes to the image."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panoenv_tasks.audit.measures import SCOPES, Audit, Figures, Measure, Scope
from panoenv_tasks.audit.model_runs import ModelRuns, item_of
from panoenv_tasks.blind import answer
from panoenv_tasks.figures import literal, save_figure
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import one_line
from panoenv_tasks.scoring import score_answer, version_of
from panoenv_tasks.stats import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Colour-blind safe (Okabe and Ito).
_INK, _GREY, _COLOURS = "#222222", "#b8b8b8", ("#0072B2", "#D55E00", "#009E73")
#: Differences per category, and shares overall.
_GAINS: tuple[Measure, ...] = ("multimodal_gain", "coordinate_gain", "rotation_loss")
_SHARES: tuple[Measure, ...] = ("flips_above_repeat", "consistency", "all_turns_right")


def draw_audit(audit: Audit, *files: Path) -> None:
    """Write the figure of one audit into files: PNG, SVG or PDF by their endings.

    Raises:
        DataError: matplotlib is not installed, or a file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise DataError("pictures need matplotlib; pip install matplotlib, or leave out -o") from None
    figure = Figure(figsize=(12, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    runs = audit.runs
    scorer = f"protocol {version_of(runs.protocol)}, prompts {one_line(runs.prompts, 40)}"
    title = f"{literal(one_line(runs.model, 90))}\n{literal(f'{one_line(runs.split, 40)}, {scorer}')}"
    figure.suptitle(title, color=_INK)
    overall = {name: _estimates(figures).get("total") for name, figures in audit.accuracy.items()}
    shares = {
        name: _estimates(audit.measures[name]).get("total") for name in _SHARES if name in audit.measures
    }
    _bars(left, {**{f"accuracy, {k}": v for k, v in overall.items()}, **shares})
    if (floor := _blind_floor(runs)) is not None:
        left.axvline(100 * floor, color=_INK, linestyle="--", linewidth=1)
        left.set_title(f"dashed: {100 * floor:.1f}, blind answers from the questions' text", fontsize="small")
    _dots(right, {name: _estimates(audit.measures[name]) for name in _GAINS if name in audit.measures})
    if right.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower right", ncols=len(_GAINS), frameon=False)
    for file in files:
        save_figure(figure, file)


def file_name(audit: Audit) -> str:
    """Return a safe name for the figure's file, without its ending."""
    runs = audit.runs
    return f"{_safe(runs.model)}_{_safe(runs.split)}_{runs.prompts_sha256[:6]}"


def _blind_floor(runs: ModelRuns) -> float | None:
    """Return the share right of blind answers to the questions shown with the image; None without such."""
    if "full" not in runs.by_condition:
        return None
    items = [item_of(given.sample) for given in runs.by_condition["full"].answers.values()]
    scores = [score_answer(i.method, i.answer, answer(i), runs.protocol, i.question) for i in items]
    return sum(score.correct for score in scores) / len(scores) if scores else None


def _estimates(figures: Figures) -> dict[Scope, Estimate]:
    """Return what has a value."""
    return {scope: figure.estimate for scope, figure in figures.items() if figure.estimate}


def _bars(axes: Axes, shares: dict[Any, Estimate | None]) -> None:
    estimates = {name: estimate for name, estimate in shares.items() if estimate is not None}
    names = list(estimates)[::-1]
    values = [100 * estimates[name].mean for name in names]
    colours = [_COLOURS[0] if str(name).startswith("accuracy") else _GREY for name in names]
    axes.barh(range(len(names)), values, color=colours, height=0.65)
    axes.errorbar(
        values,
        range(len(names)),
        xerr=_reach([estimates[n] for n in names]),
        fmt="none",
        ecolor=_INK,
        capsize=2,
    )
    axes.set_yticks(range(len(names)), [str(name).replace("_", " ") for name in names])
    axes.set_xlim(0, 100)
    axes.set_xlabel("percent, with 95 % interval")
    _tidy(axes)


def _dots(axes: Axes, measures: Mapping[Measure, Mapping[Scope, Estimate]]) -> None:
    scopes = [scope for scope in SCOPES if any(scope in figures for figures in measures.values())][::-1]
    for number, (name, figures) in enumerate(measures.items()):
        present = [(place, figures[scope]) for place, scope in enumerate(scopes) if scope in figures]
        places = [place + 0.22 * (1 - number) for place, _ in present]
        estimates = [estimate for _, estimate in present]
        axes.errorbar(
            [100 * estimate.mean for estimate in estimates],
            places,
            xerr=_reach(estimates),
            fmt="o",
            color=_COLOURS[number],
            capsize=2,
            label=name.replace("_", " "),
        )
    axes.axvline(0, color=_INK, linewidth=0.8)
    axes.set_yticks(range(len(scopes)), [scope.replace("_", " ") for scope in scopes])
    axes.set_xlabel("percentage points, with 95 % interval")
    _tidy(axes)


def _reach(estimates: Sequence[Estimate]) -> list[list[float]]:
    """Return how far each interval reaches below and above its mean, percent."""
    low = [100 * (e.mean - (e.mean if e.lo is None else e.lo)) for e in estimates]
    high = [100 * ((e.mean if e.hi is None else e.hi) - e.mean) for e in estimates]
    return [[max(0.0, part) for part in low], [max(0.0, part) for part in high]]


def _tidy(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color=_GREY, linewidth=0.4)
    axes.set_axisbelow(True)


def _safe(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")[:80] or "model"
