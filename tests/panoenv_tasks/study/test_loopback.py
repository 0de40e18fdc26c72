"""A study's own servers are reached on loopback, whatever proxy is set for the world."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from panoenv_tasks.processes import start
from panoenv_tasks.study.serving import served_names


class _Models(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"data": [{"id": "tiny"}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def url(monkeypatch):
    """A server on loopback, in a world where only a proxy that is not there leads anywhere."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Models)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_a_server_is_asked_past_the_proxy(url):
    assert served_names(url) == ["tiny"]


@pytest.mark.parametrize("before", ["", "intranet.example"])
def test_a_step_asks_its_server_past_the_proxy(url, before, monkeypatch, tmp_path):
    if before:
        monkeypatch.setenv("NO_PROXY", before)
    code = "import httpx, os, sys; print(httpx.get(sys.argv[1]).json()); print(os.environ['NO_PROXY'])"
    with (tmp_path / "log").open("w+b") as log:
        assert start([sys.executable, "-c", code, f"{url}/models"], {}, log).wait(60) == 0
    said = (tmp_path / "log").read_text().splitlines()
    assert said[0] == "{'data': [{'id': 'tiny'}]}"
    assert before in said[1]
