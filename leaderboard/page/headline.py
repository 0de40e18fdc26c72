"""The first sentence of the page: who is best, by how much, over whom, and what of it needs the image."""

from __future__ import annotations

from collections.abc import Sequence

from leaderboard.ranks import ALPHA, Group
from leaderboard.rows import Row
from panoenv_tasks.markdown import one_line

_LONGEST_NAME = 48


def headline(rows: Sequence[Row], group: Group | None) -> str:
    """Return the sentence about one group of rows, under the strict protocol.

    Args:
        rows: The group's rows, ranked or not.
        group: Their comparisons; None when none is ranked.
    """
    models = [row for row in rows if row.ranked and row.role == "model" and "acc" in row.strict]
    if not models or group is None:
        return "No model is ranked here yet."
    best, *others = sorted(models, key=lambda row: -row.strict["acc"].mean)
    over = [_lead(best, others[0], group)] if others else []
    over += [_above(best.above_blind.estimate.mean)] if best.above_blind else []
    score = f"{_name(best)} is best: {100 * best.strict['acc'].mean:.1f} % right"
    return f"{score}{', ' if over else ''}{' and '.join(over)}{_gain(best)}"


def _lead(best: Row, second: Row, group: Group) -> str:
    points = 100 * (best.strict["acc"].mean - second.strict["acc"].mean)
    if points < 0.05:
        return f"as many as {_name(second)}"
    return f"{points:.1f} points ahead of {_name(second)}{_told(best, second, group)}"


def _told(best: Row, second: Row, group: Group) -> str:
    if not group.can_rank:
        return f" (which {group.environments} environments are too few to test)"
    ids = group.row_ids
    if best.row_id not in ids or second.row_id not in ids:
        return ""
    pairs, a, b = group.pairs["strict"], ids.index(best.row_id), ids.index(second.row_id)
    adjusted = max(pairs.adjusted[a, b], pairs.adjusted[b, a])
    return "" if adjusted < ALPHA else " (which chance may explain)"


def _above(share: float) -> str:
    if share <= 0:
        return f"{-100 * share:.1f} behind answers from the question's text alone"
    return f"{100 * share:.1f} ahead of answers from the question's text alone"


def _gain(best: Row) -> str:
    if best.condition != "full":
        return "."
    if best.gain is None:
        return ". How much of it needs the image is not known: there is no run without."
    return f"; {100 * best.gain.estimate.mean:.1f} points are gone without the image."


def _name(row: Row) -> str:
    return one_line(row.model, _LONGEST_NAME)
