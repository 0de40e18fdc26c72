"""Read a run's sample files into checked records, at the speed of a JSON decoder.

Only what is needed is decoded. A line is some three kilobytes, most of it the harness's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

import msgspec

from panoenv_tasks.items import DataError

#: What makes a question what it is; ``fingerprint`` covers the first five.
QUESTION_FIELDS = (
    "id",
    "question",
    "question_type",
    "method",
    "answer",
    "split",
    "environment",
    "frame",
    "category",
    "subcategory",
)
#: What must be the same in all samples of one row.
SETUP_FIELDS = ("dataset_sha256", "dataset_items", "prompts", "prompts_sha256", "protocols")

question_key = attrgetter(*QUESTION_FIELDS)


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

    ``tasks`` names the task file of each record; ``images`` counts what was shown.
    """

    split: str
    run: RunRecord
    records: tuple[Record, ...]
    tasks: tuple[str, ...]
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
    found: dict[tuple[str, bytes], list[tuple[str, _Line]]] = {}
    for task, file in files.items():
        for line in _read_file(file):
            record = line.panoenv
            found.setdefault((record.split, bytes(record.run)), []).append((task, line))
    grouped: dict[tuple[str, str], list[tuple[RunRecord, list[tuple[str, _Line]]]]] = {}
    for (split, raw), lines in found.items():
        run = _decode_run(raw, files)
        grouped.setdefault((split, run.condition), []).append((run, lines))
    return [_part(split, members) for (split, _), members in sorted(grouped.items(), key=_first)]


def _first(entry: tuple[tuple[str, str], Any]) -> tuple[str, str]:
    return entry[0]


def _part(split: str, members: Sequence[tuple[RunRecord, list[tuple[str, _Line]]]]) -> Part:
    runs = [run for run, _ in members]
    for name in SETUP_FIELDS:
        values = sorted({str(getattr(run, name)) for run in runs})
        if len(values) > 1:
            shown = ", ".join(value[:12] for value in values[:3])
            raise DataError(f"mixed {name} ({shown}); score one dataset with one set of prompts")
    lines = sorted((pair for _, each in members for pair in each), key=_id)
    records = tuple(line.panoenv for _, line in lines)
    repeated = len(records) - len({record.id for record in records})
    if repeated:
        raise DataError(f"{repeated} duplicate samples; each question may be answered once")
    images: dict[bytes, int] = {}
    for record in records:
        images[bytes(record.image)] = images.get(bytes(record.image), 0) + 1
    tokens = [t for _, line in lines for t in line.token_counts or () if t is not None]
    return Part(
        split=split,
        run=runs[0],
        records=records,
        tasks=tuple(task for task, _ in lines),
        images=_decode_images(images),
        tokens_in=_sum([t.input_tokens for t in tokens]),
        tokens_out=_sum([t.output_tokens for t in tokens]),
    )


def _id(pair: tuple[str, _Line]) -> str:
    return pair[1].panoenv.id


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


def _decode_run(raw: bytes, files: Mapping[str, Path]) -> RunRecord:
    try:
        return msgspec.json.decode(raw, type=RunRecord)
    except msgspec.DecodeError as error:
        name = next(iter(files.values())).name
        raise DataError(f"{name}: a run record of another shape ({error})") from None


def _decode_images(counts: Mapping[bytes, int]) -> dict[ImageRecord, int]:
    found: dict[ImageRecord, int] = {}
    for raw, count in counts.items():
        try:
            image = msgspec.json.decode(raw, type=ImageRecord)
        except msgspec.DecodeError as error:
            raise DataError(f"an image record of another shape ({error})") from None
        found[image] = found.get(image, 0) + count
    return found
