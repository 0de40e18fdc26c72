"""Reproducible chance: the same seed gives the same picks on every machine and library version."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Picks from one seeded stream.

    Python documents only ``random()`` as stable across versions, so every other draw is built on it
    here. ``Dice("StreetDay", "P000_000001", 7)`` is one stream per environment, frame and seed.
    """

    def __init__(self, *seed: object) -> None:
        digest = hashlib.sha256("\x1f".join(map(str, seed)).encode()).digest()
        self._random = random.Random(int.from_bytes(digest, "big")).random

    def uniform(self, low: float, high: float, step: float = 0.01) -> float:
        """Return a multiple of ``step`` offset from ``low``, below or at ``high``.

        The coarse grid keeps later decisions away from the last bits of a float.
        """
        count = round((high - low) / step) + 1
        return round(low + step * self.below(count), 6)

    def below(self, count: int) -> int:
        """Return an integer from 0 to ``count - 1``."""
        return int(self._random() * count)

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self._random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.below(len(options))]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Return the options in another order."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in options]

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """Return up to ``count`` different options."""
        return self.shuffled(options)[:count]
