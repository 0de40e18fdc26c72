"""One frame of a build: what to make, and what came of it. Runs in any process on any machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from panoenv_tasks.synthesis.frame import write_frame
from panoenv_tasks.synthesis.panorama import FrameError, Panorama, Rules
from panoenv_tasks.synthesis.tartanair import FrameFiles


@dataclass(frozen=True)
class SceneFrame:
    """A frame to be laid out and rendered."""

    environment: str
    name: str
    seed: int


@dataclass(frozen=True)
class Job:
    """A frame to be built into ``folder``."""

    source: SceneFrame | FrameFiles
    folder: Path
    rules: Rules
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What came of a job: the sub-categories asked, or the reason why the frame was skipped.

    ``kept`` says that the frame was there already.
    """

    environment: str
    frame: str
    asked: tuple[str, ...] = ()
    kept: bool = False
    reason: str = ""


def run_job(job: Job) -> Outcome:
    """Build one frame unless it is there already.

    Raises:
        OSError: The output cannot be written; nothing half-written is left behind.
    """
    environment, frame = job.source.environment, job.source.name
    record = job.folder / f"{frame}_qa.json"
    kept = record.is_file()
    if not kept:
        try:
            write_frame(_panorama(job), job.folder, job.rules, job.seed)
        except FrameError as error:
            return Outcome(environment, frame, reason=str(error))
    questions = json.loads(record.read_text(encoding="utf-8"))["questions"]
    return Outcome(environment, frame, tuple(q["sub_category"] for q in questions), kept)


def _panorama(job: Job) -> Panorama:
    if isinstance(job.source, FrameFiles):
        from panoenv_tasks.synthesis.recorded import tartanair_panorama

        return tartanair_panorama(job.source, job.rules)
    from panoenv_tasks.synthesis.scenes.source import scene_panorama

    return scene_panorama(job.source.environment, job.source.name, job.source.seed, job.rules)
