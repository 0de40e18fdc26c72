"""One judge server: the model behind it, whether it is still the same one, and whether it is well.

Whoever answers is checked to be the judge that the run began with: with every reply by its name, and
after every failure and every new connection by what the server says it serves.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from judges.protocol import Dialect, Message, Sampling
from judges.wire import JudgeError, RefusedError, Reply, Request, RetryableError, SampleError, send

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_LOG = logging.getLogger(__name__)
_IDENTIFYING = ContextVar("identifying", default=False)

#: Failures in a row, over all questions, that count as an outage.
OUTAGE_FAILURES = 5
_CONNECT_PATIENCE = 5.0
_TIMEOUT = 10.0
_LONGEST_POLL = 5.0
_SECONDS_BETWEEN_NOTICES = 30.0
_TRIAL = (Message("user", "What is the capital of France?"),)
_TRIAL_PATTERN = "K7|Q4"
_TRIAL_SCHEMA = """{"type": "object", "properties": {"answer": {"type": "string", "enum": ["K7", "Q4"]}},
    "required": ["answer"], "additionalProperties": false}"""
_TRIAL_REPLIES: dict[Dialect, str] = {
    "vllm": _TRIAL_PATTERN,
    "json": r'\s*\{\s*"answer"\s*:\s*"(K7|Q4)"\s*\}\s*',
    "plain": ".*",
}


@dataclass(frozen=True)
class ServedJudge:
    """The served name, the path or repository behind it, and its revision.

    A server does not tell the revision; it is ``unstated`` unless the operator states it. ``server``
    is the server's version, for the record.
    """

    model: str
    root: str
    revision: str
    server: str


async def healthy(api: AsyncOpenAI, base: str) -> bool:
    """Ask ``/health``, or, where a gateway knows no such path, for the list of models; never raises."""
    import openai

    for path in (f"{base}/health", f"{base}/v1/models"):
        try:
            await api.get(path, cast_to=str, options={"timeout": _TIMEOUT})
            return True
        except openai.APIStatusError as error:
            if error.status_code not in (404, 405, 501):
                return False
        except (openai.OpenAIError, ValueError):
            return False
    return False


async def discover(api: AsyncOpenAI, base: str, model: str, revision: str) -> ServedJudge:
    """Find the judge; ``model`` may be empty when only one is served.

    Raises:
        JudgeError: Nobody answers, the key is refused, or the model is not there.
    """
    import openai

    until = time.monotonic() + _CONNECT_PATIENCE
    while True:
        try:
            served = await served_models(api)
            break
        except openai.APIStatusError as error:
            hint = "set PANOENV_JUDGE_KEY" if error.status_code in (401, 403) else "is it a judge?"
            raise JudgeError(f"{base}/v1/models: HTTP {error.status_code}; {hint}") from None
        except openai.OpenAIError as error:
            if time.monotonic() > until:
                raise JudgeError(f"no judge answers at {base} ({error})") from None
            await asyncio.sleep(0.5)
    if not served:
        raise JudgeError(f"{base}/v1/models lists no model; is this an OpenAI-compatible server?")
    if not model and len(served) > 1:
        raise JudgeError(f"{base} serves {', '.join(served)}; say which with --model")
    name = model or next(iter(served))
    if name not in served:
        raise JudgeError(f"{base} does not serve {name!r}; it serves {', '.join(served)}")
    return ServedJudge(name, served[name], revision or "unstated", await _version(api, base))


async def served_models(api: AsyncOpenAI) -> dict[str, str]:
    """Return served names with the path or repository behind each; empty when the list is none.

    Raises:
        openai.OpenAIError: Nobody answers, or with an error.
    """
    try:
        listing: Any = await api.get("/models", cast_to=object, options={"timeout": _TIMEOUT})
        return {str(entry["id"]): str(entry.get("root") or entry["id"]) for entry in listing["data"]}
    except (KeyError, TypeError, AttributeError, ValueError):
        return {}


async def _version(api: AsyncOpenAI, base: str) -> str:
    import openai

    try:
        reply: Any = await api.get(f"{base}/version", cast_to=object, options={"timeout": _TIMEOUT})
        return str(reply["version"])
    except (openai.OpenAIError, ValueError, KeyError, TypeError):
        return "unknown"


class Server:
    """One server: who it is, how much it is asked, and whether it is well.

    Args:
        base: From ``wire.base_address``.
        model: Served name; empty when only one model is served.
        revision: As the operator knows it.
        deadline: Seconds that a trial question may take.
        patience: Seconds that an outage may last.
        constrained: Whether patterns must be obeyed.
        dialect: See ``protocol.Dialect``.
    """

    def __init__(
        self,
        base: str,
        *,
        model: str,
        revision: str,
        deadline: float,
        patience: float,
        constrained: bool,
        dialect: Dialect,
    ):
        self.base = base
        self.api: AsyncOpenAI
        self.judge: ServedJudge
        self.load = 0
        self.recovery: asyncio.Task[None] | None = None
        self.lost = ""
        self.replaced: JudgeError | None = None
        self._model = model
        self._revision = revision
        self._deadline = deadline
        self._patience = patience
        self._constrained = constrained
        self._dialect: Dialect = dialect
        self._answers_as = ""
        self._failures = 0
        # How often something happened after which another process may be answering, and how many of these
        # were followed by a look at who is.
        self._possible_changes = 0
        self._checked_changes = 0
        self._lock = asyncio.Lock()

    @property
    def down(self) -> bool:
        """Whether nothing is to be asked now."""
        return bool(self.lost) or self.recovery is not None

    @property
    def identity(self) -> tuple[str, str, str]:
        """Name, what is behind it, and the name that replies give."""
        return self.judge.model, self.judge.root, self._answers_as

    @property
    def described(self) -> str:
        """The identity in words."""
        return f"{self.judge.model!r} ({self.judge.root!r}, answers as {self._answers_as!r})"

    def note_connection(self) -> None:
        """Note that from now on another process may be answering."""
        if not _IDENTIFYING.get():
            self._possible_changes += 1

    async def identify(self) -> None:
        """Find out who is there and whether patterns are obeyed."""
        self.judge = await discover(self.api, self.base, self._model, self._revision)
        try:
            self._answers_as = await self._trial(self._deadline)
        except (RetryableError, SampleError, RefusedError) as error:
            raise JudgeError(f"{self.base} did not answer a trial question: {error}") from None
        self._checked_changes = self._possible_changes

    async def attempt(self, request: Request, left: float) -> Reply:
        """Make one attempt within ``left`` seconds, and make sure that the judge itself answered it."""
        self.load += 1
        try:
            async with asyncio.timeout(left):
                reply = await send(self.api, self.judge.model, request, left)
                await self._require_same_judge(reply)
        except TimeoutError:
            error = RetryableError(f"no reply within {left:.0f} s")
            self._failed(error)
            raise error from None
        except RetryableError as error:
            self._failed(error)
            raise
        except RefusedError as error:
            await self._refused(error, left)
            raise SampleError("request_error", f"refused: {error}") from None
        finally:
            self.load -= 1
        self._failures = 0
        return reply

    async def close(self) -> None:
        """End what still waits for its recovery."""
        if self.recovery is not None:
            self.recovery.cancel()
            await asyncio.gather(self.recovery, return_exceptions=True)

    async def _refused(self, refusal: RefusedError, left: float) -> None:
        """Raise when not this prompt alone is refused, but a harmless one too."""
        try:
            await self._trial(left)
        except (RefusedError, SampleError):
            raise JudgeError(f"{self.base} refuses: {refusal}; check --url, --model and the key") from None
        except RetryableError as error:
            self._failed(error)
            raise

    async def _require_same_judge(self, reply: Reply) -> None:
        if reply.model != self._answers_as:
            raise JudgeError(
                f"{self.base} answers as {reply.model!r} now; the run began with {self._answers_as!r}:"
                " another model has taken its name. Judge with one model at a time"
            )
        if self._checked_changes == self._possible_changes:
            return
        async with self._lock:
            if self._checked_changes != self._possible_changes:
                await self._check_identity()

    async def _check_identity(self) -> None:
        """Make sure that the same judge is still there.

        Raises:
            JudgeError: Another model has taken its place, or patterns are ignored.
            RetryableError: It does not say.
        """
        import openai

        changes = self._possible_changes
        outside = _IDENTIFYING.set(True)
        try:
            served = await served_models(self.api)
            answers_as = await self._trial(self._deadline)
        except (openai.OpenAIError, SampleError, RefusedError) as error:
            raise RetryableError(f"the server does not say which model it serves ({error})") from None
        finally:
            _IDENTIFYING.reset(outside)
        root = served.get(self.judge.model)
        if (root, answers_as) != (self.judge.root, self._answers_as):
            raise JudgeError(
                f"another model has taken the name {self.judge.model!r} at {self.base}: it is now {root!r}"
                f" (answers as {answers_as!r}), the run began with {self.judge.root!r}"
            )
        self._checked_changes = changes

    async def _trial(self, left: float) -> str:
        """Ask something whose natural answer breaks a pattern; returns who says to have answered.

        A pattern is the one thing that a server may ignore without a word.
        """
        pattern = _TRIAL_PATTERN if self._constrained else None
        sampling = Sampling(max_tokens=16 if pattern else 1)
        request = Request(_TRIAL, sampling, pattern, self._dialect, _TRIAL_SCHEMA if pattern else None)
        async with asyncio.timeout(left):
            reply = await send(self.api, self.judge.model, request, left)
        wanted = _TRIAL_REPLIES[self._dialect]
        if pattern and not re.fullmatch(wanted, reply.text):
            what = "structured_outputs" if self._dialect == "vllm" else "response_format"
            raise JudgeError(
                f"{self.base} ignores {what} (a trial question got {reply.text[:40]!r}); strict protocols"
                " need vLLM 0.12 or newer, or --server json or plain for what other servers can do"
            )
        return reply.model

    def _failed(self, error: RetryableError) -> None:
        self._possible_changes += 1
        if error.busy:
            return
        self._failures += 1
        if self._failures >= OUTAGE_FAILURES and not self.down:
            self.recovery = asyncio.create_task(self._recover(str(error)))

    async def _recover(self, reason: str) -> None:
        """Wait until the server is well and still the same judge; give up after ``patience`` seconds."""
        patience = self._patience
        began, pause, last_notice = time.monotonic(), 0.1, float("-inf")
        try:
            while not await self._is_well():
                down_for = time.monotonic() - began
                if down_for + pause > patience:
                    self.lost = f"the judge server at {self.base} has been down for {patience:.0f} s"
                    _LOG.warning("%s", self.lost)
                    return
                if down_for - last_notice >= _SECONDS_BETWEEN_NOTICES:
                    last_notice = down_for
                    _LOG.warning(
                        "the judge server at %s is down (%s), for %.0f s now; waiting up to %.0f s",
                        *(self.base, reason, down_for, patience),
                    )
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_POLL)
            self._failures = 0
            if last_notice >= 0:
                _LOG.warning(
                    "the judge server at %s is back after %.0f s", self.base, time.monotonic() - began
                )
        except JudgeError as error:
            self.replaced = error
        finally:
            self.recovery = None

    async def _is_well(self) -> bool:
        if not await healthy(self.api, self.base):
            return False
        try:
            async with self._lock:
                await self._check_identity()
        except (RetryableError, TimeoutError):
            return False
        return True
