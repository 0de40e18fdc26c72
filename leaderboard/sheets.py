"""The sample files of a run: lmms-eval's lines with our record inside, read into answer sheets.

An answer sheet is what a run answered, without the questions: a hundredth of the files.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from leaderboard.sample_lines import (
    ImageRecord,
    RunRecord,
    SampleLine,
    SampleRecord,
    TokenCounts,
    decode,
    read_lines,
)
from panoenv_tasks.answers.essence import essence
from panoenv_tasks.answers.tags import first_answer, has_valid_format
from panoenv_tasks.items import FINGERPRINTED, DataError
from panoenv_tasks.perturb.coordinates import rel1000, resized, yx1000

#: What the text that was put to the model holds, see ``AnswerSheet.input_facts``.
HAS_QUESTION, HAS_BOXES, HAS_DISTANCE = 1, 2, 4
#: What must be the same in all samples of one sheet.
_SAME_THROUGHOUT = (
    "dataset_sha256",
    "dataset_items",
    "prompts",
    "prompts_sha256",
    "protocols",
    "boxes_in_pixels_of",
)
_HEAD = 200

question_key = attrgetter(*FINGERPRINTED)


class _Answer(msgspec.Struct, frozen=True, gc=False):
    """What a sheet needs of a sample; a hash stands for all that a fingerprint covers of the question."""

    id: str
    question_sha256: bytes
    text: str
    error: str
    paper: float | None
    strict: float | None
    task: str
    put: bytes | None
    input_facts: int


@dataclass(frozen=True)
class AnswerSheet:
    """One run's answers to one split under one condition, in the order of question ids.

    Attributes:
        questions_sha256: Of everything a fingerprint covers, question by question; cheaper than that.
        samples_sha256: Of ids, raw texts and errors.
        answers: See ``essence``; None where the request failed.
        formats: Where the text has the asked-for form; shape (n,).
        untagged: Head of each text without a tag, by position, for people to read.
        paper: Stored rewards, NaN where there is none; shape (n,).
        strict: Stored rewards, NaN where there is none; shape (n,).
        inputs: Digest of each text that was put to the model, see ``input_digest``; None where none was
            logged.
        input_facts: What each of these texts holds, as bits: the question as printed, box
            coordinates, the gold answer of a distance that the question does not name; shape (n,).
        tasks: Per task file the positions of its samples.
        images: How many questions were shown with what.
    """

    split: str
    run: RunRecord
    questions_sha256: str
    samples_sha256: str
    answers: list[str | None]
    formats: npt.NDArray[np.bool_]
    untagged: Mapping[int, str]
    paper: npt.NDArray[np.float64]
    strict: npt.NDArray[np.float64]
    inputs: list[bytes | None]
    input_facts: npt.NDArray[np.uint8]
    tasks: Mapping[str, npt.NDArray[np.int64]]
    images: Mapping[ImageRecord, int]
    tokens_in: int | None
    tokens_out: int | None


@dataclass
class _Samples:
    """What was read so far of one split, made in one way."""

    run: RunRecord
    answers: list[_Answer] = field(default_factory=list)
    images: Counter[bytes] = field(default_factory=Counter)
    tokens: list[TokenCounts | None] = field(default_factory=list)

    def add(self, task: str, line: SampleLine) -> None:
        record = line.panoenv
        question = "\x1e".join(question_key(record)).encode("utf-8", "replace")
        digest = hashlib.sha256(question).digest()
        self.answers.append(
            _Answer(
                id=record.id,
                question_sha256=digest,
                text=record.text,
                error=record.error,
                paper=record.paper,
                strict=record.strict,
                task=task,
                put=None if line.input is None else input_digest(line.input),
                input_facts=_input_facts(record, as_printed(record.question, self.run), line.input or ""),
            )
        )
        self.images[bytes(record.image)] += 1
        if line.token_counts:
            self.tokens += line.token_counts


def read_sheets(files: Mapping[str, Path]) -> list[AnswerSheet]:
    """Read one run's sample files, given by task name: one sheet per split and condition, sorted by both.

    Raises:
        DataError: A line is not a sample with our record, a question was answered twice, or the
            samples of one sheet differ in dataset, prompts or protocols.
    """
    by_raw: dict[tuple[str, bytes], _Samples] = {}
    split, raw = "", msgspec.Raw()
    for task, file in files.items():
        for line in read_lines(file):
            record = line.panoenv
            # Nearly always the same as in the line before, and cheaper to compare than to look up.
            if record.run != raw or record.split != split:
                split, raw = record.split, record.run.copy()
                if (key := (split, bytes(raw))) not in by_raw:
                    by_raw[key] = _Samples(decode(raw, RunRecord))
                samples = by_raw[key]
            samples.add(task, line)
    by_name: dict[tuple[str, str], list[_Samples]] = {}
    for (split, _), samples in by_raw.items():
        by_name.setdefault((split, samples.run.condition), []).append(samples)
    return [_sheet(split, parts) for (split, _), parts in sorted(by_name.items(), key=itemgetter(0))]


def read_records(files: Mapping[str, Path], split: str, condition: str) -> list[SampleRecord]:
    """Read the samples behind one sheet again, whole, in the sheet's order; see ``read_sheets``."""
    wanted: dict[bytes, bool] = {}
    records = []
    for file in files.values():
        for line in read_lines(file):
            raw = bytes(line.panoenv.run)
            if raw not in wanted:
                wanted[raw] = decode(raw, RunRecord).condition == condition
            if wanted[raw] and line.panoenv.split == split:
                records.append(line.panoenv)
    return sorted(records, key=attrgetter("id"))


