"""One call to an OpenAI-compatible server: what is sent, who answers, and whether a reply can be trusted.

A server or a proxy may say 200 and still fail: an HTML page, no choices, null content. The openai
client passes all of that on, so it is checked here.
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from judges.protocol import Message, Prompt, Sampling
from judges.records import Usage
from panoenv_tasks.items import DataError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

#: The most alternatives vLLM returns by default (``--max-logprobs``).
TOP_LOGPROBS = 20

_RETRIED_STATUS = {408, 409, 425, 429, 500, 502, 503, 504}


class JudgeError(DataError):
    """The judge cannot be used as asked: not there, wrong key or model, constraints ignored."""


class RetryableError(Exception):
    """This attempt failed; another may not. ``after`` is the server's own Retry-After, in seconds."""

    def __init__(self, reason: str, after: float | None = None):
        super().__init__(reason)
        self.after = after


class SampleError(Exception):
    """This prompt cannot be answered, and asking again changes nothing."""

    def __init__(self, status: Literal["too_long", "request_error"], reason: str):
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Request:
    """One call. ``pattern`` constrains the reply and brings its token probabilities along.

    ``continues``: the last message is the beginning of the reply. ``cache_salt``: a value that keeps the
    server's prefix cache from being shared with calls that have another one (benchmarks).
    """

    prompt: Prompt
    sampling: Sampling
    pattern: str | None = None
    continues: bool = False
    cache_salt: str | None = None


@dataclass(frozen=True)
class Token:
    """One generated token and the probabilities of what could have stood in its place."""

    text: str
    alternatives: dict[str, float]


@dataclass(frozen=True)
class Reply:
    """A checked reply; ``finish_reason`` is ``stop`` or, when it hit ``max_tokens``, ``length``."""

    text: str
    finish_reason: str
    usage: Usage
    tokens: tuple[Token, ...] = ()


async def send(client: AsyncOpenAI, model: str, request: Request, timeout: float) -> Reply:
    """Make one attempt.

    Raises:
        RetryableError: Connection, time-out, overload, or a reply that is none.
        SampleError: The server refuses this prompt.
        JudgeError: The server refuses every prompt (key, address or model).
    """
    import openai

    arguments = {"model": model, "timeout": timeout, **_arguments(request)}
    try:
        if isinstance(request.prompt, str):
            answer: Any = await client.completions.create(prompt=request.prompt, **arguments)
        else:
            messages: Any = [message._asdict() for message in request.prompt]
            answer = await client.chat.completions.create(messages=messages, **arguments)
        return _checked(answer)
    except openai.APIStatusError as error:
        raise _classified(error) from None
    except openai.APITimeoutError:
        raise RetryableError(f"no reply within {timeout:.0f} s") from None
    except openai.APIConnectionError as error:
        raise RetryableError(f"connection failed: {error.__cause__ or error}") from None
    except (openai.APIError, AttributeError, TypeError, ValueError, OverflowError) as error:
        # The openai client checks no types: any JSON may have arrived.
        raise RetryableError(f"the reply is not what the API promises: {error}") from None


def _arguments(request: Request) -> dict[str, Any]:
    sampling = request.sampling
    extra: dict[str, Any] = {
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "repetition_penalty": sampling.repetition_penalty,
    }
    if request.pattern is not None:
        extra["structured_outputs"] = {"regex": request.pattern}
    if request.continues:
        extra |= {"add_generation_prompt": False, "continue_final_message": True}
    if request.cache_salt is not None:
        extra["cache_salt"] = request.cache_salt
    arguments: dict[str, Any] = {
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "seed": sampling.seed,
        "n": 1,
    }
    if not isinstance(request.prompt, str):
        # Judges of the Qwen3 kind would think first; other templates do not know the word.
        extra["chat_template_kwargs"] = {"enable_thinking": False}
        if request.pattern is not None:
            arguments |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
    return {**arguments, "extra_body": extra}


def _classified(error: Any) -> Exception:
    status, message = error.status_code, " ".join(str(error.message).split())[:300]
    if status in (401, 403, 404):
        return JudgeError(f"the judge server refuses: {message}; check --url, --model and the key")
    if status in _RETRIED_STATUS or status > 504:
        return RetryableError(
            f"HTTP {status}: {message}", _seconds(error.response.headers.get("retry-after"))
        )
    if "context length" in message:
        return SampleError("too_long", message)
    return SampleError("request_error", message)


def _seconds(retry_after: str | None) -> float | None:
    try:
        value = float(retry_after or "")
    except ValueError:
        return None
    return value if 0 <= value < math.inf else None


