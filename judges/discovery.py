"""Who answers at an address: the connection, the model behind it, and whether it is well."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from judges.wire import JudgeError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

#: No chat completion of a few thousand tokens comes near this, its token probabilities included.
MAX_REPLY_BYTES = 16_000_000
_CONNECT_PATIENCE = 5.0
_TIMEOUT = 10.0


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
