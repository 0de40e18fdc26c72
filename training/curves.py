"""A stage's curves as a picture: reward, KL, length of completions, and the held-out accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panoenv_tasks.figures import VECTOR, literal, save_figure
from training.alarms import Entry
from training.evaluation import Checkup

FILE = "curves.svg"
_PANELS = (
    ("mean reward", ("reward",)),
    ("rewards", ("rewards/accuracy_reward/mean", "rewards/format_reward/mean")),
    ("KL to the anchor, nats per token", ("kl",)),
    ("completion length, tokens", ("completions/mean_length",)),
)


def draw_curves(title: str, history: Sequence[Entry], checkups: Sequence[Checkup], file: Path) -> None:
    """Write the curves of a trainer's log history, one panel a figure, as SVG and, of the same name, PDF."""
    from matplotlib.figure import Figure

    entries = [entry for entry in history if "reward" in entry]
    figure = Figure(figsize=(9, 6), layout="constrained")
    figure.suptitle(literal(title))
    panels = figure.subplots(2, 2).flat
    for axes, (label, keys) in zip(panels, _PANELS, strict=True):
        for key in keys:
            points = [(e.get("step"), e[key]) for e in entries if isinstance(e.get(key), (int, float))]
            if points:
                axes.plot(
                    *zip(*points, strict=True), linewidth=1, label=key.split("/")[-2] if "/" in key else key
                )
        if label == "rewards":
            if checkups:
                shown = [(one.step, one.acc_strict) for one in checkups]
                axes.plot(*zip(*shown, strict=True), marker="o", linestyle="--", label="held out, acc_strict")
            if axes.get_legend_handles_labels()[0]:
                axes.legend(frameon=False)
        axes.set_title(label, fontsize="medium")
        axes.set_xlabel("step")
        axes.spines[["top", "right"]].set_visible(False)
    for ending in VECTOR:
        save_figure(figure, file.with_suffix(ending))
