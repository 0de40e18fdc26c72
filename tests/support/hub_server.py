"""A server on loopback that speaks the part of the Hugging Face hub's API that downloads need.

The real ``huggingface_hub`` client talks to it; only the data behind it is ours.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "7zkk/PanoEnv"
#: Entries of a page of a listing, fewer than a frame has.
PAGE = 20


class Hub(ThreadingHTTPServer):
    """Serves the files under ``root``; ``fetched`` counts the bytes of each file that went out."""

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.fetched: Counter[str] = Counter()
        #: Break off each answer after so many bytes, this many times.
        self.cut_after, self.cuts = 0, 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def environment(self, home: Path) -> dict[str, str]:
        """The environment of a command that is to use this hub and no other place."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "PANOENV_", "XDG_"))}
        kept |= {"HF_ENDPOINT": self.url, "HF_HOME": str(home / "hf"), "PANOENV_CACHE": str(home / "cache")}
        return kept | {"HF_HUB_DISABLE_TELEMETRY": "1", "no_proxy": "127.0.0.1", "HF_HUB_DISABLE_XET": "1"}

    def panoenv(self, home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run the command in a process of its own: the client reads its endpoint when it is imported."""
        command = [sys.executable, "-m", "panoenv_tasks", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, env=self.environment(home), timeout=300
        )


@contextmanager
def serving(root: Path) -> Iterator[Hub]:
    hub = Hub(root)
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *arguments: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        path, query = unquote(url.path), parse_qs(url.query)
        if match := re.fullmatch(rf"/api/datasets/{REPOSITORY}/revision/(\w+)", path):
            self._json({"id": REPOSITORY, "sha": COMMIT, "siblings": self._siblings()}, match[1])
        elif match := re.fullmatch(rf"/api/datasets/{REPOSITORY}/tree/(\w+)/?(.*)", path):
            self._tree(match[1], match[2], int(query.get("cursor", ["0"])[0]))
        elif match := re.fullmatch(rf"/datasets/{REPOSITORY}/resolve/(\w+)/(.+)", path):
            self._file(match[1], match[2])
        else:
            self._answer(404, b"{}", {"X-Error-Code": "EntryNotFound"})

    def _siblings(self) -> list[dict[str, str]]:
        return [{"rfilename": path} for path in self._paths("")]

    def _paths(self, folder: str) -> list[str]:
        below = self.server.root / folder
        return [f.relative_to(self.server.root).as_posix() for f in sorted(below.rglob("*")) if f.is_file()]

    def _tree(self, revision: str, folder: str, start: int) -> None:
        paths = self._paths(folder)
        page = [
            {"type": "file", "path": path, "size": (self.server.root / path).stat().st_size, "oid": "0" * 40}
            for path in paths[start : start + PAGE]
        ]
        more = {}
        if start + PAGE < len(paths):
            here = f"{self.server.url}/api/datasets/{REPOSITORY}/tree/{revision}/{folder}"
            more = {"Link": f'<{here}?recursive=true&cursor={start + PAGE}>; rel="next"'}
        self._json(page, revision, more)

    def _file(self, revision: str, path: str) -> None:
        file = self.server.root / path
        if not file.is_file() or revision not in ("main", COMMIT):
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        content = file.read_bytes()
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
        headers |= {"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
        first = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if first:
            start = int(first[1])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._answer(206, content[start:], headers, path)
        else:
            self._answer(200, content, headers, path)

    def _json(self, content: object, revision: str, headers: dict[str, str] | None = None) -> None:
        if revision not in ("main", COMMIT):
            self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return
        self._answer(
            200, json.dumps(content).encode(), {"Content-Type": "application/json", **(headers or {})}
        )

    def _answer(self, status: int, body: bytes, headers: dict[str, str], path: str = "") -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if path.endswith(".png") and self.server.cuts > 0 and len(body) > self.server.cut_after:
            self.server.cuts -= 1
            body, self.close_connection = body[: self.server.cut_after], True
        self.wfile.write(body)
        self.server.fetched[path] += len(body)
