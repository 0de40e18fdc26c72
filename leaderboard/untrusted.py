"""Files and texts that strangers sent: regular files of bounded size only, text without tricks."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path
from typing import BinaryIO

from panoenv_tasks.items import DataError

MEGABYTE = 1 << 20


def open_regular(path: Path, longest: int) -> BinaryIO:
    """Open a file for reading, if it is a regular one of at most ``longest`` bytes.

    Raises:
        DataError: It is something else (a pipe would hang the reader for good), too long, or unreadable.
    """
    try:
        # Opening a pipe would block; not so with this flag, and on regular files it does nothing.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror})") from None
    file = os.fdopen(handle, "rb") if stat.S_ISREG(os.fstat(handle).st_mode) else None
    if file is None:
        os.close(handle)
        raise DataError(f"{path.name}: not a regular file")
    size = os.fstat(handle).st_size
    if size > longest:
        file.close()
        raise DataError(
            f"{path.name}: {size / MEGABYTE:.1f} MB; at most {longest / MEGABYTE:g} MB are read of its kind"
        )
    return file


def read_regular(path: Path, longest: int) -> bytes:
    """Return what a file holds; see ``open_regular``."""
    with open_regular(path, longest) as file:
        return file.read(longest + 1)


def plain_text(text: str, longest: int = 10_000) -> str:
    """Return text without what changes how its neighbours are shown, cut at ``longest`` characters.

    Left out are control and format characters (among them those that turn the direction of writing, and
    those that cannot be seen), lone surrogates, and private ones. Line breaks and tabs become spaces.
    """
    flat = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text[: 2 * longest]))
    return "".join(c for c in flat if unicodedata.category(c)[0] != "C").strip()[:longest]


def writable(text: str) -> str:
    """Return text that UTF-8 can hold: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def look_alike(name: str) -> str:
    """Return what is left of a name when spelling that a reader hardly sees is taken away.

    Case, width, accents, spaces and punctuation do not tell two names apart.
    """
    letters = unicodedata.normalize("NFKD", plain_text(name)).casefold()
    return "".join(c for c in letters if c.isalnum()) or letters


def alphabets(name: str) -> set[str]:
    """Return the names of the alphabets whose letters a name mixes (LATIN, CYRILLIC, GREEK, ...)."""
    return {unicodedata.name(c, "UNKNOWN").split(" ")[0] for c in name if c.isalpha() and ord(c) > 0x40}
