"""Shares and other figures in words: percent by default, with the interval where one is known."""

from __future__ import annotations

#: How an interval is written behind its figure: ``49.3 [47.1, 51.6]``.
BRACKETS = " [{}, {}]"


def figure(value: float | None, decimals: int = 1, *, scale: float = 100, signed: bool = False) -> str:
    """Return a figure for people to read; empty without one, and never a minus before zero.

    Args:
        value: A share or a difference of shares.
        decimals: Digits behind the point.
        scale: What it is multiplied by: 100 for percent and percentage points, 1 for other numbers.
        signed: Whether a figure that is not below zero carries its sign too, as gains do.
    """
    return "" if value is None else f"{scale * value:{'+' if signed else ''}z.{decimals}f}"


def interval(
    lo: float | None,
    hi: float | None,
    decimals: int = 1,
    form: str = "{} to {}",
    *,
    scale: float = 100,
    signed: bool = False,
) -> str:
    """Return both ends of an interval as ``form`` puts them; empty where no interval is known."""
    if lo is None or hi is None:
        return ""
    return form.format(*(figure(end, decimals, scale=scale, signed=signed) for end in (lo, hi)))


def with_interval(
    value: float | None,
    lo: float | None,
    hi: float | None,
    decimals: int = 1,
    *,
    scale: float = 100,
    signed: bool = False,
) -> str:
    """Return ``49.3 [47.1, 51.6]``, or the bare figure where no interval is known; empty without a figure.

    ``signed`` is for the figure alone.
    """
    shown = figure(value, decimals, scale=scale, signed=signed)
    return shown and f"{shown}{interval(lo, hi, decimals, BRACKETS, scale=scale)}"
