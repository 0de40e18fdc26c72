"""Writing a file so that it is all there or not there, also after a kill or a loss of power."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Put a text file in the place of what ``path`` holds, in one step; its folder must be there.

    Raises:
        OSError: It cannot be written; what was there stays.
    """
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
