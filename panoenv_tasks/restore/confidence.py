"""How well a restored panorama is confirmed: written beside it, recorded with every answer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError

#: The file beside a restored panorama.
RECORD = "restored.json"


@dataclass(frozen=True)
class Confidence:
    """Shares of a panorama's pixels by how many clean drawings confirm them; they add up to 1.

    ``three`` counts three and more. ``none`` are pixels that no drawing is expected to show unpainted,
    or on which the drawings stay divided: their colour is a guess.
    """

    three: float
    two: float
    one: float
    none: float

    @property
    def unconfirmed(self) -> float:
        """The share that fewer than two drawings confirm."""
        return self.one + self.none

    def to_json(self) -> dict[str, float]:
        """Return the four shares by name."""
        return asdict(self)

    @classmethod
    def mean(cls, several: list[Confidence]) -> Confidence:
        """Return the mean of at least one."""
        total = len(several)
        return cls(*(sum(getattr(one, name) for one in several) / total for name in cls.__annotations__))


def confidence_of(picture: Path) -> Confidence:
    """Return the confidence that was written beside a restored panorama.

    Raises:
        DataError: The record is missing or not of the expected form.
    """
    file = picture.with_name(RECORD)
    try:
        record: Any = json.loads(file.read_text(encoding="utf-8"))
        shares = {name: float(record["confirmed"][name]) for name in Confidence.__annotations__}
    except (OSError, ValueError, TypeError, KeyError):
        raise DataError(
            f"{file}: no record of how well {picture.name} is confirmed; run `panoenv data restore` again"
        ) from None
    return Confidence(**shares)
