"""Two sets of panoramas of the same frames held against each other, also turned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from panoenv_tasks.items import DataError

#: The turn is looked for on every so manyeth row.
_ROWS = 4


@dataclass(frozen=True)
class Agreement:
    """How far two panoramas agree.

    Attributes:
        equal: Share of the pixels that are equal in all channels.
        difference: Mean absolute difference of the channels, levels of 255.
        psnr: Peak signal to noise ratio, dB; infinite when they are equal.
        shift: Pixels by which the second must be rolled to the right to fit the first best; 0 is as it is,
            2560 is all around, negative is to the left.
        psnr_shifted: The ratio after that.
    """

    equal: float
    difference: float
    psnr: float
    shift: int
    psnr_shifted: float


def compare_files(one: Path, other: Path) -> Agreement:
    """Return the agreement of two panorama files.

    Raises:
        DataError: One cannot be read, or their sizes differ.
    """
    from panoenv_tasks.sources.images import open_image

    first, second = np.asarray(open_image(one)), np.asarray(open_image(other))
    if first.shape != second.shape:
        sizes = " and ".join(f"{picture.shape[1]}x{picture.shape[0]}" for picture in (first, second))
        raise DataError(f"{other}: {sizes} pixels; only panoramas of one size can be compared")
    return compare(first, second)


def compare(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> Agreement:
    """Return the agreement of two ``(height, width, 3)`` panoramas of one size."""
    off = np.abs(first.astype(np.int16) - second)
    shift = best_shift(first, second)
    return Agreement(
        equal=float((off == 0).all(axis=2).mean()),
        difference=float(off.mean()),
        psnr=_psnr(first, second),
        shift=shift,
        psnr_shifted=_psnr(first, np.roll(second, shift, axis=1)),
    )


def best_shift(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> int:
    """Return by how many pixels to roll the second to the right so that it fits the first best.

    All shifts are tried at once: the circular correlation of the rows, by Fourier transform.
    """
    width = first.shape[1]
    a, b = (picture[::_ROWS].mean(axis=2, dtype=np.float32) for picture in (first, second))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(a, axis=1) * np.conj(np.fft.rfft(b, axis=1))
    correlation = np.fft.irfft(spectrum.sum(axis=0), n=width)
    best = int(correlation.argmax())
    if math.isclose(correlation[0], correlation[best], rel_tol=1e-6, abs_tol=1e-6):
        return 0
    return best if best <= width // 2 else best - width


def _psnr(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    error = float(np.mean((first.astype(np.float32) - second) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)