def input_digest(text: str) -> bytes:
    """Return 16 bytes that stand for a text that was put to a model."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]


def _sheet(split: str, parts: Sequence[_Samples]) -> AnswerSheet:
    """Make a sheet of the samples of one split under one condition."""
    for name in _SAME_THROUGHOUT:
        values = sorted({str(getattr(part.run, name)) for part in parts})
        if len(values) > 1:
            shown = ", ".join(value[:12] for value in values[:3])
            raise DataError(f"mixed {name} ({shown}); score one dataset with one set of prompts")
    rows = sorted((answer for part in parts for answer in part.answers), key=attrgetter("id"))
    repeated = len(rows) - len({row.id for row in rows})
    if repeated:
        raise DataError(f"{repeated} duplicate samples; each question may be answered once")
    images: Counter[ImageRecord] = Counter()
    for raw, count in [image for part in parts for image in part.images.items()]:
        images[decode(raw, ImageRecord)] += count
    tokens = [count for part in parts for count in part.tokens if count is not None]
    tokens_in = [count.input_tokens for count in tokens if count.input_tokens is not None]
    tokens_out = [count.output_tokens for count in tokens if count.output_tokens is not None]
    tasks = np.array([row.task for row in rows])
    answers = [None if row.error else essence(row.text) for row in rows]
    return AnswerSheet(
        split=split,
        run=parts[0].run,
        questions_sha256=hashlib.sha256(b"".join([row.question_sha256 for row in rows])).hexdigest(),
        samples_sha256=_sha256([r.id for r in rows], [r.text for r in rows], [r.error for r in rows]),
        answers=answers,
        formats=np.array([not row.error and has_valid_format(row.text) for row in rows], dtype=np.bool_),
        untagged={
            place: rows[place].text.strip()[:_HEAD]
            for place, answer in enumerate(answers)
            if answer and first_answer(answer) is None
        },
        paper=np.array([row.paper for row in rows], dtype=np.float64),
        strict=np.array([row.strict for row in rows], dtype=np.float64),
        inputs=[row.put for row in rows],
        input_facts=np.array([row.input_facts for row in rows], dtype=np.uint8),
        tasks={str(task): np.flatnonzero(tasks == task) for task in np.unique(tasks)},
        images=images,
        tokens_in=sum(tokens_in) if tokens_in else None,
        tokens_out=sum(tokens_out) if tokens_out else None,
    )


def as_printed(question: str, run: RunRecord) -> str:
    """Return a question with its boxes in the coordinates that a run prints."""
    if run.condition == "rel1000":
        return rel1000(question)
    if run.condition == "yx1000":
        return yx1000(question)
    if run.condition == "seen" and run.boxes_in_pixels_of:
        return resized(question, run.boxes_in_pixels_of)
    return question


def _input_facts(record: SampleRecord, printed: str, text: str) -> int:
    facts = HAS_QUESTION if printed in text else 0
    if "boundingbox" in text:
        facts |= HAS_BOXES
    if record.method == "distance" and record.answer in text and record.answer not in record.question:
        facts |= HAS_DISTANCE
    return facts


def _sha256(*columns: list[str]) -> str:
    digest = hashlib.sha256()
    for column in columns:
        digest.update("\x1e".join([*column, "\x1d"]).encode("utf-8", "replace"))
    return digest.hexdigest()
