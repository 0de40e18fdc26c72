"""A picture that encodes itself once.

lmms-eval's wrappers of servers and APIs encode the picture of each question anew, as PNG: about a third of
a second for a panorama, 25 times over, in the one thread that also sends the requests.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from PIL import Image


class EncodedOnce(Image.Image):
    """A picture like any other whose ``save`` to a stream remembers what it wrote.

    It must not be changed once it was saved.
    """

    def __init__(self, image: Image.Image, encoded: Mapping[Any, bytes] | None = None) -> None:
        """Take over the pixels of ``image``, and what it was written as before."""
        super().__init__()
        self.__dict__.update(image.__dict__)
        self._encoded: dict[Any, bytes] = dict(encoded or {})

    @property
    def encoded(self) -> Mapping[Any, bytes]:
        """What was written so far, by format and parameters."""
        return self._encoded

    def save(
        self, fp: str | bytes | os.PathLike[Any] | IO[bytes], format: str | None = None, **params: Any
    ) -> None:
        """Write the picture as ``PIL.Image.Image.save`` does."""
        if isinstance(fp, str | bytes | os.PathLike) or format is None:
            return super().save(fp, format, **params)
        form = (format.upper(), *sorted(params.items()))
        if form not in self._encoded:
            stream = BytesIO()
            super().save(stream, format, **params)
            self._encoded[form] = stream.getvalue()
        fp.write(self._encoded[form])
        return None
