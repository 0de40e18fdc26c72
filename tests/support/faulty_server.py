"""A fake judge server, for the faults that a real one cannot be made to show, and exact counts.

It answers the first requests as its script says and every later one by ``reply`` (``Score: 7``).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What only vLLM knows of a request.
VLLM_ONLY = {
    "top_k",
    "min_p",
    "repetition_penalty",
    "structured_outputs",
    "chat_template_kwargs",
    "add_generation_prompt",
    "continue_final_message",
    "logprobs",
    "top_logprobs",
}


def completion(
    content: str | None = "Score: 7", finish_reason: str = "stop", model: str = "fake"
) -> dict[str, Any]:
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": content}}
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8},
    }


@dataclass(frozen=True)
class Fault:
    """One bad answer. ``status`` 0 drops the connection. ``drip``: seconds after each byte of it."""

    status: int = 200
    body: str = ""
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    drip: float = 0.0


def fault(body: Any, status: int = 200, **more: Any) -> Fault:
    return Fault(status, body if isinstance(body, str) else json.dumps(body), **more)


def refusal(status: int, message: str = "no", **headers: str) -> Fault:
    body = {"error": {"message": message, "code": status}}
    return fault(body, status, headers=tuple((k.replace("_", "-"), v) for k, v in headers.items()))


@dataclass
class FaultyServer:
    """Use as a context manager; ``bodies`` are the questions asked so far, the trial one left out."""

    script: list[Fault] = field(default_factory=list)
    obeys_patterns: bool = True
    probe_status: int = 200
    healthy: bool = True
    #: What /health says when all is well; gateways know no such path.
    health_status: int = 200
    models: Sequence[str] = ("fake",)
    #: The path behind every served name; changing it while the server runs is another model moving in.
    root: str = ""
    answers_as: str = "fake"
    keeps_connections: bool = True
    trials: int = 0
    #: Another reply to the trial question.
    trial: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    reply: Callable[[dict[str, Any]], dict[str, Any]] = lambda body: completion()

    def __enter__(self) -> FaultyServer:
        outer, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                if self.path == "/health":
                    self._reply(Fault(outer.health_status if outer.healthy else 503))
                elif self.path == "/v1/models":
                    entries = [{"id": name, "root": outer.root or name} for name in outer.models]
                    self._reply(fault({"data": entries}))
                else:
                    self._reply(Fault(404))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                asked = body.get("prompt") or body["messages"][-1]["content"]
                if asked == "What is the capital of France?":
                    outer.trials += 1
                    text = outer.trial or ("K7" if outer.obeys_patterns else "Paris")
                    self._reply(fault(completion(text, model=outer.answers_as), outer.probe_status))
                    return
                with lock:
                    outer.bodies.append(body)
                    answer = (
                        outer.script.pop(0)
                        if outer.script
                        else fault({**outer.reply(body), "model": outer.answers_as})
                    )
                self._reply(answer)

            def _reply(self, answer: Fault) -> None:
                time.sleep(answer.delay)
                if answer.status == 0:
                    self.close_connection = True
                    self.connection.close()
                    return
                data = answer.body.encode()
                self.send_response(answer.status)
                for name, value in (("content-type", answer.kind), *answer.headers):
                    self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                if not outer.keeps_connections:
                    self.send_header("connection", "close")
                self.end_headers()
                for byte in [data] if not answer.drip else [bytes([b]) for b in data]:
                    self.wfile.write(byte)
                    time.sleep(answer.drip)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """A client that hangs up is no news here."""

        self._http = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"
