"""The agreement report as a figure: a square grid, one row and column a judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np

from panoenv_tasks.figures import literal, save_figure


def draw_agreement(report: Mapping[str, Any], path: Path) -> None:
    """Draw a report as a square grid, one row and column a judge.

    On the diagonal the scores of right and wrong answers, below it each pair's confusion table.

    Args:
        report: From ``agreement_report``.
        path: Image file; the suffix picks the format: .pdf, .svg or .png.

    Raises:
        DataError: The suffix is another, or the file cannot be written.
    """
    from matplotlib.figure import Figure

    names = list(report["judges"])
    side = max(4.6, 3.8 * len(names))
    figure = Figure(figsize=(side, 0.92 * side), layout="constrained")
    axes = figure.subplots(len(names), len(names), squeeze=False)
    for unused in axes[np.triu_indices(len(names), 1)]:
        unused.set_axis_off()
    for place, (name, entry) in enumerate(report["judges"].items()):
        head = f"{name}\n{entry['judge_id']}, {entry['protocol']}"
        _scores(axes[place, place], head, np.asarray(entry["confusion"]), entry["auc"]["value"])
    for pair in report["pairs"]:
        _confusion(axes[names.index(pair["b"]), names.index(pair["a"])], pair)
    save_figure(figure, path)


def _scores(axes: Any, name: str, counts: Any, auc: float | None) -> None:
    steps = np.arange(len(counts))
    shares = counts / np.maximum(counts.sum(axis=0), 1)
    axes.bar(steps - 0.2, shares[:, 0], 0.4, label=f"wrong (n={counts[:, 0].sum()})", color="#c44e52")
    axes.bar(steps + 0.2, shares[:, 1], 0.4, label=f"right (n={counts[:, 1].sum()})", color="#4c72b0")
    axes.set_title(f"{_wrapped(name)}\nAUC {'-' if auc is None else f'{auc:.3f}'}", fontsize=10)
    axes.set_xticks(steps)
    axes.set_xlabel("score (scale read as 0-10)")
    axes.set_ylabel("share of the answers")
    axes.legend(title="exact strict scorer", frameon=False)


def _confusion(axes: Any, pair: Mapping[str, Any]) -> None:
    counts = np.asarray(pair["confusion"]).T
    kappa = pair["kappa"]["value"]
    axes.imshow(np.sqrt(counts), cmap="Blues", origin="lower")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = count > counts.max() / 4
            axes.text(
                column, row, count, ha="center", va="center", fontsize=7, color="white" if dark else "black"
            )
    axes.set_title(f"quadratic kappa {'-' if kappa is None else f'{kappa:.3f}'}", fontsize=10)
    axes.set_xlabel(_wrapped(pair["a"]))
    axes.set_ylabel(_wrapped(pair["b"]))
    axes.set_xticks(range(counts.shape[1]))
    axes.set_yticks(range(counts.shape[0]))


def _wrapped(name: str) -> str:
    return "\n".join(literal(line) for part in name.splitlines() for line in wrap(part, 40))
