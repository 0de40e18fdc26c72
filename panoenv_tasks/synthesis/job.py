"""One frame of a build: what to make, and what came of it. Runs in any process on any machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from panoenv_tasks.synthesis.frame import PLAIN, Form, write_frame, written
from panoenv_tasks.synthesis.frame_folder import FrameFolder, read_frame_folder
from panoenv_tasks.synthesis.panorama import FrameError, Panorama
from panoenv_tasks.synthesis.tartanair import FrameFiles
from panoenv_tasks.synthesis.twins.frame import PARTS, write_twins
from panoenv_tasks.synthesis.vocabulary import Rules


@dataclass(frozen=True)
class SceneFrame:
    """A frame to be laid out and rendered."""

    environment: str
    name: str
    seed: int


@dataclass(frozen=True)
class TwinFrame:
    """A scene to be rendered three times, with questions in pairs; see ``twins``."""

    environment: str
    name: str
    seed: int


Source = SceneFrame | TwinFrame | FrameFiles | FrameFolder


@dataclass(frozen=True)
class Job:
    """A frame to be built into ``folder``; a ``TwinFrame``'s parts lie beside it."""

    source: Source
    folder: Path
    rules: Rules
    seed: int
    form: Form = PLAIN
    extra: bool = False

    @property
    def folders(self) -> list[Path]:
        """What the job writes."""
        if isinstance(self.source, TwinFrame):
            return [self.folder.with_name(f"{self.folder.name}_{part}") for part in PARTS]
        return [self.folder]


@dataclass(frozen=True)
class Outcome:
    """What came of a job: the sub-categories asked, or the reason why the frame was skipped.

    ``kept`` says that the frame was there already, ``unexpected`` that the reason is an error which nobody
    foresaw: of ours or of a library, not of the data.
    """

    environment: str
    frame: str
    asked: tuple[str, ...] = ()
    kept: bool = False
    reason: str = ""
    unexpected: bool = False

    @property
    def key(self) -> str:
        """``environment/frame``."""
        return f"{self.environment}/{self.frame}"


def run_job(job: Job) -> Outcome:
    """Build one frame.

    Raises:
        OSError: The output cannot be written; nothing half-written is left behind.
    """
    environment, frame = job.source.environment, job.source.name
    try:
        _make(job)
    except FrameError as error:
        return Outcome(environment, frame, reason=str(error))
    except OSError:
        raise
    except Exception as error:
        # One frame's surprise must not cost the others; the build stops when there are many.
        told = " ".join(str(error).split())[:200]
        return Outcome(environment, frame, reason=f"{type(error).__name__}: {told}", unexpected=True)
    return Outcome(environment, frame, there(job) or ())


def there(job: Job) -> tuple[str, ...] | None:
    """Return the sub-categories asked in a job's folders; None when one is not there whole."""
    parts = [written(folder, job.form) for folder in job.folders]
    whole = [part for part in parts if part is not None]
    return tuple(name for part in whole for name in part) if len(whole) == len(parts) else None


def _make(job: Job) -> None:
    source = job.source
    if isinstance(source, TwinFrame):
        write_twins(source.environment, source.name, source.seed, job.folder.parent)
    else:
        write_frame(_panorama(source, job.rules), job.folder, job.rules, job.seed, job.form, extra=job.extra)


def _panorama(source: SceneFrame | FrameFiles | FrameFolder, rules: Rules) -> Panorama:
    if isinstance(source, FrameFolder):
        return read_frame_folder(source)
    if isinstance(source, FrameFiles):
        from panoenv_tasks.synthesis.recorded import tartanair_panorama

        return tartanair_panorama(source, rules)
    from panoenv_tasks.synthesis.scenes.source import scene_panorama

    return scene_panorama(source.environment, source.name, source.seed, rules)
