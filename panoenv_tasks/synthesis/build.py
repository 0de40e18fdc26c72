"""Build a tree of panoramas and questions: plan the frames, run them, account for every one."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from panoenv_tasks.alone import alone
from panoenv_tasks.items import DataError, Split
from panoenv_tasks.owned import remove_abandoned
from panoenv_tasks.synthesis.engines import run_jobs
from panoenv_tasks.synthesis.frame import PLAIN, Form, written
from panoenv_tasks.synthesis.job import Job, Outcome, SceneFrame, Source, TwinFrame, there
from panoenv_tasks.synthesis.vocabulary import Engine, Rules
from panoenv_tasks.taxonomy import Template, extra_templates, templates
from panoenv_tasks.whole_file import write_whole

FORMAT = 1
#: Raised whenever the same settings would give other panoramas or questions.
BUILDER = 3

#: Questions of a full frame.
FULL = 25
#: A build stops when this many frames, and half of those done, failed in a way that nobody foresaw.
_SURPRISES = 10


@dataclass(frozen=True)
class Settings:
    """What decides a build's content; the manifest holds it, and a resumed build must agree with it.

    ``selection`` says which frames were asked for: the root, stride, difficulty and environments of
    recordings, the environments of scenes, the folder of frame folders. With ``extra`` the kinds are asked
    as well that the release does not have.
    """

    source: Literal["scenes", "twins", "tartanair", "frames"]
    split: Split
    rules: Rules
    seed: int
    selection: Mapping[str, Any] = field(default_factory=dict)
    form: Form = PLAIN
    extra: bool = False

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
            **self.selection,
            **({"picture": self.form.picture} if self.form.picture != "png" else {}),
            **({"extra": _hash(extra_templates())} if self.extra else {}),
            **({"keep": list(self.form.keep)} if self.form.keep else {}),
        }


@dataclass(frozen=True)
class Summary:
    """The account of a build: every planned frame is written, kept or skipped.

    ``short`` are the frames with fewer than ``FULL`` questions, and how many those have; a frame of twins
    has no fixed number and is never short. ``others`` counts frames of earlier runs that this one did not
    plan.
    """

    written: int
    kept: int
    skipped: dict[str, str]
    questions: Counter[str]
    short: dict[str, int]
    others: int = 0

    @property
    def lines(self) -> list[str]:
        """The account for people."""
        planned = self.written + self.kept + len(self.skipped)
        first = (
            f"{planned} frames: {self.written} written, {self.kept} there already, "
            f"{len(self.skipped)} skipped; {self.questions.total()} questions"
        )
        lines = [first, *(f"skipped {frame}: {reason}" for frame, reason in sorted(self.skipped.items()))]
        if self.short:
            listed = ", ".join(f"{frame} ({n})" for frame, n in sorted(self.short.items())[:5])
            more = f" and {len(self.short) - 5} more, see summary.json" if len(self.short) > 5 else ""
            lines.append(f"{len(self.short)} frames with fewer than {FULL} questions: {listed}{more}")
        if self.others:
            lines.append(f"{self.others} more frames of earlier runs are there, not planned this time")
        return lines


def wording_hash(rules: Rules) -> str:
    """Return a sha256 over the sentences that a build may use."""
    return _hash([t for t in templates() if t.dialect == rules])


def _hash(sentences: Sequence[Template]) -> str:
    return hashlib.sha256("\n".join(t.text for t in sentences).encode()).hexdigest()


def scene_frames(environments: Sequence[str], frames: int, seed: int) -> list[Source]:
    """Return frames of procedural scenes, one environment after the other in turn."""
    return [SceneFrame(*named, seed) for named in _in_turn(environments, frames, seed)]


def twin_frames(environments: Sequence[str], frames: int, seed: int) -> list[Source]:
    """Return scenes to be made into twins, one environment after the other in turn."""
    return [TwinFrame(*named, seed) for named in _in_turn(environments, frames, seed)]


def _in_turn(environments: Sequence[str], frames: int, seed: int) -> list[tuple[str, str]]:
    count = len(environments)
    return [(environments[k % count], f"P{seed:03d}_{k // count:06d}") for k in range(frames)]


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
        DataError: The folder holds something else, another build is at work in it, it cannot be
            written (any more), or many frames fail in a way that nobody foresaw: frames that are done
            stay, the same command continues.
    """
    try:
        with alone(root, "build", "choose another folder"):
            claim(root, settings)
            # Absolute: jobs may run in other working directories.
            folder = (root / settings.split).absolute()
            jobs = [
                Job(
                    source,
                    folder / source.environment / source.name,
                    settings.rules,
                    settings.seed,
                    settings.form,
                    settings.extra,
                )
                for source in sources
            ]
            for parent in {place.parent for job in jobs for place in job.folders}:
                remove_abandoned(parent)
            outcomes, left = _found(jobs, progress)
            for outcome in run_jobs(left, engine, workers):
                outcomes.append(outcome)
                progress(outcome)
                if outcome.unexpected:
                    _stop_when_many_fail(outcomes)
            planned = {folder for job in jobs for folder in job.folders}
            summary = account(root, settings, outcomes, planned)
    except OSError as error:
        raise DataError(
            f"{root}: cannot write ({error.strerror or error}); what is done is kept, "
            "run the same command again to continue"
        ) from None
    return summary


