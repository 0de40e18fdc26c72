"""Result folders in, an honest table out: CSV, Markdown, JSON and one self-contained page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leaderboard.rows import Row


def collect(paths: Iterable[str | Path]) -> list[Row]:
    """Return the checked rows of all runs below ``paths``; ``board.gather`` also tells what was refused.

    Raises:
        DataError: A path does not exist or there is no run at all.
    """
    from leaderboard.board import gather

    return gather(paths).rows
