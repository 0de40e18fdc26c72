"""Run a study's steps: each once, whatever interrupts it; a failed one costs only what needs it."""

from __future__ import annotations

import errno
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Literal

from panoenv_tasks import owned
from panoenv_tasks.alone import alone
from panoenv_tasks.items import DataError
from panoenv_tasks.processes import end, start
from panoenv_tasks.study.ledger import Done, Ledger, folder_stamp, inputs_hash, sha256_of
from panoenv_tasks.study.recipe import Study
from panoenv_tasks.study.serving import serving
from panoenv_tasks.study.steps import URL, WORK, Served, Step, existing, steps_of

State = Literal["done", "kept", "failed", "skipped"]
#: Called with a line that says where the study is; an empty name ends it.
Say = Callable[[str], None]

LOGS = "logs"
_ADVICE = "choose another folder with -o"
_POLL = 0.5
#: ``12/200`` in the progress bar of a command.
_COUNT = re.compile(rb"(\d+)/(\d+)")
_TAIL = 4096


@dataclass(frozen=True)
class Outcome:
    """How a step ended; ``reason`` is empty unless it failed or was skipped."""

    step: str
    state: State
    seconds: float
    reason: str = ""


def run_study(study: Study, out: Path, say: Say) -> list[Outcome]:
    """Run the steps that are not done yet and return how each ended, in order.

    Args:
        study: The study.
        out: Its output folder.
        say: Told where the study is, a few times a second at most.

    Raises:
        DataError: The folder holds another study, another process is at work in it, or the disk is full.
        KeyboardInterrupt: Ctrl-C or SIGTERM; servers and steps are ended, what was finished is kept.
    """
    with alone(out, "study", _ADVICE), _terminated_like_interrupted(), _full_disk_explained(out):
        ledger = Ledger(out, asdict(study))
        ledger.write()
        return _run_all(study, out, ledger, say)


def _run_all(study: Study, out: Path, ledger: Ledger, say: Say) -> list[Outcome]:
    steps = steps_of(study, out.absolute())
    outcomes: dict[str, Outcome] = {}
    position = 0
    while position < len(steps):
        # Neighbours that need the same server share one; it is not started for what is done already.
        group = [steps[position]]
        while position + len(group) < len(steps) and steps[position + len(group)].served == group[0].served:
            group.append(steps[position + len(group)])
        position += len(group)
        waiting = [step for step in group if not _settled(step, out, study, ledger, outcomes)]
        _run_group(waiting, group[0].served, out, study, ledger, outcomes, say)
    return [outcomes[step.name] for step in steps]


def _settled(step: Step, out: Path, study: Study, ledger: Ledger, outcomes: dict[str, Outcome]) -> bool:
    """Whether a step need not be run: done before, or something that it needs is not there."""
    for need in step.needs:
        if need in outcomes and outcomes[need].state in ("failed", "skipped"):
            outcomes[step.name] = Outcome(step.name, "skipped", 0.0, f"it needs {need}")
            return True
    if any(need not in outcomes for need in (*step.needs, *step.optional_needs)):
        return False
    if ledger.is_done(step.name, _inputs(step, out, study, outcomes), out / step.name):
        outcomes[step.name] = Outcome(step.name, "kept", ledger.done[step.name].seconds)
        return True
    return False


def _run_group(
    group: list[Step],
    served: Served | None,
    out: Path,
    study: Study,
    ledger: Ledger,
    outcomes: dict[str, Outcome],
    say: Say,
) -> None:
    if not group:
        return
    log = out / LOGS / f"server-{re.sub(r'[^A-Za-z0-9.-]+', '-', served.name) if served else ''}.log"
    log.parent.mkdir(exist_ok=True)
    server = (
        serving(served, log, lambda waited: say(f"{group[0].name}: starting a server, {waited:.0f} s"))
        if served
        else nullcontext("")
    )
    try:
        with server as url:
            for step in group:
                if not _settled(step, out, study, ledger, outcomes):
                    outcomes[step.name] = _run(step, out, study, ledger, outcomes, url, say)
    except DataError as error:
        for step in group:
            outcomes.setdefault(step.name, Outcome(step.name, "failed", 0.0, str(error)))


def _run(
    step: Step, out: Path, study: Study, ledger: Ledger, outcomes: dict[str, Outcome], url: str, say: Say
) -> Outcome:
    began = time.monotonic()
    inputs = _inputs(step, out, study, outcomes)
    log = out / LOGS / f"{step.name}.log"
    # It was begun before and not finished, or its results were changed: it is made anew.
    owned.require_ours(out, step.name, _ADVICE)
    with owned.scratch(out, step.name) as work:
        target = work / step.name
        target.mkdir()
        places = {WORK: str(target), URL: url, URL.removesuffix("/v1"): url}
        command = [_filled(word, places) for word in existing(step, out)]
        code = _watch(command, step, log, say)
        reason = f"it ended with code {code}" if code else _missing(step, target)
        if not reason:
            owned.place(work, out, step.name, _ADVICE)
    seconds = time.monotonic() - began
    if reason:
        return Outcome(step.name, "failed", seconds, f"{reason}; see {log}")
    ledger.record(step.name, Done(inputs, sha256_of(out / step.name), seconds))
    return Outcome(step.name, "done", seconds)


def _watch(command: list[str], step: Step, log: Path, say: Say) -> int:
    """Run a command to its end and say how far it is; its descendants end with it in every way out."""
    began = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as words:
        words.write(f"$ {' '.join(command)}\n".encode())
        words.flush()
        process = start(command, step.environment, words)
        try:
            while True:
                try:
                    return process.wait(timeout=_POLL)
                except subprocess.TimeoutExpired:
                    say(f"{step.name}: {_clock(time.monotonic() - began)}{_progress(log)}")
        finally:
            end(process)


def _progress(log: Path) -> str:
    """Return what the newest progress bar in a log says, with the time left at its pace."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL))
        counts = _COUNT.findall(file.read())
    if not counts:
        return ""
    done, total = map(int, counts[-1])
    return f", {done} of {total}" if done <= total else ""


def _missing(step: Step, folder: Path) -> str:
    absent = [pattern for pattern in step.expects if not any(folder.glob(pattern))]
    return f"it left no {absent[0]}" if absent else ""


def _inputs(step: Step, out: Path, study: Study, outcomes: Mapping[str, Outcome]) -> str:
    """Hash what decides a step's results: command, variables, what it reads, and the model's files."""
    needs = [name for name in (*step.needs, *step.optional_needs) if (out / name).is_dir()]
    parts = [
        json.dumps([list(existing(step, out)), dict(step.environment), step.served and asdict(step.served)])
    ]
    parts += [f"{name} {sha256_of(out / name)}" for name in needs]
    if step.name.startswith("ask-"):
        for place in (study.model.serve, (study.model.args or {}).get("pretrained")):
            if place and Path(str(place)).is_dir():
                parts.append(folder_stamp(Path(str(place))))
    return inputs_hash(parts)


def _filled(word: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        word = word.replace(name, value)
    return word


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM end the study the way Ctrl-C does."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _full_disk_explained(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise DataError(
            f"{out}: the disk is full; free some room and run the same command again: what is finished "
            "is kept"
        ) from None


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
