"""Who answers at an address: the model behind it, and whether it is well."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from judges.wire import JudgeError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

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
