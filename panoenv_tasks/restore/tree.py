"""A snapshot's frames to a tree of restored panoramas, frame by frame, in a few processes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from panoenv_tasks.items import DataError
from panoenv_tasks.restore.confidence import RECORD, Confidence, confidence_of
from panoenv_tasks.restore.drawings import Drawing, drawings_of
from panoenv_tasks.restore.frame import Restored, RestoreError, restore_frame
from panoenv_tasks.sources.images import RESTORED

#: Raised whenever the same drawings would give another panorama.
RESTORER = 1
#: 0 to 9: little is gained above, and time doubles.
_COMPRESSION = 3
_ADVICE = "choose another folder for the restored panoramas"


class Source(Protocol):
    """Where the drawings of one frame come from."""

    def names(self) -> Sequence[str]:
        """Return the file names of the drawings that can be had."""

    def read(self, name: str) -> Path:
        """Return a drawing's file, fetching it if need be."""

    def done(self) -> None:
        """The frame is restored: drawings that were fetched for it may go."""


@dataclass(frozen=True)
class Folder:
    """Drawings that lie in a folder."""

    path: Path

    def names(self) -> list[str]:
        """Return the names of all files; none when there is no such folder."""
        return sorted(file.name for file in self.path.iterdir()) if self.path.is_dir() else []

    def read(self, name: str) -> Path:
        """Return the file."""
        return self.path / name

    def done(self) -> None:
        """Leave the user's files alone."""


@dataclass(frozen=True)
class Job:
    """A frame to restore from its question file into ``out/<Environment>/<frame>``."""

    questions: Path
    source: Source
    out: Path
    most_unconfirmed: float

    @property
    def frame(self) -> str:
        """``<Environment>/<frame>``."""
        return f"{self.questions.parent.parent.name}/{self.questions.parent.name}"

    @property
    def folder(self) -> Path:
        """Where the restored frame goes."""
        return self.out / self.frame


@dataclass(frozen=True)
class Outcome:
    """What came of a job; ``kept`` says that the frame was there already, ``reason`` why it was refused."""

    frame: str
    confidence: Confidence | None = None
    used: int = 0
    kept: bool = False
    reason: str = ""


def jobs_of(files: Sequence[Path], out: Path, most_unconfirmed: float) -> list[Job]:
    """Return the jobs for question files whose drawings lie beside them."""
    return [Job(file, Folder(file.parent / "visualizations"), out, most_unconfirmed) for file in files]


def run_jobs(jobs: Sequence[Job], workers: int) -> Iterator[Outcome]:
    """Yield the outcome of every job as it is done, in any order; frames that are there are kept.

    Raises:
        DataError: A drawing cannot be fetched, or a frame cannot be written. What is done stays.
    """
    if workers <= 1:
        yield from map(run_job, jobs)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # Started afresh, not forked: the caller may have threads.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        for future in as_completed([pool.submit(run_job, job) for job in jobs]):
            yield future.result()
    except BrokenProcessPool:
        raise DataError(
            f"one of {workers} processes was killed, for want of memory (0.6 GB each)? "
            "run the same command again with fewer --workers; what is done is kept"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def run_job(job: Job) -> Outcome:
    """Restore one frame unless it is there already.

    Raises:
        DataError: As for ``run_jobs``.
    """
    from panoenv_tasks.owned import remove_abandoned

    content = job.questions.read_bytes()
    if there := finished(job, content):
        remove_abandoned(job.folder.parent, job.folder.name)
        return there
    drawings = drawings_of(_questions(content, job.questions), job.source.names())

    def read(drawing: Drawing) -> Path:
        return job.source.read(drawing.name)

    try:
        restored = restore_frame(drawings, read)
        _require_confirmed(restored, job.most_unconfirmed)
    except RestoreError as error:
        return Outcome(job.frame, reason=str(error))
    try:
        _write(job, restored, content)
    except OSError as error:
        raise DataError(
            f"{job.folder}: cannot write ({error.strerror or error}); what is done is kept, "
            "run the same command again to continue"
        ) from None
    job.source.done()
    return Outcome(job.frame, restored.confidence, len(restored.used))


def finished(job: Job, questions: bytes) -> Outcome | None:
    """Return the outcome of an earlier run; None when there was none or it would turn out differently now."""
    try:
        record = json.loads((job.folder / RECORD).read_text(encoding="utf-8"))
        same = (job.folder / job.questions.name).read_bytes() == questions
        picture = hashlib.sha256((job.folder / RESTORED).read_bytes()).hexdigest()
        if same and picture == record["sha256"] and record["restorer"] == RESTORER:
            confidence = confidence_of(job.folder / RESTORED)
            if confidence.unconfirmed > job.most_unconfirmed:
                return None
            return Outcome(job.frame, confidence, len(record["drawings"]), kept=True)
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def _questions(content: bytes, file: Path) -> list[Any]:
    try:
        frame = json.loads(content)
    except ValueError as error:
        raise DataError(f"{file}: not JSON ({error}); a truncated file? fetch it again") from None
    questions = frame.get("questions") if isinstance(frame, dict) else None
    if not isinstance(questions, list):
        raise DataError(f"{file}: expected an object with a list `questions`; fetch it again")
    return questions


def _require_confirmed(restored: Restored, most: float) -> None:
    share = restored.confidence.unconfirmed
    if share <= most:
        return
    why = ""
    if restored.caption:
        left, top, right, bottom = restored.caption
        why = f"; every drawing has text over columns {max(0, left)}-{right}, rows {max(0, top)}-{bottom}"
    elif restored.left_aside:
        name, reason = next(iter(restored.left_aside.items()))
        why = f"; {len(restored.left_aside)} drawings left aside ({name}: {reason})"
    raise RestoreError(
        f"{100 * share:.2f} % of the pixels are confirmed by fewer than two of {len(restored.used)} "
        f"drawings, at most {100 * most:g} % may be{why}"
    )


def _write(job: Job, restored: Restored, questions: bytes) -> None:
    """Write a frame; its questions last, so that a frame cut short is none."""
    from PIL import Image

    from panoenv_tasks.owned import place, scratch

    with scratch(job.folder.parent, job.folder.name) as work:
        Image.fromarray(restored.rgb).save(work / RESTORED, compress_level=_COMPRESSION)
        record = {
            "about": "restored by panoenv from drawings with boxes painted on; not the original file",
            "restorer": RESTORER,
            "sha256": hashlib.sha256((work / RESTORED).read_bytes()).hexdigest(),
            "confirmed": restored.confidence.to_json(),
            "drawings": list(restored.used),
            "left_aside": restored.left_aside,
            "margin_px": list(restored.margin),
            "tolerance": restored.tolerance,
        }
        (work / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        (work / job.questions.name).write_bytes(questions)
        for name in (RESTORED, RECORD, job.questions.name):
            place(work, job.folder, name, _ADVICE)
