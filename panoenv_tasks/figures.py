"""Figures fit for a paper: text stays text, and the same data makes the same file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError

#: What can be scaled without loss, for papers and for pages.
VECTOR = (".pdf", ".svg")

# Text as fonts (TrueType, which journals ask for) and not as outlines; ids in an SVG that do not change.
_STYLE = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "panoenv"}
_UNDATED = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}


def save_figure(figure: Any, file: Path) -> None:
    """Write a matplotlib figure whole, in the form that the file's ending names: .pdf, .svg or .png.

    Raises:
        DataError: The ending is another, or the file cannot be written.
    """
    import matplotlib as mpl

    if file.suffix not in _UNDATED:
        raise DataError(f"{file}: cannot draw this; expected a name ending in {', '.join(_UNDATED)}")
    drawn = io.BytesIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(drawn, format=file.suffix[1:], dpi=150, metadata=_UNDATED[file.suffix])
    partial = file.with_name(f"{file.name}.partial")
    try:
        partial.write_bytes(drawn.getvalue())
        os.replace(partial, file)
    except OSError as error:
        raise DataError(f"{file}: cannot be written ({error.strerror})") from None


def literal(text: str) -> str:
    """Return text that matplotlib shows as it is: no formula, nothing unprintable."""
    return "".join(c for c in text if c.isprintable()).replace("$", r"\$")
