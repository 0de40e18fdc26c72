"""What a vLLM server must be started with to sample for a recipe."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from panoenv_tasks.items import DataError
from training.machine import check_version, server_flags
from training.recipe import load_recipe


def test_the_server_gets_what_trl_imposes() -> None:
    """An upgrade of TRL that imposes more, or something else, is seen here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from trl.scripts.vllm_serve import ScriptArguments, build_command
    command = build_command(ScriptArguments(model="M"))
    imposed = command[command.index("--uvicorn-log-level") + 2 :]
    flags = server_flags(load_recipe("balanced"))
    assert [flag for flag in imposed if flag not in flags] == []
    # TRL adds it itself where vLLM 0.30 or later is installed.
    assert "--enable-scale-out" in flags


def test_the_server_prepares_the_recipes_pictures() -> None:
    def value(flag: str, *overrides: str) -> object:
        flags = server_flags(load_recipe("balanced", overrides))
        return json.loads(flags[flags.index(flag) + 1]) if flag in flags else None

    assert value("--mm-processor-kwargs") == {"min_pixels": 3136, "max_pixels": 3276800}
    assert value("--mm-processor-kwargs", "min_pixels=null", "max_pixels=null") is None
    assert value("--limit-mm-per-prompt") == {"image": 1}
    assert value("--limit-mm-per-prompt", "conditions=[full, cubemap]") == {"image": 6}


@contextmanager
def fake_server(reply: bytes) -> Iterator[str]:
    """A server that answers with ``reply``: stands in for the releases of vLLM that are not installed."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_server_that_trl_cannot_read_is_refused() -> None:
    with fake_server(b'{"version": "0.31.2+cpu"}') as url:
        check_version(url)
    with (
        fake_server(b'{"version": "0.32.0"}') as url,
        pytest.raises(DataError, match=r"vLLM 0\.32\.0.*serve with vLLM 0\.31"),
    ):
        check_version(url)
    for reply in (b"no JSON", b"[1]", b'{"version": "new"}', b"{}"):
        with fake_server(reply) as url, pytest.raises(DataError, match="does not say its vLLM version"):
            check_version(url)