def account(root: Path, settings: Settings, outcomes: Sequence[Outcome], planned: set[Path]) -> Summary:
    """Write ``summary.json`` for the whole tree and return the account of this run.

    Args:
        root: The tree.
        settings: Its settings.
        outcomes: What came of this run's frames.
        planned: The folders of this run's frames, absolute; all others are of earlier runs.
    """
    folder = (root / settings.split).absolute()
    earlier = _earlier(root, folder, planned, {outcome.key for outcome in outcomes}, settings.form)
    if settings.source == "twins":
        earlier = _joined(earlier)
    full = FULL if settings.source != "twins" else 0
    _write(root / "summary.json", _record(_summary([*outcomes, *earlier], full)))
    others = sum(not outcome.reason for outcome in earlier)
    return replace(_summary(outcomes, full), others=others)


def claim(root: Path, settings: Settings) -> None:
    """Write the manifest, or check that the one there says the same.

    Raises:
        DataError: It does not, or the folder holds something else.
    """
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


def _found(jobs: Sequence[Job], progress: Callable[[Outcome], object]) -> tuple[list[Outcome], list[Job]]:
    """Return the outcomes of the jobs that are done already, and the jobs that are not."""
    outcomes, left = [], []
    for job in jobs:
        asked = there(job)
        if asked is None:
            left.append(job)
        else:
            outcomes.append(Outcome(job.source.environment, job.source.name, asked, kept=True))
            progress(outcomes[-1])
    return outcomes, left


def _stop_when_many_fail(outcomes: Sequence[Outcome]) -> None:
    failed = [one for one in outcomes if one.unexpected]
    if len(failed) >= _SURPRISES and 2 * len(failed) >= len(outcomes):
        raise DataError(
            f"{len(failed)} of {len(outcomes)} frames failed in a way that is no fault of the data, "
            f"the first, {failed[0].key}, with {failed[0].reason}; what is done is kept"
        )


def _earlier(root: Path, folder: Path, planned: set[Path], tried: set[str], form: Form) -> list[Outcome]:
    """Return what earlier runs left in the tree and this one did not plan."""
    found = []
    for place in sorted(set(folder.glob("[!.]*/[!.]*")) - planned):
        asked = written(place, form)
        if asked is not None:
            found.append(Outcome(place.parent.name, place.name, tuple(asked), kept=True))
    try:
        skipped = json.loads((root / "summary.json").read_text(encoding="utf-8"))["skipped"]
        pairs = [(*key.split("/", 1), str(reason)) for key, reason in skipped.items() if key not in tried]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pairs = []
    return found + [Outcome(environment, frame, reason=reason) for environment, frame, reason in pairs]


def _joined(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Make one outcome of those of a frame's parts ``<frame>_a``, ``_b`` and ``_c``."""
    asked: dict[tuple[str, str], list[str]] = {}
    for one in outcomes:
        if not one.reason:
            asked.setdefault((one.environment, one.frame.rpartition("_")[0]), []).extend(one.asked)
    whole = [Outcome(*key, tuple(names), kept=True) for key, names in asked.items()]
    return whole + [one for one in outcomes if one.reason]


def _summary(outcomes: Sequence[Outcome], full: int) -> Summary:
    done = [one for one in outcomes if not one.reason]
    return Summary(
        written=sum(not one.kept for one in done),
        kept=sum(one.kept for one in done),
        skipped={one.key: one.reason for one in outcomes if one.reason},
        questions=Counter(chain.from_iterable(one.asked for one in done)),
        short={one.key: len(one.asked) for one in done if len(one.asked) < full},
    )


def _record(summary: Summary) -> dict[str, Any]:
    """Return the account for machines: the same however often the build was interrupted."""
    return {
        "frames": summary.written + summary.kept,
        "questions": dict(sorted(summary.questions.items())),
        "skipped": dict(sorted(summary.skipped.items())),
        "short": dict(sorted(summary.short.items())),
    }


def _write(file: Path, content: Any) -> None:
    write_whole(file, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
