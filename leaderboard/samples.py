"""Read a run's sample files into checked records, at the speed of a JSON decoder.

Only what is needed is decoded. A line is some three kilobytes, most of it the harness's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Generic, Literal, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from panoenv_tasks.items import DataError

#: What makes a question what it is, and what ``fingerprint`` covers.
FINGERPRINTED = ("id", "question", "question_type", "method", "answer")
#: What else a sample says of its question; checked when a dataset is first met, then left alone.
DESCRIBED = ("split", "environment", "frame", "category", "subcategory")
#: What must be the same in all samples of one row.
SETUP_FIELDS = ("dataset_sha256", "dataset_items", "prompts", "prompts_sha256", "protocols")

BLOCK_BYTES = 1 << 18

Shape = TypeVar("Shape")
Kept = TypeVar("Kept")

question_key = attrgetter(*FINGERPRINTED)


class ImageRecord(msgspec.Struct, frozen=True):
    """What was shown with a question."""

    kind: str
    width: int | None = None
    height: int | None = None
    max_pixels: int | None = None


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

    @property
    def expected(self) -> int:
        """How many questions the condition shows; some conditions leave questions out."""
        return self.dataset_items if self.condition_items is None else self.condition_items


class Record(msgspec.Struct, gc=False):
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


class _Tokens(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Line(msgspec.Struct, gc=False):
    panoenv: Record
    token_counts: list[_Tokens | None] | None = None


@dataclass(frozen=True)
class Part(Generic[Kept]):
    """The samples of one split under one condition, sorted by id.

    ``records`` holds what was kept of each; ``tasks``, per task, the positions of its samples;
    ``images`` counts what was shown.
    """

    split: str
    run: RunRecord
    records: list[Kept]
    tasks: Mapping[str, npt.NDArray[np.int64]]
    images: Mapping[ImageRecord, int]
    tokens_in: int | None
    tokens_out: int | None

    @property
    def name(self) -> str:
        """How messages call the part."""
        return f"{self.split}, {self.run.condition}"


@dataclass
class _Pile(Generic[Kept]):
    """What was read so far of one split and made in one way."""

    split: str
    run: msgspec.Raw
    ids: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    images: Counter[bytes] = field(default_factory=Counter)
    tokens: list[_Tokens | None] = field(default_factory=list)

    def add(self, task: str, line: _Line, kept: Kept) -> None:
        self.ids.append(line.panoenv.id)
        self.kept.append(kept)
        self.tasks.append(task)
        self.images[bytes(line.panoenv.image)] += 1
        if line.token_counts:
            self.tokens += line.token_counts


def read_parts(files: Mapping[str, Path], keep: Callable[[Record], Kept]) -> list[Part[Kept]]:
    """Read a run's sample files.

    Args:
        files: Sample file by task name.
        keep: What to keep of a record; the less, the faster, since most is then forgotten at once.

    Returns:
        One part per split and condition, sorted by both.

    Raises:
        DataError: A line is not a sample with our record, a question was answered twice, or the
            samples of one part differ in dataset, prompts or protocols.
    """
    piles: dict[tuple[str, bytes], _Pile[Kept]] = {}
    pile: _Pile[Kept] | None = None
    for task, file in files.items():
        for line in _read_lines(file):
            record = line.panoenv
            # Nearly always the pile of the line before, and cheaper to compare than to look up.
            if pile is None or record.run != pile.run or record.split != pile.split:
                empty = _Pile[Kept](record.split, record.run.copy())
                pile = piles.setdefault((record.split, bytes(record.run)), empty)
            pile.add(task, line, keep(record))
    parts: dict[tuple[str, str], list[tuple[RunRecord, _Pile[Kept]]]] = {}
    for (split, raw), pile in piles.items():
        run = _decode(raw, RunRecord)
        parts.setdefault((split, run.condition), []).append((run, pile))
    return [_part(split, found) for (split, _), found in sorted(parts.items(), key=lambda part: part[0])]


def _part(split: str, found: Sequence[tuple[RunRecord, _Pile[Kept]]]) -> Part[Kept]:
    runs, piles = [run for run, _ in found], [pile for _, pile in found]
    for name in SETUP_FIELDS:
        values = sorted({str(getattr(run, name)) for run in runs})
        if len(values) > 1:
            shown = ", ".join(value[:12] for value in values[:3])
            raise DataError(f"mixed {name} ({shown}); score one dataset with one set of prompts")
    ids = [i for pile in piles for i in pile.ids]
    if len(set(ids)) < len(ids):
        repeated = len(ids) - len(set(ids))
        raise DataError(f"{repeated} duplicate samples; each question may be answered once")
    order = sorted(range(len(ids)), key=ids.__getitem__)
    kept = [each for pile in piles for each in pile.kept]
    tasks = np.array([task for pile in piles for task in pile.tasks])[order]
    images: Counter[ImageRecord] = Counter()
    for pile in piles:
        for raw, count in pile.images.items():
            images[_decode(raw, ImageRecord)] += count
    tokens = [t for pile in piles for t in pile.tokens if t is not None]
    return Part(
        split=split,
        run=runs[0],
        records=[kept[i] for i in order],
        tasks={str(task): np.flatnonzero(tasks == task) for task in np.unique(tasks)},
        images=images,
        tokens_in=_sum([t.input_tokens for t in tokens]),
        tokens_out=_sum([t.output_tokens for t in tokens]),
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


@lru_cache(maxsize=1)
def _decoder() -> msgspec.json.Decoder[_Line]:
    return msgspec.json.Decoder(_Line)


def _read_lines(file: Path) -> Iterator[_Line]:
    """Decode a few hundred lines at a time: they stay in the processor's cache."""
    decode, empty = _decoder().decode_lines, True
    try:
        with file.open("rb") as source:
            while block := source.read(BLOCK_BYTES):
                for line in decode(block + source.readline()):
                    empty = False
                    yield line
    except (msgspec.DecodeError, UnicodeError):
        raise DataError(_first_bad_line(file)) from None
    except OSError as error:
        raise DataError(f"{file.name}: cannot be read ({error.strerror})") from None
    if empty:
        raise DataError(f"{file.name}: no samples inside; the run was cut short?")


def _first_bad_line(file: Path) -> str:
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
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
    return f"{file.name}: not JSON lines"


def _decode(raw: bytes, kind: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        raise DataError(f"a {kind.__name__} of another shape ({error})") from None
