"""One prompt, one verdict: ask, check, parse, rescue, weigh."""

from __future__ import annotations

import time
from dataclasses import replace

from judges.client import Session
from judges.expected import OpenSplitError, expected_score, zero_probability
from judges.parse import contradicts_itself
from judges.protocol import ModelProtocol, Prompt, Sampling
from judges.records import Usage, Verdict
from judges.wire import Reply, Request, SampleError, continued


async def consult(session: Session, protocol: ModelProtocol, prompt: Prompt, judge_id: str) -> Verdict:
    """Put one prompt to the judge; whatever goes wrong with it ends in the verdict's status.

    Raises:
        JudgeError: The server refuses every prompt.
        OutageError: The server is down for good.
    """
    started = time.monotonic()
    verdict = await _ask(session, protocol, prompt, judge_id)
    return replace(verdict, latency=round(time.monotonic() - started, 3))


async def _ask(session: Session, protocol: ModelProtocol, prompt: Prompt, judge_id: str) -> Verdict:
    request = Request(prompt, protocol.sampling, protocol.pattern)
    try:
        reply, attempts = await session.ask(request)
    except SampleError as error:
        return Verdict(error.status, None, "", judge_id, reason=str(error))
    verdict = _read(protocol, reply, judge_id, attempts)
    if verdict.score is None and protocol.rescue is not None and not isinstance(prompt, str):
        opening = verdict.raw.rstrip() + protocol.rescue.opening
        forced = Request(
            continued(prompt, opening), Sampling(max_tokens=4), protocol.rescue.pattern, continues=True
        )
        return await _rescue(session, protocol, forced, opening, verdict)
    if verdict.score is not None and reply.tokens:
        return await _weigh(session, request, reply, verdict)
    return verdict


def _read(protocol: ModelProtocol, reply: Reply, judge_id: str, attempts: int) -> Verdict:
    cut = reply.finish_reason == "length"
    flags = [
        *(["cut_reply"] if cut else []),
        *(["contradicts_itself"] if contradicts_itself(reply.text) else []),
    ]
    score = protocol.parse(reply.text) if protocol.reads_cut_replies or not cut else None
    verdict = Verdict(
        status="scored",
        score=score,
        raw=reply.text,
        judge_id=judge_id,
        usage=reply.usage,
        flags=tuple(flags),
        finish_reason=reply.finish_reason,
        attempts=attempts,
    )
    if score is not None:
        return verdict
    if cut:
        return replace(verdict, status="truncated", reason="the reply was cut at max_tokens")
    return replace(verdict, status="parse_error", reason="no score in the reply")


async def _rescue(
    session: Session, protocol: ModelProtocol, request: Request, opening: str, verdict: Verdict
) -> Verdict:
    """Let the judge go on from its own words, with nothing left to write but the score."""
    try:
        reply, attempts = await session.ask(request)
    except SampleError as error:
        return replace(verdict, reason=f"{verdict.reason}; {error}")
    raw = opening + reply.text
    score = protocol.parse(raw)
    return replace(
        verdict,
        status=verdict.status if score is None else "scored",
        score=score,
        raw=raw,
        usage=verdict.usage + reply.usage,
        flags=(*verdict.flags, "rescued"),
        reason=verdict.reason if score is None else "",
        attempts=verdict.attempts + attempts,
    )


async def _weigh(session: Session, request: Request, reply: Reply, verdict: Verdict) -> Verdict:
    """Add the expected score; a call that fails on the way costs only that."""
    try:
        return replace(verdict, expected=expected_score(reply.tokens))
    except OpenSplitError:
        zero, usage = await _zero_after_one(session, request)
    expected = None if zero is None else expected_score(reply.tokens, zero)
    return replace(verdict, expected=expected, usage=verdict.usage + usage)


async def _zero_after_one(session: Session, request: Request) -> tuple[float | None, Usage]:
    if isinstance(request.prompt, str):
        return None, Usage()
    split = Request(
        continued(request.prompt, "Score: 1"),
        replace(request.sampling, max_tokens=1),
        pattern="0?",
        continues=True,
    )
    try:
        reply, _ = await session.ask(split)
    except SampleError:
        return None, Usage()
    return zero_probability(reply.tokens), reply.usage
