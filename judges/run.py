"""Judge many samples: each prompt asked at most once, nothing finished is lost."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

from judges.client import Client, OutageError, Session, StoppedError
from judges.defence import suspicions, without_steering
from judges.judge_one import JudgeQuestion, judge_one
from judges.protocol import ModelProtocol, Protocol, RulesProtocol
from judges.records import Verdict
from judges.store import Store, judge_id, verdict_keys
from panoenv_tasks.records import Sample

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")

#: Told about every verdict that had to be requested, as it comes in, and how many there will be.
Progress = Callable[[Verdict, int], None]
#: Seconds that questions in flight may still take when a run has to end.
DRAIN_SECONDS = 30.0


@dataclass(frozen=True)
class _SampleQuestions:
    """What has to be asked about one sample: its answer, and the answer without steering text.

    ``unasked``: the verdict where there is nothing to ask. ``nothing_left``: the answer was steering
    text and nothing else.
    """

    question: JudgeQuestion | None = None
    clean_question: JudgeQuestion | None = None
    flags: tuple[str, ...] = ()
    unasked: Verdict | None = None
    nothing_left: bool = False


def score_records(
    records: Sequence[Sample],
    protocol: Protocol,
    client: Client | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
) -> list[Verdict]:
    """Return one verdict per record, in their order.

    Equal prompts are asked once; what ``store`` holds is not asked again. When the judge goes away for
    good on the way, the verdicts so far are kept, and the rest are ``request_error``.

    Args:
        records: Samples of one run of one model.
        protocol: See ``built_in.load_protocol``.
        client: The judge; needed unless the protocol computes its scores.
        store: An opened store; None remembers nothing beyond this call.
        progress: Called after each new verdict.

    Raises:
        JudgeError: The judge cannot be used at all, or another one has taken its place.
        DataError: A verdict cannot be stored.
        KeyboardInterrupt: SIGINT or SIGTERM; what was in flight is in the store.
        ValueError: The protocol asks a model and there is no client.
    """
    if isinstance(protocol, RulesProtocol):
        return [protocol.grade(record) for record in records]
    if client is None:
        raise ValueError(f"{protocol.id} asks a model: it needs a client")
    samples = [_questions_about(record, protocol) for record in records]
    questions = [q for s in samples for q in (s.question, s.clean_question) if q is not None]
    verdicts, unasked = ask_all(questions, protocol, client, store, progress)
    return _collect(samples, verdicts, unasked, protocol)


def ask_all(
    questions: Sequence[JudgeQuestion],
    protocol: ModelProtocol,
    client: Client,
    store: Store | None = None,
    progress: Progress | None = None,
) -> tuple[dict[JudgeQuestion, Verdict], Verdict]:
    """Return the verdicts on all questions, and the one that stands for those which were not asked.

    Raises:
        JudgeError, DataError, KeyboardInterrupt: See ``score_records``.
    """
    return _run(_ask_all(questions, protocol, client, store or Store(), progress))


def _run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end, in a thread of its own where a loop is running already (notebooks)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _ask_all(
    questions: Sequence[JudgeQuestion],
    protocol: ModelProtocol,
    client: Client,
    store: Store,
    progress: Progress | None,
) -> tuple[dict[JudgeQuestion, Verdict], Verdict]:
    forced = protocol.rescue is not None or any(q.pattern is not None for q in questions)
    constrained = forced and protocol.dialect != "plain"
    async with client.session(constrained=constrained, dialect=protocol.dialect) as session:
        name = judge_id(protocol, session.judge)
        keys = verdict_keys(protocol, session.judge, list(dict.fromkeys(questions)))
        verdicts = {q: replace(v, reused=True) for q, key in keys.items() if (v := store.get(key))}
        missing = [question for question in keys if question not in verdicts]

        async def request(question: JudgeQuestion) -> None:
            key = keys[question]
            if known := store.get(key):
                # Another run that shares the store was faster.
                verdicts[question] = replace(known, reused=True)
                return
            verdict = await judge_one(session, protocol, question, name)
            store.add(key, verdict)
            verdicts[question] = verdict
            if progress is not None:
                progress(verdict, len(missing))

        outage = await _in_flight(request, missing, session)
    return verdicts, Verdict("request_error", None, "", name, reason=outage)


def _questions_about(record: Sample, protocol: ModelProtocol) -> _SampleQuestions:
    if record.error:
        return _SampleQuestions(unasked=Verdict("model_error", None, "", "", reason=record.error))
    answer = protocol.extract(record.text)
    if answer is None:
        return _SampleQuestions(unasked=Verdict("no_answer", None, "", "", reason="the model gave no answer"))
    flags: tuple[str, ...] = suspicions(answer)
    steers = bool(set(flags) - {"hedge"})
    cleaned = without_steering(answer) if steers else ""
    if protocol.max_answer is not None and len(answer) > protocol.max_answer:
        flags = (*flags, "cut_answer")

    def question(text: str) -> JudgeQuestion:
        # Where the protocol publishes zeros, it makes no difference why there is no score.
        blank = partial(protocol.build, record, "") if protocol.headline == "mean" else None
        return JudgeQuestion(protocol.build(record, text), protocol.pattern, protocol.schema, blank)

    return _SampleQuestions(
        question=question(answer),
        clean_question=question(cleaned) if cleaned else None,
        flags=flags,
        nothing_left=steers and not cleaned,
    )


async def _in_flight(
    request: Callable[[JudgeQuestion], Awaitable[None]], questions: Sequence[JudgeQuestion], session: Session
) -> str:
    """Request a verdict for each question; returns why it stopped early, if it did.

    When the run has to end, no new question is asked, and those in flight may finish.
    """
    waiting = iter(questions)
    problems: list[Exception] = []

    async def work() -> None:
        for question in waiting:
            if session.stopping.is_set():
                return
            try:
                await request(question)
            except StoppedError:
                return
            except Exception as error:
                problems.append(error)
                session.stopping.set()

    workers = [asyncio.create_task(work()) for _ in range(min(session.in_flight, len(questions)))]
    with _stopped_by_signals(session.stopping, workers) as received:
        ended = asyncio.gather(*workers, return_exceptions=True)
        stopped = asyncio.create_task(session.stopping.wait())
        await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((ended,), timeout=DRAIN_SECONDS)
        stopped.cancel()
        for worker in workers:
            worker.cancel()
        await ended
    if received:
        raise KeyboardInterrupt
    outage = next((error for error in problems if isinstance(error, OutageError)), None)
    if problems and outage is not problems[0]:
        raise problems[0]
    return str(outage) if outage else ""


@contextmanager
def _stopped_by_signals(
    stopping: asyncio.Event, workers: Sequence[asyncio.Task[None]]
) -> Iterator[list[int]]:
    """Let SIGINT and SIGTERM end the run in good order, and a second one at once."""
    received: list[int] = []
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        if received:
            for worker in workers:
                worker.cancel()
        else:
            _LOG.warning(
                "stopping: the questions in flight may take %.0f s to finish; once more to stop at once",
                DRAIN_SECONDS,
            )
        received.append(number)
        stopping.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        for number in numbers:
            loop.add_signal_handler(number, stop, number)
    except NotImplementedError:
        # Windows: Ctrl-C ends the run at once; what has its verdict is in the store.
        yield received
        return
    try:
        yield received
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])


def _collect(
    samples: Sequence[_SampleQuestions],
    verdicts: Mapping[JudgeQuestion, Verdict],
    unasked: Verdict,
    protocol: ModelProtocol,
) -> list[Verdict]:
    """Give each sample its verdict; what several share is marked as reused from the second on."""
    paid: set[JudgeQuestion] = set()

    def take(question: JudgeQuestion) -> Verdict:
        verdict = verdicts.get(question, unasked)
        if question in paid:
            verdict = replace(verdict, reused=True)
        paid.add(question)
        return verdict

    collected = []
    for sample in samples:
        if sample.question is None:
            assert sample.unasked is not None
            verdict = replace(sample.unasked, judge_id=unasked.judge_id)
        else:
            verdict = take(sample.question)
        if sample.clean_question is not None:
            clean = take(sample.clean_question)
            usage = verdict.usage if clean.reused else verdict.usage + clean.usage
            verdict = replace(verdict, clean_score=clean.score, usage=usage)
        elif sample.nothing_left:
            verdict = replace(verdict, clean_score=float(protocol.scale[0]))
        if sample.flags:
            verdict = replace(verdict, flags=(*sample.flags, *verdict.flags))
        collected.append(verdict)
    return collected


class ProgressBar:
    """Appears with the first verdict that has to be requested. Use as a context manager."""

    def __init__(self, label: str):
        self._label = label
        self._bar: Any = None
        self._failed = 0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self, verdict: Verdict, total: int) -> None:
        """Note one verdict out of ``total``."""
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(total=total, desc=self._label, unit="verdict")
        self._failed += verdict.score is None
        self._bar.set_postfix(failed=self._failed, refresh=False)
        self._bar.update()
