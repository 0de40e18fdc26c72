"""Run a study's steps: each once, whatever interrupts it; a failed one costs only what needs it."""

from __future__ import annotations

import errno
import json
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
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
from panoenv_tasks.study.recipe import Study, plain
from panoenv_tasks.study.serving import Running, serving
from panoenv_tasks.study.steps import URL, WORK, Served, Step, existing, lanes_of, steps_of

State = Literal["done", "kept", "failed", "skipped"]
#: Called with a line that says where the study is; an empty name ends it.
Say = Callable[[str], None]

LOGS = "logs"
_ADVICE = "choose another folder with -o"
_POLL = 0.5
#: ``12/200`` in the progress bar of a command.
_COUNT = re.compile(rb"(\d+)/(\d+)")
_TAIL = 4096
#: Bytes; with less, a step that failed failed for that.
_LEAST_FREE = 1 << 16


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
        owned.remove_abandoned(out)
        ledger = Ledger(out, plain(study))
        ledger.write()
        return run_steps(steps_of(study, out.absolute()), study, out, ledger, say)


def run_steps(steps: Sequence[Step], study: Study, out: Path, ledger: Ledger, say: Say) -> list[Outcome]:
    """Run steps, those side by side that share no GPU, and return how each ended; see ``run_study``."""
    work = _Work(study, out, ledger, say)
    lanes = lanes_of(steps)
    if len(lanes) == 1:
        work.run_lane(lanes[0])
    else:
        with ThreadPoolExecutor(len(lanes)) as pool:
            try:
                for lane in as_completed([pool.submit(work.run_lane, lane) for lane in lanes]):
                    lane.result()
            except BaseException:
                work.stop()
                raise
    return [work.outcomes[step.name] for step in steps]


class _StoppedError(Exception):
    """Another lane ended the study."""


class _Work:
    """A study at work: what has ended so far, shared by the lanes."""

    def __init__(self, study: Study, out: Path, ledger: Ledger, say: Say) -> None:
        self.study, self.out, self.ledger, self.say = study, out, ledger, say
        self.outcomes: dict[str, Outcome] = {}
        self._stopped = False
        #: Held while something is written that all steps share; told whenever a step ends.
        self._changed = threading.Condition()

    def stop(self) -> None:
        """End the other lanes with all that they started."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def run_lane(self, steps: Sequence[Step]) -> None:
        """Run steps in order. Neighbours that need the same server share one."""
        position = 0
        while position < len(steps):
            group = [steps[position]]
            while (
                position + len(group) < len(steps) and steps[position + len(group)].served == group[0].served
            ):
                group.append(steps[position + len(group)])
            position += len(group)
            self._await(group[0])
            # A server is not started for what is done already.
            waiting = [step for step in group if not self._settled(step)]
            while waiting:
                waiting = self._run_group(waiting, group[0].served)

    def _await(self, step: Step) -> None:
        """Wait until all that a step reads has ended, in whichever lane."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._stopped
                    or all(need in self.outcomes for need in (*step.needs, *step.optional_needs))
                )
            )
        self._go_on()

    def _go_on(self) -> None:
        if self._stopped:
            raise _StoppedError

    def _end(self, outcome: Outcome) -> None:
        with self._changed:
            self.outcomes[outcome.step] = outcome
            self._changed.notify_all()

    def _settled(self, step: Step) -> bool:
        """Whether a step need not be run: done before, or something that it needs is not there."""
        for need in step.needs:
            if need in self.outcomes and self.outcomes[need].state in ("failed", "skipped"):
                self._end(Outcome(step.name, "skipped", 0.0, f"it needs {need}"))
                return True
        if any(need not in self.outcomes for need in (*step.needs, *step.optional_needs)):
            return False
        if self.ledger.is_done(step.name, self._inputs(step), self.out / step.name):
            self._end(Outcome(step.name, "kept", self.ledger.done[step.name].seconds))
            return True
        return False

    def _run_group(self, group: Sequence[Step], served: Served | None) -> list[Step]:
        """Run steps that share a server; returns those that are left when it died on the way."""
        called = "-".join((served.name, *served.gpus)) if served else ""
        log = self.out / LOGS / f"server-{re.sub(r'[^A-Za-z0-9.-]+', '-', called)}.log"
        log.parent.mkdir(exist_ok=True)

        def waiting(seconds: float) -> None:
            self._go_on()
            self.say(f"{group[0].name}: starting a server, {seconds:.0f} s")

        try:
            with serving(served, log, waiting) if served else nullcontext() as server:
                for position, step in enumerate(group, start=1):
                    self._await(step)
                    if not self._settled(step):
                        self._end(self._run(step, server))
                    if server and server.death:
                        return list(group[position:])
        except DataError as error:
            for step in group:
                if step.name not in self.outcomes:
                    self._end(Outcome(step.name, "failed", 0.0, str(error)))
        return []

    def _run(self, step: Step, server: Running | None) -> Outcome:
        began = time.monotonic()
        inputs = self._inputs(step)
        log = self.out / LOGS / f"{step.name}.log"
        # It was begun before and not finished, or its results were changed: it is made anew.
        owned.require_ours(self.out, step.name, _ADVICE)
        with owned.scratch(self.out, step.name) as work:
            target = work / step.name
            target.mkdir()
            url = server.url if server else ""
            places = {WORK: str(target), URL: url, URL.removesuffix("/v1"): url}
            command = [_filled(word, places) for word in existing(step, self.out)]
            code = self._watch(command, step, log, server)
            if code and shutil.disk_usage(self.out).free < _LEAST_FREE:
                raise OSError(errno.ENOSPC, "a step met a full disk")
            reason = f"it ended with code {code}" if code else _missing(step, target)
            if server and server.death:
                # Whatever came of it, some of its requests may have gone nowhere.
                reason = server.death
            elif reason:
                reason = f"{reason}; see {log}"
            else:
                with self._changed:
                    owned.place(work, self.out, step.name, _ADVICE)
        seconds = time.monotonic() - began
        if reason:
            return Outcome(step.name, "failed", seconds, reason)
        with self._changed:
            self.ledger.record(step.name, Done(inputs, sha256_of(self.out / step.name), seconds))
        return Outcome(step.name, "done", seconds)

    def _watch(self, command: list[str], step: Step, log: Path, server: Running | None) -> int:
        """Run a command to its end and say how far it is; its descendants end with it in every way out."""
        began = time.monotonic()
        with log.open("ab") as words:
            words.write(f"$ {' '.join(command)}\n".encode())
            words.flush()
            process = start(command, step.environment, words)
            try:
                while True:
                    try:
                        return process.wait(timeout=_POLL)
                    except subprocess.TimeoutExpired:
                        self._go_on()
                        if server and server.death:
                            return -1
                        self.say(f"{step.name}: {_clock(time.monotonic() - began)}{_progress(log)}")
            finally:
                end(process)

    def _inputs(self, step: Step) -> str:
        """Hash what decides a step's results: command, variables, what it reads, and the model's files."""
        needs = [name for name in (*step.needs, *step.optional_needs) if (self.out / name).is_dir()]
        served = step.served and {key: value for key, value in asdict(step.served).items() if key != "gpus"}
        parts = [json.dumps([list(existing(step, self.out)), dict(step.environment), served])]
        parts += [f"{name} {sha256_of(self.out / name)}" for name in needs]
        if step.name.startswith("ask-"):
            model = self.study.model
            for place in (model.serve, (model.args or {}).get("pretrained")):
                if place and Path(str(place)).is_dir():
                    parts.append(folder_stamp(Path(str(place))))
        return inputs_hash(parts)


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
