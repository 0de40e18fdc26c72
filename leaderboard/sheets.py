"""A run's answers without their questions: what is left of the samples once they are read.

Reading is most of the work and needs nothing but the run's own files, so it can be spread over
processes; a sheet is a hundredth of the files and travels back.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from leaderboard.samples import ImageRecord, Part, Record, RunRecord, question_key, read_parts
from panoenv_tasks.answers.tags import all_answers, has_valid_format
from panoenv_tasks.items import DataError

#: With fewer runs than this per process, starting processes costs more than it saves.
RUNS_PER_PROCESS = 8
_HEAD = 200
_PLAIN = re.compile(r"<Reasoning>[^<]*</Reasoning>\s*<Answer>([^<]*)</Answer>\s*")


@dataclass(frozen=True)
class Sheet:
    """One run's answers to one split under one condition, in the order of question ids.

    Attributes:
        questions_sha256: Of everything a fingerprint covers, question by question; cheaper than that.
        samples_sha256: Of ids, raw texts and errors.
        answers: See ``tags_only``; None where the request failed.
        formats: Where the text has the asked-for form; shape (n,).
        untagged: Head of each text without a tag, by position, for people to read.
        paper: Stored rewards, NaN where there is none; shape (n,).
        strict: Stored rewards, NaN where there is none; shape (n,).
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
    tasks: Mapping[str, npt.NDArray[np.int64]]
    images: Mapping[ImageRecord, int]
    tokens_in: int | None
    tokens_out: int | None

    @property
    def name(self) -> str:
        """How messages call the sheet, see ``Part.name``."""
        return f"{self.split}, {self.run.condition}"


def tags_only(text: str) -> str:
    """Return what a score depends on: the Answer tags, or a dash for text without any.

    Nothing that stands inside a tag is changed, so ``score_answer`` gives the same value, status
    and answer for the result as for the text (but not the same ``format_valid``).
    """
    return _reduced(text)[0]


def _reduced(text: str) -> tuple[str, bool]:
    """Return ``tags_only`` and whether the text has the asked-for form."""
    # Most texts are just the two blocks, with no other tag anywhere: one match tells all.
    if plain := _PLAIN.fullmatch(text):
        return f"<Answer>{plain[1].strip()}</Answer>", True
    answers = all_answers(text)
    if answers:
        return "".join([f"<Answer>{a}</Answer>" for a in answers]), has_valid_format(text)
    return ("-" if text.strip() else ""), False


class Brief(msgspec.Struct, frozen=True, gc=False):
    """An answer, with a hash in place of all that a fingerprint covers of its question."""

    id: str
    question_sha256: bytes
    text: str
    error: str
    paper: float | None
    strict: float | None


def brief(record: Record) -> Brief:
    """Return what a sheet needs of a record."""
    question = "\x1e".join(question_key(record)).encode("utf-8", "replace")
    digest = hashlib.sha256(question).digest()
    return Brief(record.id, digest, record.text, record.error, record.paper, record.strict)


def sheet_of(part: Part[Brief]) -> Sheet:
    """Reduce samples to a sheet."""
    records = part.records
    reduced = [(None, False) if r.error else _reduced(r.text) for r in records]
    answers = [answer for answer, _ in reduced]
    return Sheet(
        split=part.split,
        run=part.run,
        questions_sha256=hashlib.sha256(b"".join([r.question_sha256 for r in records])).hexdigest(),
        samples_sha256=_sha256(
            [r.id for r in records], [r.text for r in records], [r.error for r in records]
        ),
        answers=answers,
        formats=np.array([form for _, form in reduced], dtype=np.bool_),
        untagged={i: records[i].text.strip()[:_HEAD] for i, a in enumerate(answers) if a == "-"},
        paper=np.array([r.paper for r in records], dtype=np.float64),
        strict=np.array([r.strict for r in records], dtype=np.float64),
        tasks=part.tasks,
        images=part.images,
        tokens_in=part.tokens_in,
        tokens_out=part.tokens_out,
    )


def cores() -> int:
    """Return how many cores this process may use; in a container fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_sheets(runs: Sequence[Mapping[str, Path]], processes: int) -> Iterator[list[Sheet] | DataError]:
    """Read the sample files (by task name) of each run; a run that cannot be read is its error.

    Args:
        runs: The files of each run.
        processes: How many to use at most; few runs are read in this one.
    """
    processes = min(processes, len(runs) // RUNS_PER_PROCESS)
    if processes < 2:
        yield from map(_read, runs)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_read, runs, chunksize=2)


def _read(files: Mapping[str, Path]) -> list[Sheet] | DataError:
    try:
        return [sheet_of(part) for part in read_parts(files, brief)]
    except DataError as error:
        return error


def _sha256(*columns: list[str]) -> str:
    digest = hashlib.sha256()
    for column in columns:
        digest.update("\x1e".join([*column, "\x1d"]).encode("utf-8", "replace"))
    return digest.hexdigest()
