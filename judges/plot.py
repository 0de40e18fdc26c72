"""The agreement report as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from panoenv_tasks.items import DataError


def plot(found: Mapping[str, Any], path: Path) -> None:
    """Draw a report: per judge the scores of right and wrong answers, per pair the confusion table.

    Args:
        found: From ``report.report``.
        path: Image file; the suffix picks the format.

    Raises:
        DataError: The suffix is no image format, or the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = len(found["judges"]) + len(found["pairs"])
    figure = Figure(figsize=(4.6 * panels, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = iter(np.atleast_1d(figure.subplots(1, panels)))
    for name, entry in found["judges"].items():
        _scores(next(axes), name, np.asarray(entry["confusion"]), entry["auc"]["value"])
    for pair in found["pairs"]:
        _confusion(next(axes), pair)
    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot draw this ({error})") from None


def _scores(axes: Any, name: str, counts: Any, auc: float | None) -> None:
    steps = np.arange(len(counts))
    shares = counts / np.maximum(counts.sum(axis=0), 1)
    axes.bar(steps - 0.2, shares[:, 0], 0.4, label=f"wrong (n={counts[:, 0].sum()})", color="#c44e52")
    axes.bar(steps + 0.2, shares[:, 1], 0.4, label=f"right (n={counts[:, 1].sum()})", color="#4c72b0")
    axes.set_title(f"{_short(name)}\nAUC {'-' if auc is None else f'{auc:.3f}'}", fontsize=10)
    axes.set_xticks(steps)
    axes.set_xlabel("score (scale read as 0-10)")
    axes.set_ylabel("share of the answers")
    axes.legend(title="exact strict scorer", frameon=False)


def _confusion(axes: Any, pair: Mapping[str, Any]) -> None:
    counts = np.asarray(pair["confusion"])
    kappa = pair["kappa"]["value"]
    axes.imshow(np.sqrt(counts), cmap="Blues", origin="lower")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = count > counts.max() / 4
            axes.text(
                column, row, count, ha="center", va="center", fontsize=7, color="white" if dark else "black"
            )
    axes.set_title(f"quadratic kappa {'-' if kappa is None else f'{kappa:.3f}'}", fontsize=10)
    axes.set_xlabel(_short(pair["b"]))
    axes.set_ylabel(_short(pair["a"]))
    axes.set_xticks(range(counts.shape[1]))
    axes.set_yticks(range(counts.shape[0]))


def _short(name: str) -> str:
    """A name that fits; ``$`` would start a formula."""
    cut = name if len(name) <= 40 else f"{name[:19]}…{name[-19:]}"
    return cut.replace("$", r"\$")
