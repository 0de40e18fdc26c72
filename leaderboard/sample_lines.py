"""The lines of a sample file: their shape, our record inside, and how they are read, whoever sent them.

Of a line of some three kilobytes only what is needed is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from leaderboard.untrusted import MEGABYTE, open_regular
from panoenv_tasks.items import DataError

#: A whole run of 2,991 questions is some 10 MB in five files; a line is some 3 kB, with long reasoning 50.
LONGEST_FILE, LONGEST_LINE = 256 * MEGABYTE, MEGABYTE
_BLOCK_BYTES = 1 << 18
_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 40)]
_Side = Annotated[int, msgspec.Meta(ge=1, lt=1 << 17)]
_Shape = TypeVar("_Shape")


class Confirmed(msgspec.Struct, frozen=True):
    """Shares of a restored panorama's pixels by how many drawings confirm them."""

    three: float
    two: float
    one: float
    none: float


class Size(msgspec.Struct, frozen=True):
    """Width and height of a picture in pixels."""

    width: _Side
    height: _Side


class ImageRecord(msgspec.Struct, frozen=True):
    """What was shown with a question."""

    kind: str
    width: int | None = None
    height: int | None = None
    max_pixels: int | None = None
    panorama: str = ""
    confirmed: Confirmed | None = None
    #: The size at which the model saw it; None: not known.
    seen: Size | None = None

    @property
    def source(self) -> str:
        """What panorama is behind the picture: ``erp``, ``restored``, or empty for none or unknown."""
        if self.kind in ("none", "unknown"):
            return ""
        return "restored" if "restored" in (self.kind, self.panorama) else "erp"

    @property
    def pixels(self) -> int | None:
        """Pixels of the picture as the model got it, as far as that was recorded."""
        sides = [self.width * self.height] if self.width and self.height else []
        return min(sides + ([self.max_pixels] if self.max_pixels else []), default=None)


class Foreign(msgspec.Struct, frozen=True):
    """What is said of predictions that others published: none of it was recorded by this project."""

    harness: str
    picture: str


class RunRecord(msgspec.Struct, frozen=True):
    """What all samples of a run have in common."""

    condition: str
    dataset_sha256: str
    dataset_items: int
    prompts: str
    prompts_sha256: str
    protocols: tuple[str, ...]
    condition_items: int | None = None
    versions: dict[str, str] = {}
    foreign: Foreign | None = None
    #: Under the condition ``seen``: width and height of the picture that the printed boxes count pixels of.
    boxes_in_pixels_of: tuple[_Side, _Side] | None = None

    @property
    def expected(self) -> int:
        """How many questions the condition shows; some conditions leave questions out."""
        return self.dataset_items if self.condition_items is None else self.condition_items


class SampleRecord(msgspec.Struct, gc=False):
    """Our record in a sample line, schema 1. ``image`` and ``run`` repeat: decoded once each."""

    schema: Literal[1]
    id: str
    question: str
    question_type: str
    method: str
    answer: str
    split: str
    environment: str
    frame: str
    category: str
    subcategory: str
    text: str
    error: str
    image: msgspec.Raw
    run: msgspec.Raw
    paper: float | None = None
    strict: float | None = None


class TokenCounts(msgspec.Struct, gc=False):
    """What one request cost, as lmms-eval counts it; None: unknown."""

    input_tokens: _Count | None = None
    output_tokens: _Count | None = None


class SampleLine(msgspec.Struct, gc=False):
    """What is read of a line: our record, and what lmms-eval put to the model and counted."""

    panoenv: SampleRecord
    input: str | None = None
    token_counts: list[TokenCounts | None] | None = None


def read_lines(file: Path) -> Iterator[SampleLine]:
    """Decode a sample file line by line.

    Raises:
        DataError: The file is empty or cannot be read, or a line is no sample with our record.
    """
    # A few hundred lines at a time stay in the processor's cache.
    decode_block, empty = _decoder().decode_lines, True
    with open_regular(file, LONGEST_FILE) as source:
        try:
            while block := source.read(_BLOCK_BYTES):
                rest = source.readline(LONGEST_LINE)
                if len(rest) == LONGEST_LINE:
                    raise DataError(f"{file.name}: a line of more than {LONGEST_LINE // MEGABYTE} MB")
                for line in decode_block(block + rest):
                    empty = False
                    yield line
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise DataError(_first_bad_line(file)) from None
        except OSError as error:
            raise DataError(f"{file.name}: cannot be read ({error.strerror})") from None
    if empty:
        raise DataError(f"{file.name}: no samples inside; the run was cut short?")


def decode(raw: bytes, kind: type[_Shape]) -> _Shape:
    """Decode a part of a record that was left as it was read; DataError when it has another shape."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DataError(f"a {kind.__name__} of another shape ({error})") from None


@lru_cache(maxsize=1)
def _decoder() -> msgspec.json.Decoder[SampleLine]:
    return msgspec.json.Decoder(SampleLine)


def _first_bad_line(file: Path) -> str:
    with open_regular(file, LONGEST_FILE) as source:
        for number, line in enumerate(source, start=1):
            try:
                if line.strip():
                    _decoder().decode(line)
            except msgspec.ValidationError as error:
                return (
                    f"{file.name}:{number}: no complete panoenv record of schema 1 ({error}); "
                    "run again with this version of the plugin"
                )
            except (msgspec.DecodeError, UnicodeError) as error:
                return f"{file.name}:{number}: not JSON ({error}); a truncated file?"
            except RecursionError:
                return f"{file.name}:{number}: nested too deep"
    return f"{file.name}: not JSON lines"
