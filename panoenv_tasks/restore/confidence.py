"""How well a restored panorama is confirmed: written beside it, recorded with every answer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError
from panoenv_tasks.sources.images import check_image

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
    confirmed = _record(picture, "confirmed")
    try:
        return Confidence(**{name: float(confirmed[name]) for name in Confidence.__annotations__})
    except (ValueError, TypeError, KeyError):
        raise _unusable(picture) from None


def check_restored(picture: Path) -> None:
    """Check that a restored panorama is the one that its record was written for.

    Raises:
        DataError: It is another picture, its record is missing, or ``sources.images`` refuses it.
    """
    recorded = str(_record(picture, "sha256"))
    if (actual := check_image(picture).sha256) != recorded:
        raise DataError(
            f"{picture}: sha256 {actual[:12]}, but {RECORD} beside it is of {recorded[:12]}: not the picture "
            "that was restored; run `panoenv data restore` again"
        )


def _record(picture: Path, name: str) -> Any:
    try:
        return json.loads(picture.with_name(RECORD).read_text(encoding="utf-8"))[name]
    except (OSError, ValueError, TypeError, KeyError):
        raise _unusable(picture) from None


def _unusable(picture: Path) -> DataError:
    return DataError(
        f"{picture.with_name(RECORD)}: no record of how {picture.name} was restored; run "
        "`panoenv data restore` again"
    )
