"""Build a tree of panoramas and questions: plan the frames, run them, account for every one."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from panoenv_tasks.items import DataError, Split
from panoenv_tasks.synthesis.engines import Engine, run_jobs
from panoenv_tasks.synthesis.job import Job, Outcome, SceneFrame
from panoenv_tasks.synthesis.panorama import Rules
from panoenv_tasks.synthesis.tartanair import FrameFiles
from panoenv_tasks.taxonomy import templates

FORMAT = 1
#: Raised whenever the same settings would give other panoramas or questions.
BUILDER = 1

Source = SceneFrame | FrameFiles


@dataclass(frozen=True)
class Settings:
    """What decides a build's content; the manifest holds it, and a resumed build must agree with it."""

    source: Literal["scenes", "tartanair"]
    split: Split
    rules: Rules
    seed: int

    def manifest(self) -> dict[str, Any]:
        """Return the content of ``panoenv.json``."""
        return {
            "format": FORMAT,
            "builder": BUILDER,
            "source": self.source,
            "split": self.split,
            "rules": self.rules,
            "seed": self.seed,
            "wording": wording_hash(self.rules),
        }


@dataclass(frozen=True)
class Summary:
    """The account of a build: every planned frame is written, kept or skipped."""

    written: int
    kept: int
    skipped: dict[str, str]
    questions: Counter[str]

    @property
    def lines(self) -> list[str]:
        """The account for people."""
        planned = self.written + self.kept + len(self.skipped)
        first = (
            f"{planned} frames: {self.written} written, {self.kept} there already, "
            f"{len(self.skipped)} skipped; {self.questions.total()} questions"
        )
        return [first, *(f"skipped {frame}: {reason}" for frame, reason in sorted(self.skipped.items()))]


def wording_hash(rules: Rules) -> str:
    """Return a sha256 over the sentences that a build may use."""
    texts = [t.text for t in templates() if t.dialect == rules]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def scene_frames(environments: Sequence[str], frames: int, seed: int) -> list[Source]:
    """Return frames of procedural scenes, one environment after the other in turn."""
    return [
        SceneFrame(environments[k % len(environments)], f"P{seed:03d}_{k // len(environments):06d}", seed)
        for k in range(frames)
    ]


def build(
    root: Path,
    sources: Sequence[Source],
    settings: Settings,
    engine: Engine = "local",
    workers: int = 1,
    progress: Callable[[Outcome], object] = lambda outcome: None,
) -> Summary:
    """Build all frames that are not there yet, and write manifest and account.

    A run that was interrupted continues where it stopped; the tree is then the same, byte for byte, as
    after a run in one go.

    Raises:
        DataError: The folder holds something else, another build is at work in it, or it cannot be
            written (any more): frames that are done stay, the same command continues.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _alone(root):
            _claim(root, settings)
            # Absolute: jobs may run in other working directories.
            folder = (root / settings.split).absolute()
            jobs = [
                Job(source, folder / source.environment / source.name, settings.rules, settings.seed)
                for source in sources
            ]
            outcomes = []
            for outcome in run_jobs(jobs, engine, workers):
                outcomes.append(outcome)
                progress(outcome)
            summary = _summary(outcomes)
            _write(root / "summary.json", _record(outcomes))
    except OSError as error:
        raise DataError(
            f"{root}: cannot write ({error.strerror or error}); what is done is kept, "
            "run the same command again to continue"
        ) from None
    return summary


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        with FileLock(root / ".build.lock", timeout=0):
            yield
    except Timeout:
        raise DataError(
            f"{root}: another build is at work there; wait for it or choose another folder"
        ) from None


def _claim(root: Path, settings: Settings) -> None:
    """Write the manifest, or check that the one there says the same."""
    file, wanted = root / "panoenv.json", settings.manifest()
    if not file.exists():
        others = [entry.name for entry in root.iterdir() if not entry.name.startswith(".")]
        if others:
            raise DataError(f"{root}: not empty ({sorted(others)[0]}) and no build; choose another folder")
        _write(file, wanted)
        return
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DataError(f"{file}: not a manifest of a build; choose another folder")
    different = [
        f"{key} {found.get(key)!r}, not {wanted[key]!r}" for key in wanted if found.get(key) != wanted[key]
    ]
    if different:
        raise DataError(f"{file}: built with {'; '.join(different)}; choose another folder")


def _summary(outcomes: Sequence[Outcome]) -> Summary:
    done = [one for one in outcomes if not one.reason]
    return Summary(
        written=sum(not one.kept for one in done),
        kept=sum(one.kept for one in done),
        skipped={f"{one.environment}/{one.frame}": one.reason for one in outcomes if one.reason},
        questions=Counter(name for one in done for name in one.asked),
    )


def _record(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the account for machines: the same however often the build was interrupted."""
    summary = _summary(outcomes)
    return {
        "frames": summary.written + summary.kept,
        "questions": dict(sorted(summary.questions.items())),
        "skipped": dict(sorted(summary.skipped.items())),
    }


def _write(file: Path, content: Any) -> None:
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(file)
