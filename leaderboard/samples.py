"""Read a run's sample files into checked records, at the speed of a JSON decoder.

Only what is needed is decoded. A line is some three kilobytes, most of it the harness's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Literal, TypeVar

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

Shape = TypeVar("Shape")

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
class Part:
    """The samples of one split under one condition, sorted by id.

    ``tasks`` holds, per task, the positions of its samples; ``images`` counts what was shown.
    """

    split: str
    run: RunRecord
    records: list[Record]
    tasks: Mapping[str, npt.NDArray[np.int64]]
    images: Mapping[ImageRecord, int]
    tokens_in: int | None
    tokens_out: int | None

    @property
    def name(self) -> str:
        """How messages call the part."""
        return f"{self.split}, {self.run.condition}"


def read_parts(files: Mapping[str, Path]) -> list[Part]:
    """Read a run's sample files.

    Args:
        files: Sample file by task name.

    Returns:
        One part per split and condition, sorted by both.

    Raises:
        DataError: A line is not a sample with our record, a question was answered twice, or the
            samples of one part differ in dataset, prompts or protocols.
    """
    lines: list[_Line] = []
    tasks: list[str] = []
    for task, file in files.items():
        found = _read_file(file)
        lines += found
        tasks += [task] * len(found)
    raw = [bytes(line.panoenv.run) for line in lines]
    runs = {each: _decode(each, RunRecord) for each in set(raw)}
    splits = [line.panoenv.split for line in lines]
    if len(runs) == 1 and len(set(splits)) == 1:
        return [_part(list(runs.values()), lines, tasks)]
    grouped: dict[tuple[str, str], list[int]] = {}
    for index, (split, each) in enumerate(zip(splits, raw, strict=True)):
        grouped.setdefault((split, runs[each].condition), []).append(index)
    return [
        _part(
            list({raw[i]: runs[raw[i]] for i in chosen}.values()),
            [lines[i] for i in chosen],
            [tasks[i] for i in chosen],
        )
        for _, chosen in sorted(grouped.items())
    ]


def _part(runs: Sequence[RunRecord], lines: Sequence[_Line], tasks: Sequence[str]) -> Part:
    for name in SETUP_FIELDS:
        values = sorted({str(getattr(run, name)) for run in runs})
        if len(values) > 1:
            shown = ", ".join(value[:12] for value in values[:3])
            raise DataError(f"mixed {name} ({shown}); score one dataset with one set of prompts")
    ids = [line.panoenv.id for line in lines]
    if len(set(ids)) < len(ids):
        repeated = len(ids) - len(set(ids))
        raise DataError(f"{repeated} duplicate samples; each question may be answered once")
    order = sorted(range(len(ids)), key=ids.__getitem__)
    records = [lines[i].panoenv for i in order]
    named = np.array(tasks)[order]
    images: Counter[ImageRecord] = Counter()
    for raw, count in Counter(bytes(record.image) for record in records).items():
        images[_decode(raw, ImageRecord)] += count
    tokens = [t for line in lines for t in line.token_counts or () if t is not None]
    return Part(
        split=records[0].split,
        run=runs[0],
        records=records,
        tasks={task: np.flatnonzero(named == task) for task in dict.fromkeys(tasks)},
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


def _read_file(file: Path) -> list[_Line]:
    try:
        content = file.read_bytes()
        lines = _decoder().decode_lines(content)
    except (msgspec.DecodeError, UnicodeError):
        raise DataError(_first_bad_line(file, content)) from None
    except OSError as error:
        raise DataError(f"{file.name}: cannot be read ({error.strerror})") from None
    if not lines:
        raise DataError(f"{file.name}: no samples inside; the run was cut short?")
    return lines


def _first_bad_line(file: Path, content: bytes) -> str:
    for number, line in enumerate(content.splitlines(), start=1):
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
