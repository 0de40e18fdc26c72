"""A port that leads to a server until it is led elsewhere: a server's death and return, without its start."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit


class Forwarder:
    """Use as a context manager; ``url`` leads to ``target``, nowhere when that is empty."""

    def __init__(self, target: str):
        self._target = target
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Forwarder:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.lead_to("")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def lead_to(self, target: str) -> None:
        """Break every connection, as a killed server does; new ones lead to ``target``."""
        with self._lock:
            self._target = target
            for connection in self._open:
                _hang_up(connection)
            self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if not self._target:
                    client.close()
                    continue
                there = urlsplit(self._target)
                server = socket.create_connection((there.hostname, there.port))
                self._open += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _hang_up(source)
    _hang_up(sink)


def _hang_up(connection: socket.socket) -> None:
    # Not closed: another thread may be reading it, whom this wakes up.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
