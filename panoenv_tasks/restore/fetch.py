"""Which drawings of the release restoring needs, how large they are, and getting them one by one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from panoenv_tasks.items import DataError
from panoenv_tasks.restore.choose import first_choice
from panoenv_tasks.restore.drawings import drawing_number, drawings_of
from panoenv_tasks.restore.tree import Job, finished
from panoenv_tasks.sources import hub, snapshot


@dataclass(frozen=True)
class Remote:
    """The drawings of one frame on the hub, fetched into ``cache`` when they are read.

    Attributes:
        commit: The release's commit.
        folder: The drawings' folder in the release.
        sizes: Size in bytes of each, by name.
        cache: Where fetched drawings lie until their frame is restored.
    """

    commit: str
    folder: str
    sizes: dict[str, int]
    cache: Path

    def names(self) -> list[str]:
        """Return the names of all drawings of the frame."""
        return sorted(self.sizes)

    def read(self, name: str) -> Path:
        """Return a drawing's file, fetching it unless it was fetched before.

        Raises:
            DataError: The hub cannot be reached or does not have it.
        """
        return hub.fetch_file(self.commit, f"{self.folder}/{name}", self.cache)

    def done(self) -> None:
        """Remove the frame's fetched drawings; the panorama is what was wanted."""
        for name in self.sizes:
            (self.cache / self.folder / name).unlink(missing_ok=True)


@dataclass(frozen=True)
class Plan:
    """What a split costs: panoramas to restore, drawings and bytes to begin with, and all there are."""

    split: str
    panoramas: int
    drawings: int
    size: int
    all_drawings: int
    all_size: int

    def __str__(self) -> str:
        return (
            f"{self.split}: {self.panoramas} panoramas to restore from {self.drawings:,} "
            f"of {self.all_drawings:,} drawings, {gigabytes(self.size)} of {gigabytes(self.all_size)}"
        )


def gigabytes(size: int) -> str:
    """Return a size in bytes as people read it: ``0.80 GB``."""
    return f"{size / 1e9:.2f} GB"


def jobs_for(root: Path, split: str, out: Path, most_unconfirmed: float, cache: Path) -> list[Job]:
    """Return a job for each frame of a fetched snapshot's questions, with its drawings on the hub.

    Args:
        root: The snapshot's folder, named after its commit.
        split: The split; its questions must be there.
        out: Where the split's restored frames go.
        most_unconfirmed: See ``Job``.
        cache: Where drawings may be kept until their frame is done.

    Raises:
        DataError: The hub cannot be reached, or has no such split.
    """
    drawings: dict[str, dict[str, int]] = {}
    for path, size in hub.file_sizes(root.name, split).items():
        pure = PurePosixPath(path)
        if drawing_number(pure.name) and pure.parent.name == "visualizations":
            drawings.setdefault(str(pure.parent.parent), {})[pure.name] = size
    jobs = []
    for file in snapshot.frames(root, split):
        frame = file.parent.relative_to(root).as_posix()
        source = Remote(root.name, f"{frame}/visualizations", drawings.get(frame, {}), cache)
        jobs.append(Job(file, source, out, most_unconfirmed))
    if not jobs:
        raise DataError(f"{hub.REPOSITORY} at {root.name} has no questions of the {split} split")
    return jobs


def plan_of(split: str, jobs: Sequence[Job]) -> Plan:
    """Return what the frames that are not restored yet will cost to begin with.

    Raises:
        DataError: A question file cannot be read.
    """
    chosen = total = size = all_size = left = 0
    for job in jobs:
        assert isinstance(job.source, Remote)
        sizes = job.source.sizes
        total, all_size = total + len(sizes), all_size + sum(sizes.values())
        content = job.questions.read_bytes()
        if finished(job, content):
            continue
        left += 1
        try:
            rows = json.loads(content)["questions"]
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{job.questions}: not a question file ({error}); fetch it again") from None
        needed = first_choice(drawings_of(rows, sizes))
        chosen += len(needed)
        size += sum(sizes[drawing.name] for drawing in needed)
    return Plan(split, left, chosen, size, total, all_size)
