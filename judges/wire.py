"""The connection to an OpenAI-compatible server and one call: what is sent, and what came back.

A server or a proxy may say 200 and still fail: an HTML page, no choices, null content. The openai
client passes all of that on, so it is checked here.
"""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from judges.protocol import Dialect, Message, Prompt, Sampling
from judges.records import Usage
from panoenv_tasks.items import DataError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

#: The most alternatives vLLM returns by default (``--max-logprobs``).
TOP_LOGPROBS = 20
#: No chat completion of a few thousand tokens comes near this, its token probabilities included.
MAX_REPLY_BYTES = 16_000_000

_RETRIED_STATUS = {408, 409, 425, 429, 500, 502, 503, 504}


class JudgeError(DataError):
    """The judge cannot be used as asked: not there, wrong key or model, constraints ignored."""


class RetryableError(Exception):
    """This attempt failed; another may not.

    ``after`` is the server's own Retry-After, in seconds. ``busy``: the server is well and asks for
    patience (429), which is no outage.
    """

    def __init__(self, reason: str, after: float | None = None, *, busy: bool = False):
        super().__init__(reason)
        self.after = after
        self.busy = busy


class RefusedError(Exception):
    """Key, address or model are refused, for this prompt or for all."""


class SampleError(Exception):
    """This prompt cannot be answered, and asking again changes nothing."""

    def __init__(self, status: Literal["too_long", "request_error"], reason: str):
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Request:
    """One call. ``pattern`` constrains the reply and brings its token probabilities along.

    ``dialect``: whether the server is vLLM. ``schema``: for ``json``, the JSON schema of the reply instead of
    the pattern. ``continues``: the last message is the beginning of the reply. ``cache_salt``: a value that
    keeps the server's prefix cache from being shared with calls that have another one (benchmarks).
    """

    prompt: Prompt
    sampling: Sampling
    pattern: str | None = None
    dialect: Dialect = "vllm"
    schema: str | None = None
    continues: bool = False
    cache_salt: str | None = None


@dataclass(frozen=True)
class Token:
    """One generated token and the probabilities of what could have stood in its place."""

    text: str
    alternatives: dict[str, float]


@dataclass(frozen=True)
class Reply:
    """A checked reply; ``finish_reason`` is ``stop`` or, when it hit ``max_tokens``, ``length``.

    ``model`` is who the server says has answered.
    """

    text: str
    finish_reason: str
    usage: Usage
    tokens: tuple[Token, ...] = ()
    model: str = ""


def base_address(url: str) -> str:
    """Return an address without the trailing ``/v1``.

    Raises:
        JudgeError: It is no http(s) address.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(character.isspace() for character in url):
        raise JudgeError(f"{url!r} is no judge address; expected something like http://127.0.0.1:8021")
    return url.rstrip("/").removesuffix("/v1")


@asynccontextmanager
async def connection(
    base: str, api_key: str, on_connect: Callable[[], None] = lambda: None
) -> AsyncIterator[AsyncOpenAI]:
    """Open an HTTP client that retries nothing itself.

    Args:
        base: From ``base_address``.
        api_key: Sent as a bearer token.
        on_connect: Told about every new TCP connection: another process may be at its end.
    """
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    async def note_connections(request: Any) -> None:
        async def trace(event: str, _: Mapping[str, Any]) -> None:
            if event == "connection.connect_tcp.complete":
                on_connect()

        request.extensions["trace"] = trace

    async def cap_size(response: Any) -> None:
        response.stream = _capped(response.stream)

    # A proxy set for the world cannot reach this machine's own loopback interface.
    hooks: dict[str, list[Callable[..., Any]]] = {"request": [note_connections], "response": [cap_size]}
    http = DefaultAsyncHttpxClient(trust_env=not _is_loopback(base), event_hooks=hooks)
    async with AsyncOpenAI(base_url=f"{base}/v1", api_key=api_key, max_retries=0, http_client=http) as api:
        yield api


def _capped(stream: Any) -> Any:
    """Return a stream that fails beyond ``MAX_REPLY_BYTES``."""
    # Which httpx the openai client brings along differs by version; it insists on a class of its own.
    base: Any = next(c for c in type(stream).__mro__ if c.__name__ == "AsyncByteStream")

    class Capped(base):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for chunk in stream:
                size += len(chunk)
                if size > MAX_REPLY_BYTES:
                    raise ValueError(f"a reply of more than {MAX_REPLY_BYTES:,} bytes")
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    return Capped()


def _is_loopback(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


async def send(client: AsyncOpenAI, model: str, request: Request, timeout: float) -> Reply:
    """Make one attempt.

    Raises:
        RetryableError: Connection, time-out, overload, or a reply that is none.
        SampleError: The server refuses this prompt.
        RefusedError: The server refuses key, address or model.
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
    if request.dialect != "vllm":
        return _plain_arguments(request)
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


def _plain_arguments(request: Request) -> dict[str, Any]:
    """What every OpenAI-compatible server understands."""
    sampling = request.sampling
    arguments: dict[str, Any] = {
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
    }
    if request.schema is not None:
        schema = {"name": "reply", "strict": True, "schema": json.loads(request.schema)}
        arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
    return arguments


def _classified(error: Any) -> Exception:
    status, message = error.status_code, " ".join(str(error.message).split())[:300]
    if status in (401, 403, 404):
        return RefusedError(message)
    if status in _RETRIED_STATUS or status > 504:
        return RetryableError(
            f"HTTP {status}: {message}",
            _seconds(error.response.headers.get("retry-after")),
            busy=status == 429,
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
    model = str(getattr(answer, "model", None) or "")
    return Reply(text, str(choice.finish_reason), _usage(answer.usage), _tokens(choice), model)


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
        Token(entry.token, {t.token: math.exp(t.logprob) for t in entry.top_logprobs if _is_logprob(t)})
        for entry in content
    )


def _is_logprob(top: Any) -> bool:
    """Whether an alternative comes with a logarithm of a probability; JSON knows Infinity and NaN too."""
    return isinstance(top.logprob, int | float) and top.logprob <= 1e-6


def continued(prompt: tuple[Message, ...], opening: str) -> Prompt:
    """Return a chat whose reply has begun with ``opening``."""
    return (*prompt, Message("assistant", opening))
