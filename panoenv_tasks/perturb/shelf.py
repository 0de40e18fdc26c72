"""Decoded pictures: the latest in memory, the others as plain pixels in a file without a name."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO, Any

from PIL import Image

from panoenv_tasks.perturb.encoding import EncodedOnce

#: Bytes of the disk that are left free.
SPARE = 2 << 30

#: One panorama, or its six faces.
Pictures = tuple[EncodedOnce, ...]
_Span = tuple[int, int]


@dataclass(frozen=True)
class _Stored:
    """Where a picture's pixels and encodings lie in the file: first byte and number of bytes."""

    size: tuple[int, int]
    pixels: _Span
    encoded: Mapping[Any, _Span]


class Shelf:
    """Makes every group of RGB pictures once and hands it out ever after, with few of them in memory.

    Reading pixels back takes a tenth of the time of decoding a panorama. The file has no name, so it is gone
    with the process, however that ends. Where it cannot be written, or the disk is nearly full, pictures that
    left memory are made again.
    """

    def __init__(self, folder: Path, in_memory: int, spare: int = SPARE) -> None:
        """Prepare the shelf; the file is opened in ``folder`` when the first group leaves memory.

        Args:
            folder: Where the file lies, made when needed.
            in_memory: Groups that stay in memory.
            spare: Bytes of the disk that are left free.
        """
        self._folder, self._in_memory, self._spare = folder, in_memory, spare
        self._latest: OrderedDict[Hashable, Pictures] = OrderedDict()
        self._stored: dict[Hashable, list[_Stored]] = {}
        self._file: IO[bytes] | None = None
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Sequence[Image.Image]]) -> Pictures:
        """Return the pictures of a key; ``make`` is called when they were never made before.

        The caller must not change them.
        """
        with self._lock:
            pictures = self._latest.get(key) or self._read(key) or tuple(map(EncodedOnce, make()))
            self._latest[key] = pictures
            self._latest.move_to_end(key)
            while len(self._latest) > self._in_memory:
                self._store(*self._latest.popitem(last=False))
            return pictures

    def _read(self, key: Hashable) -> Pictures | None:
        stored = self._stored.get(key)
        return tuple(map(self._restored, stored)) if stored else None

    def _restored(self, stored: _Stored) -> EncodedOnce:
        plain = Image.frombytes("RGB", stored.size, self._bytes(stored.pixels))
        return EncodedOnce(plain, {form: self._bytes(span) for form, span in stored.encoded.items()})

    def _store(self, key: Hashable, pictures: Pictures) -> None:
        before: Sequence[_Stored | None] = self._stored.get(key) or [None] * len(pictures)
        try:
            self._stored[key] = [self._put(*pair) for pair in zip(pictures, before, strict=True)]
        except OSError:
            # What was stored before, if anything, stays.
            return

    def _put(self, picture: EncodedOnce, before: _Stored | None) -> _Stored:
        kept = before.encoded if before else {}
        pixels = before.pixels if before else self._append(picture.tobytes())
        new = {form: self._append(content) for form, content in picture.encoded.items() if form not in kept}
        return _Stored(picture.size, pixels, {**kept, **new})

    def _append(self, content: bytes) -> _Span:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Unbuffered: what a full disk refused must not come up again later.
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115
        if shutil.disk_usage(self._folder).free < self._spare + len(content):
            raise OSError("the disk is nearly full")
        start = self._file.seek(0, os.SEEK_END)
        if self._file.write(content) != len(content):
            raise OSError("the disk is full")
        return start, len(content)

    def _bytes(self, span: _Span) -> bytes:
        assert self._file is not None
        self._file.seek(span[0])
        return self._file.read(span[1])
