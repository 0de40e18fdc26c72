"""Judge many samples: each prompt asked at most once, nothing finished is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from judges.client import Client, OutageError
from judges.defence import suspicions, without_steering
from judges.judge_one import judge_id, judge_one, verdict_key
from judges.protocol import ModelProtocol, Prompt, Protocol, RulesProtocol
from judges.records import Verdict
from judges.store import Store
from judges.wire import JudgeError
from panoenv_tasks.records import Sample

#: Told about every verdict that had to be requested, as it comes in, and how many there will be.
Progress = Callable[[Verdict, int], None]


@dataclass(frozen=True)
class _SamplePrompts:
    """What has to be asked about one sample: its answer, and the answer without steering text."""

    prompt: Prompt | None
    clean_prompt: Prompt | None = None
    flags: tuple[str, ...] = ()
    reason: str = ""


def score_records(
    records: Sequence[Sample],
    protocol: Protocol,
    client: Client | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
) -> list[Verdict]:
    """Return one verdict per record, in their order.

    Equal prompts are asked once; what ``store`` holds is not asked again. When the judge fails for
    good on the way, the verdicts so far are kept, and the rest are ``request_error``.

    Args:
        records: Samples of one run of one model.
        protocol: See ``protocol.load_protocol``.
        client: The judge; needed unless the protocol computes its scores.
        store: An opened store; None remembers nothing beyond this call.
        progress: Called after each new verdict.

    Raises:
        JudgeError: The judge cannot be used at all.
        ValueError: The protocol asks a model and there is no client.
    """
    if isinstance(protocol, RulesProtocol):
        return [protocol.grade(record) for record in records]
    if client is None:
        raise ValueError(f"{protocol.id} asks a model: it needs a client")
    return _run(_score(records, protocol, client, store or Store(), progress))


def _run(work: Coroutine[Any, Any, list[Verdict]]) -> list[Verdict]:
    """Run to the end, in a thread of its own where a loop is running already (notebooks)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _score(
    records: Sequence[Sample],
    protocol: ModelProtocol,
    client: Client,
    store: Store,
    progress: Progress | None,
) -> list[Verdict]:
    cases = [_prompts_of(record, protocol) for record in records]
    asked_about = (p for case in cases for p in (case.prompt, case.clean_prompt) if p is not None)
    prompts = dict.fromkeys(asked_about)
    constrained = protocol.pattern is not None or protocol.rescue is not None
    async with client.session(constrained=constrained) as session:
        name = judge_id(protocol, session.judge)
        keys = {prompt: verdict_key(protocol, session.judge, prompt) for prompt in prompts}
        verdicts = {p: replace(v, reused=True) for p, key in keys.items() if (v := store.get(key))}
        missing = [prompt for prompt in prompts if prompt not in verdicts]

        async def request(prompt: Prompt) -> None:
            verdict = await judge_one(session, protocol, prompt, name)
            store.add(keys[prompt], verdict)
            verdicts[prompt] = verdict
            if progress is not None:
                progress(verdict, len(missing))

        outage = await _in_flight(request, missing, client.in_flight)
    unasked = Verdict("request_error", None, "", name, reason=outage)
    return _collect(cases, verdicts, unasked)


def _prompts_of(record: Sample, protocol: ModelProtocol) -> _SamplePrompts:
    answer = None if record.error else protocol.extract(record.text)
    if answer is None:
        return _SamplePrompts(None, reason=record.error or "the model gave no answer")
    flags: tuple[str, ...] = suspicions(answer)
    cleaned = without_steering(answer) if set(flags) - {"hedge"} else ""
    if protocol.max_answer is not None and len(answer) > protocol.max_answer:
        flags = (*flags, "cut_answer")
    return _SamplePrompts(
        prompt=protocol.build(record, answer),
        clean_prompt=protocol.build(record, cleaned) if cleaned else None,
        flags=flags,
    )


async def _in_flight(
    request: Callable[[Prompt], Awaitable[None]], prompts: Sequence[Prompt], limit: int
) -> str:
    """Request a verdict for each prompt, ``limit`` at a time; returns why it stopped early, if it did."""
    waiting = iter(prompts)
    refusals: list[JudgeError] = []
    outages: list[OutageError] = []

    async def work() -> None:
        for prompt in waiting:
            await request(prompt)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(limit, len(prompts))):
                group.create_task(work())
    except* JudgeError as errors:
        refusals += [e for e in errors.exceptions if isinstance(e, JudgeError)]
    except* OutageError as errors:
        outages += [e for e in errors.exceptions if isinstance(e, OutageError)]
    if refusals:
        raise refusals[0]
    return str(outages[0]) if outages else ""


def _collect(
    cases: Sequence[_SamplePrompts], verdicts: Mapping[Prompt, Verdict], unasked: Verdict
) -> list[Verdict]:
    """Give each case its verdict; what several share is marked as reused from the second on."""
    paid: set[Prompt] = set()

    def take(prompt: Prompt) -> Verdict:
        verdict = verdicts.get(prompt, unasked)
        if prompt in paid:
            verdict = replace(verdict, reused=True)
        paid.add(prompt)
        return verdict

    found = []
    for case in cases:
        if case.prompt is None:
            verdict = replace(unasked, status="no_answer", reason=case.reason)
        else:
            verdict = take(case.prompt)
        if case.clean_prompt is not None:
            clean = take(case.clean_prompt)
            usage = verdict.usage if clean.reused else verdict.usage + clean.usage
            verdict = replace(verdict, clean_score=clean.score, usage=usage)
        found.append(replace(verdict, flags=(*case.flags, *verdict.flags)))
    return found


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
