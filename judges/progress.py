"""A progress bar with rate and failures, on stderr."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from judges.records import Verdict


class Bar:
    """Appears with the first verdict that has to be bought. Use as a context manager."""

    def __init__(self, label: str):
        self._label = label
        self._bar: Any = None
        self._failed = 0

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self, verdict: Verdict, total: int) -> None:
        """Note one verdict out of ``total``."""
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(total=total, desc=self._label, unit="verdict")
        self._failed += verdict.score is None
        self._bar.set_postfix(failed=self._failed, refresh=False)
        self._bar.update()