def _checked(answer: Any) -> Reply:
    choices = getattr(answer, "choices", None)
    if not choices:
        kind = "no choices" if hasattr(answer, "choices") else f"{str(answer)[:60]!r}"
        raise RetryableError(f"HTTP 200 without a completion: {kind}")
    choice = choices[0]
    message = getattr(choice, "message", None)
    text = choice.text if message is None else message.content
    if not isinstance(text, str):
        raise RetryableError("HTTP 200 with null content")
    if choice.finish_reason not in ("stop", "length"):
        raise RetryableError(f"the server broke the reply off ({choice.finish_reason})")
    return Reply(text, str(choice.finish_reason), _usage(answer.usage), _tokens(choice))


def _usage(usage: Any) -> Usage:
    details = getattr(usage, "prompt_tokens_details", None)
    return Usage(
        prompt=_count(usage, "prompt_tokens"),
        completion=_count(usage, "completion_tokens"),
        cached=_count(details, "cached_tokens"),
    )


def _count(holder: Any, name: str) -> int:
    value = getattr(holder, name, None)
    return value if isinstance(value, int) else 0


def _tokens(choice: Any) -> tuple[Token, ...]:
    content = getattr(getattr(choice, "logprobs", None), "content", None) or ()
    return tuple(
        Token(entry.token, {top.token: math.exp(top.logprob) for top in entry.top_logprobs})
        for entry in content
    )


def continued(prompt: tuple[Message, ...], opening: str) -> Prompt:
    """Return a chat whose reply has begun with ``opening``."""
    return (*prompt, Message("assistant", opening))


_CONNECT_PATIENCE = 5.0
_TIMEOUT = 10.0


@dataclass(frozen=True)
class Judge:
    """The served name, the path or repository behind it, and its revision.

    A server does not tell the revision; it is ``unstated`` unless the operator states it. ``server``
    is the server's version, for the record.
    """

    model: str
    root: str
    revision: str
    server: str


def base_address(url: str) -> str:
    """Return an address without the trailing ``/v1``.

    Raises:
        JudgeError: It is no http(s) address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise JudgeError(f"{url!r} is no judge address; expected something like http://127.0.0.1:8021")
    return url.rstrip("/").removesuffix("/v1")


async def healthy(api: AsyncOpenAI, base: str) -> bool:
    """Ask ``/health``; False for any other reply than 200, and for none."""
    import openai

    try:
        await api.get(f"{base}/health", cast_to=str, options={"timeout": _TIMEOUT})
    except openai.OpenAIError:
        return False
    return True


async def discover(api: AsyncOpenAI, base: str, model: str, revision: str) -> Judge:
    """Find the judge; ``model`` may be empty when only one is served.

    Raises:
        JudgeError: Nobody answers, the key is refused, or the model is not there.
    """
    served = await _served(api, base)
    if not served:
        raise JudgeError(f"{base}/v1/models lists no model; is this an OpenAI-compatible server?")
    if not model and len(served) > 1:
        raise JudgeError(f"{base} serves {', '.join(served)}; say which with --model")
    name = model or next(iter(served))
    if name not in served:
        raise JudgeError(f"{base} does not serve {name!r}; it serves {', '.join(served)}")
    return Judge(name, served[name], revision or "unstated", await _version(api, base))


async def _served(api: AsyncOpenAI, base: str) -> dict[str, str]:
    """Return served names with the path or repository behind each."""
    import openai

    until = time.monotonic() + _CONNECT_PATIENCE
    while True:
        try:
            listing: Any = await api.get("/models", cast_to=object, options={"timeout": _TIMEOUT})
            break
        except openai.APIStatusError as error:
            hint = "set PANOENV_JUDGE_KEY" if error.status_code in (401, 403) else "is it a judge?"
            raise JudgeError(f"{base}/v1/models: HTTP {error.status_code}; {hint}") from None
        except openai.OpenAIError as error:
            if time.monotonic() > until:
                raise JudgeError(f"no judge answers at {base} ({error})") from None
            await asyncio.sleep(0.5)
    try:
        return {str(entry["id"]): str(entry.get("root") or entry["id"]) for entry in listing["data"]}
    except (KeyError, TypeError, AttributeError):
        return {}


async def _version(api: AsyncOpenAI, base: str) -> str:
    import openai

    try:
        reply: Any = await api.get(f"{base}/version", cast_to=object, options={"timeout": _TIMEOUT})
        return str(reply["version"])
    except (openai.OpenAIError, ValueError, KeyError, TypeError):
        return "unknown"
