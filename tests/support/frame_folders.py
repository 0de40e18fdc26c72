"""A frame folder written by hand, as an adapter of somebody else's data would write it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROWS, COLUMNS = 256, 512
#: Number, label, rows, columns and distance of six things in front of a wall at 6 m.
THINGS = (
    (7, "red chair", slice(120, 160), slice(240, 300), 2.0),
    (9, "lamp", slice(40, 110), slice(60, 90), 3.0),
    (300, "table", slice(140, 190), slice(350, 420), 4.0),
    (12, "shelf", slice(90, 180), slice(440, 490), 5.0),
    (13, "plant", slice(100, 150), slice(130, 170), 2.5),
    (14, "sofa", slice(130, 180), slice(180, 232), 3.5),
)


def about(**changes: Any) -> dict[str, Any]:
    """The content of `frame.json`."""
    objects = {str(number): {"label": label} for number, label, *_ in THINGS}
    return {"format": "panoenv-frame@1", "objects": objects, **changes}


def maps() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Colour, range in metres and instance numbers; the range of the upper 30 rows is unknown."""
    rgb = np.full((ROWS, COLUMNS, 3), 180, np.uint8)
    reach = np.full((ROWS, COLUMNS), 6.0, np.float32)
    numbers = np.zeros((ROWS, COLUMNS), np.uint16)
    reach[:30] = 0
    for number, _, rows, columns, distance in THINGS:
        rgb[rows, columns] = (number * 7 % 256, number % 256, 40)
        reach[rows, columns] = distance
        numbers[rows, columns] = number
    return rgb, reach, numbers


def write_frame_folder(folder: Path) -> Path:
    """Write the frame at half a thousand columns, range as `.npy`."""
    folder.mkdir(parents=True)
    rgb, reach, numbers = maps()
    Image.fromarray(rgb).save(folder / "rgb_erp.png")
    np.save(folder / "range.npy", reach)
    Image.fromarray(numbers).save(folder / "instances.png")
    (folder / "frame.json").write_text(json.dumps(about()), encoding="utf-8")
    return folder
