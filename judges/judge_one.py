"""One prompt, one verdict: ask, check, parse, rescue, weigh.

The expected score is the mean under the judge's token probabilities (the idea of G-Eval, arXiv
2303.16634). In a constrained reply the first digit's alternatives carry all the mass, except that "1" may
be a one or the beginning of "10" when the tokenizer spells digits singly. If the judge wrote a "1", the
next token tells; if not, one more call has to.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from judges import defence
from judges.client import Session
from judges.protocol import ModelProtocol, Prompt, Sampling
from judges.records import Usage, Verdict
from judges.wire import Reply, Request, SampleError, Token, continued


@dataclass(frozen=True)
class JudgeQuestion:
    """What is put to a judge: a prompt, what the reply must match, and a way to the prompt with no answer.

    ``schema``: what servers other than vLLM are told instead of the pattern, a JSON schema.
    """

    prompt: Prompt
    pattern: str | None
    schema: str | None = None
    without_answer: Callable[[], Prompt] | None = field(default=None, compare=False)


async def judge_one(
    session: Session, protocol: ModelProtocol, question: JudgeQuestion, judge_id: str
) -> Verdict:
    """Put one question to the judge; whatever goes wrong with it ends in the verdict's status.

    Raises:
        JudgeError: The server refuses every prompt, or is another judge now.
        OutageError: The server is down for good.
        StoppedError: The run is ending.
    """
    started = time.monotonic()
    verdict = await _ask(session, protocol, question, judge_id)
    return replace(verdict, latency=round(time.monotonic() - started, 3))


async def _ask(session: Session, protocol: ModelProtocol, question: JudgeQuestion, judge_id: str) -> Verdict:
    prompt = question.prompt
    request = Request(prompt, protocol.sampling, question.pattern, protocol.dialect, question.schema)
    try:
        reply, attempts = await session.ask(request)
    except SampleError as error:
        failed = Verdict(error.status, None, "", judge_id, reason=str(error))
        if error.status == "too_long" and question.without_answer is not None:
            return await _whose_length(session, replace(request, prompt=question.without_answer()), failed)
        return failed
    verdict = _read(protocol, reply, judge_id, attempts, question.pattern)
    if verdict.score is None and protocol.rescue is not None and not isinstance(prompt, str):
        opening = verdict.raw.rstrip() + protocol.rescue.opening
        forced = Request(
            continued(prompt, opening), Sampling(max_tokens=4), protocol.rescue.pattern, continues=True
        )
        return await _rescue(session, protocol, forced, opening, verdict)
    if verdict.score is not None and protocol.weighed and reply.tokens:
        return await _weigh(session, request, reply, verdict)
    return verdict


async def _whose_length(session: Session, without_answer: Request, too_long: Verdict) -> Verdict:
    """Tell an answer that is too long from a server whose context does not even hold the question."""
    try:
        await session.ask(without_answer)
    except SampleError as error:
        if error.status == "too_long":
            reason = "the question alone exceeds the judge's context; serve it with a larger --max-model-len"
            return replace(too_long, status="request_error", reason=reason)
    return too_long


def _read(
    protocol: ModelProtocol, reply: Reply, judge_id: str, attempts: int, pattern: str | None
) -> Verdict:
    cut = reply.finish_reason == "length"
    flags = [
        *(["cut_reply"] if cut else []),
        *(["contradicts_itself"] if defence.contradicts_itself(reply.text) else []),
    ]
    fits = pattern is None or re.fullmatch(pattern, defence.what_is_said(reply.text)) is not None
    score = protocol.parse(reply.text) if fits and (protocol.reads_cut_replies or not cut) else None
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


#: Below this probability of "1" the split of 1 and 10 cannot move the mean by more than 0.05.
NEGLIGIBLE = 0.005
#: With less mass than this on readable scores there is no mean to speak of.
_ENOUGH_MASS = 0.9
_FIRST_DIGITS = re.compile(r"\D*(\d{1,2})", re.ASCII)


class OpenSplitError(Exception):
    """The probability of a "0" after "Score: 1" is needed and not known."""


def expected_score(tokens: Sequence[Token], zero_after_one: float | None = None) -> float | None:
    """Return the mean score; None when the reply carries no usable probabilities.

    Args:
        tokens: The reply to ``Score: (10|[0-9])``, with alternatives.
        zero_after_one: Probability that "0" follows "Score: 1", when it was asked for.

    Raises:
        OpenSplitError: ``zero_after_one`` is needed; see ``zero_probability``.
    """
    place = next((i for i, token in enumerate(tokens) if re.search(r"\d", token.text)), None)
    if place is None:
        return None
    mass: dict[int, float] = {}
    for text, probability in tokens[place].alternatives.items():
        if match := _FIRST_DIGITS.fullmatch(text):
            value = int(match[1])
            mass[value] = mass.get(value, 0.0) + probability
    total = sum(mass.values())
    # Written so that a NaN counts as too little.
    if not total >= _ENOUGH_MASS or any(value > 10 for value in mass):
        return None
    mean = sum(value * probability for value, probability in mass.items()) / total
    one = mass.get(1, 0.0) / total
    if one <= NEGLIGIBLE:
        return mean
    if zero_after_one is None:
        zero_after_one = _written_zero(tokens[place:])
    return mean + 9 * one * zero_after_one


def zero_probability(tokens: Sequence[Token]) -> float | None:
    """Return the probability of "0" in a reply that continues "Score: 1" with ``0?``."""
    return _share_of_zero(tokens[0]) if tokens else None


def _written_zero(tokens: Sequence[Token]) -> float:
    if tokens[0].text.endswith("1") and len(tokens) > 1:
        return _share_of_zero(tokens[1])
    raise OpenSplitError


def _share_of_zero(token: Token) -> float:
    total = sum(token.alternatives.values())
    return token.alternatives.get("0", 0.0) / total if total > 0 else 0.0
