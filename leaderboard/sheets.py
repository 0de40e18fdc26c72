"""Read a run's sample files into answer sheets: what the run answered, without the questions.

Reading is most of the work and needs nothing but the run's own files, so it can be spread over processes;
a sheet is a hundredth of the files and travels back.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from leaderboard.samples import (
    ImageRecord,
    RunRecord,
    SampleLine,
    SampleRecord,
    TokenCounts,
    decode,
    question_key,
    read_lines,
)
from panoenv_tasks.answers.essence import essence
from panoenv_tasks.answers.tags import first_answer, has_valid_format
from panoenv_tasks.items import DataError

#: What the text that was put to the model holds, see ``AnswerSheet.input_facts``.
HAS_QUESTION, HAS_BOXES, HAS_DISTANCE = 1, 2, 4
#: What must be the same in all samples of one sheet.
SETUP_FIELDS = ("dataset_sha256", "dataset_items", "prompts", "prompts_sha256", "protocols")
#: With fewer runs than this per process, starting processes costs more than it saves.
RUNS_PER_PROCESS = 8

_HEAD = 200


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
        input_facts: What each of these texts holds, as bits: the question word for word, box
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

    @property
    def name(self) -> str:
        """How messages call the sheet."""
        return f"{self.split}, {self.run.condition}"


@dataclass
class _Samples:
    """What was read so far of one split, made in one way."""

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
                input_facts=_input_facts(record, line.input or ""),
            )
        )
        self.images[bytes(record.image)] += 1
        if line.token_counts:
            self.tokens += line.token_counts


def read_runs(runs: Sequence[Mapping[str, Path]], processes: int) -> Iterator[list[AnswerSheet] | DataError]:
    """Read the sample files (by task name) of each run; a run that cannot be read is its error.

    Args:
        runs: The files of each run.
        processes: How many to use at most; few runs are read in this one.
    """
    processes = min(processes, len(runs) // RUNS_PER_PROCESS)
    if processes < 2:
        yield from map(_read_run, runs)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_read_run, runs, chunksize=2)


def read_sheets(files: Mapping[str, Path]) -> list[AnswerSheet]:
    """Read one run's sample files, given by task name: one sheet per split and condition, sorted by both.

    Raises:
        DataError: A line is not a sample with our record, a question was answered twice, or the
            samples of one sheet differ in dataset, prompts or protocols.
    """
    by_raw: dict[tuple[str, bytes], _Samples] = {}
    split, raw, samples = "", msgspec.Raw(), _Samples()
    for task, file in files.items():
        for line in read_lines(file):
            record = line.panoenv
            # Nearly always the same as in the line before, and cheaper to compare than to look up.
            if record.run != raw or record.split != split:
                split, raw = record.split, record.run.copy()
                samples = by_raw.setdefault((split, bytes(raw)), _Samples())
            samples.add(task, line)
    by_name: dict[tuple[str, str], list[tuple[RunRecord, _Samples]]] = {}
    for (split, made), samples in by_raw.items():
        run = decode(made, RunRecord)
        by_name.setdefault((split, run.condition), []).append((run, samples))
    return [_sheet(split, same) for (split, _), same in sorted(by_name.items(), key=itemgetter(0))]


def read_records(files: Mapping[str, Path], split: str, condition: str) -> list[SampleRecord]:
    """Read the samples behind one sheet again, whole, in the sheet's order; see ``read_sheets``."""
    wanted: dict[bytes, bool] = {}
    records = []
    for file in files.values():
        for line in read_lines(file):
            made = bytes(line.panoenv.run)
            if made not in wanted:
                wanted[made] = decode(made, RunRecord).condition == condition
            if wanted[made] and line.panoenv.split == split:
                records.append(line.panoenv)
    return sorted(records, key=attrgetter("id"))


def input_digest(text: str) -> bytes:
    """Return 16 bytes that stand for a text that was put to a model."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]


def cores() -> int:
    """Return how many cores this process may use; in a container fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read_run(files: Mapping[str, Path]) -> list[AnswerSheet] | DataError:
    try:
        return read_sheets(files)
    except DataError as error:
        return error
    except Exception as error:  # one run must never cost another its row, whatever is in it
        return DataError(f"cannot be read ({type(error).__name__}: {error})")


def _sheet(split: str, same: Sequence[tuple[RunRecord, _Samples]]) -> AnswerSheet:
    """Make a sheet of the samples of one split under one condition."""
    runs = [run for run, _ in same]
    for name in SETUP_FIELDS:
        values = sorted({str(getattr(run, name)) for run in runs})
        if len(values) > 1:
            shown = ", ".join(value[:12] for value in values[:3])
            raise DataError(f"mixed {name} ({shown}); score one dataset with one set of prompts")
    given = sorted((answer for _, samples in same for answer in samples.answers), key=attrgetter("id"))
    repeated = len(given) - len({answer.id for answer in given})
    if repeated:
        raise DataError(f"{repeated} duplicate samples; each question may be answered once")
    images: Counter[ImageRecord] = Counter()
    for _, samples in same:
        for raw, count in samples.images.items():
            images[decode(raw, ImageRecord)] += count
    tokens = [t for _, samples in same for t in samples.tokens if t is not None]
    tasks = np.array([answer.task for answer in given])
    answers = [None if a.error else essence(a.text) for a in given]
    return AnswerSheet(
        split=split,
        run=runs[0],
        questions_sha256=hashlib.sha256(b"".join([a.question_sha256 for a in given])).hexdigest(),
        samples_sha256=_sha256([a.id for a in given], [a.text for a in given], [a.error for a in given]),
        answers=answers,
        formats=np.array([not a.error and has_valid_format(a.text) for a in given], dtype=np.bool_),
        untagged={
            i: given[i].text.strip()[:_HEAD] for i, a in enumerate(answers) if a and first_answer(a) is None
        },
        paper=np.array([a.paper for a in given], dtype=np.float64),
        strict=np.array([a.strict for a in given], dtype=np.float64),
        inputs=[a.put for a in given],
        input_facts=np.array([a.input_facts for a in given], dtype=np.uint8),
        tasks={str(task): np.flatnonzero(tasks == task) for task in np.unique(tasks)},
        images=images,
        tokens_in=_sum(t.input_tokens for t in tokens),
        tokens_out=_sum(t.output_tokens for t in tokens),
    )


def _input_facts(record: SampleRecord, text: str) -> int:
    facts = HAS_QUESTION if record.question in text else 0
    if "boundingbox" in text:
        facts |= HAS_BOXES
    if record.method == "distance" and record.answer in text and record.answer not in record.question:
        facts |= HAS_DISTANCE
    return facts


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _sha256(*columns: list[str]) -> str:
    digest = hashlib.sha256()
    for column in columns:
        digest.update("\x1e".join([*column, "\x1d"]).encode("utf-8", "replace"))
    return digest.hexdigest()
