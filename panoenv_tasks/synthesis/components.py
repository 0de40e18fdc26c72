"""Connected regions of a class map on the sphere: left and right edge of the panorama touch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]


def components(classes: npt.NDArray[np.integer], *, wrap: bool = True) -> tuple[Ints, list[int]]:
    """Number the connected regions (8 neighbours) of equal class.

    Args:
        classes: ``(height, width)`` non-negative class numbers; 0 is background.
        wrap: Merge regions across the seam. Without, as in the release, an object there is cut in two.

    Returns:
        ``(height, width)`` region numbers from 1, 0 for background, and the class of each region:
        region ``k`` has class ``owners[k - 1]``.
    """
    from scipy import ndimage

    around = np.ones((3, 3), int)
    regions = np.zeros(classes.shape, np.int32)
    owners: list[int] = []
    for value, window in enumerate(ndimage.find_objects(classes.astype(np.int32)), start=1):
        if window is None:
            continue
        found, count = ndimage.label(classes[window] == value, structure=around)
        regions[window] += np.where(found > 0, found + len(owners), 0).astype(np.int32)
        owners += [value] * count
    return _merged(regions, owners) if wrap else (regions, owners)


def _merged(regions: Ints, owners: list[int]) -> tuple[Ints, list[int]]:
    """Join regions of one class whose pixels touch across the seam, diagonals included."""
    parent = list(range(len(owners) + 1))

    def root(k: int) -> int:
        while parent[k] != k:
            k = parent[k]
        return k

    left, right = regions[:, 0], regions[:, -1]
    height = len(left)
    for shift in (-1, 0, 1):
        rows = slice(max(0, -shift), height - max(0, shift))
        others = slice(max(0, shift), height - max(0, -shift))
        for one, two in np.unique(np.stack([left[rows], right[others]], axis=1), axis=0).tolist():
            if one and two and owners[one - 1] == owners[two - 1]:
                low, high = sorted((root(one), root(two)))
                parent[high] = low
    kept = [k for k in range(1, len(parent)) if parent[k] == k]
    place = {k: new for new, k in enumerate(kept, start=1)}
    table = np.array([0, *(place[root(k)] for k in range(1, len(parent)))], np.int32)
    return table[regions], [owners[k - 1] for k in kept]
