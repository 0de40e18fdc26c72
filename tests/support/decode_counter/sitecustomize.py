"""Counts the PNG files that a process decodes. With this folder on ``PYTHONPATH``, each Python process
appends a line for every decode to the file named by ``$DECODES``: the path, empty for bytes in memory."""

import os

from PIL.PngImagePlugin import PngImageFile

_finish = PngImageFile.load_end


def _counted(image: PngImageFile) -> None:
    _finish(image)
    with open(os.environ["DECODES"], "a", encoding="utf-8") as file:
        file.write(f"{image.filename}\n")


PngImageFile.load_end = _counted
