"""A loopback web server whose every answer a test writes down, and which remembers every request."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Answer:
    """What the server sends.

    Attributes:
        body: content.
        status: HTTP status.
        headers: further headers.
        pause_seconds: wait after the headers.
        announced: Content-Length to claim; the body's own by default.
        drip_seconds: wait after each byte of the body.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause_seconds: float = 0.0
    announced: int | None = None
    drip_seconds: float = 0.0


@dataclass(frozen=True)
class Seen:
    """A request that came in."""

    host: str
    path: str
    headers: dict[str, str]


@dataclass
class ScriptedServer:
    """The server's script and memory.

    Attributes:
        address: ``127.0.0.1:port``.
        answers: ``host/path`` -> answer, or a function of the number of requests so far (from 0).
        seen: all requests.
        most_at_once: host -> greatest number of requests that were under way together.
    """

    address: str = ""
    answers: dict[str, Answer | Callable[[int], Answer]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    most_at_once: dict[str, int] = field(default_factory=dict)
    _open: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, host: str, change: int) -> None:
        """Note that a request of a host began (1) or ended (-1)."""
        with self._lock:
            self._open[host] = self._open.get(host, 0) + change
            self.most_at_once[host] = max(self.most_at_once.get(host, 0), self._open[host])

    def paths(self) -> list[str]:
        """Return ``host/path`` of all requests but those for robots.txt."""
        return [f"{one.host}{one.path}" for one in self.seen if one.path != "/robots.txt"]

    def add(self, url: str, answer: Answer | Callable[[int], Answer] | bytes | str, content_type: str = "") -> None:
        """Write down the answer to ``host/path``."""
        if isinstance(answer, str):
            answer = answer.encode()
        if isinstance(answer, bytes):
            kind = content_type or ("application/xml" if url.endswith(".xml") else "text/html; charset=utf-8")
            answer = Answer(answer, headers={"Content-Type": kind})
        self.answers[url] = answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    script: ScriptedServer

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0]
        self.script.count(host, 1)
        try:
            self._answer(host)
        finally:
            self.script.count(host, -1)

    def _answer(self, host: str) -> None:
        key = f"{host}{self.path}"
        count = sum(1 for one in self.script.seen if f"{one.host}{one.path}" == key)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.script.seen.append(Seen(host, self.path, headers))
        answer = self.script.answers.get(key, Answer(b"nothing here", 404))
        if callable(answer):
            answer = answer(count)
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        if answer.status == 200 and self.headers.get("If-None-Match") == tag:
            answer = Answer(b"", 304, answer.headers)
        self.send_response(answer.status)
        for name, value in {"ETag": tag, **answer.headers}.items():
            self.send_header(name, value)
        if answer.status != 304:
            length = len(answer.body) if answer.announced is None else answer.announced
            self.send_header("Content-Length", str(length))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.flush()
            time.sleep(answer.pause_seconds)
            if not answer.drip_seconds:
                self.wfile.write(answer.body)
            for byte in answer.body if answer.drip_seconds else b"":
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(answer.drip_seconds)
        if answer.announced is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def serve_script() -> Iterator[ScriptedServer]:
    """Serve a script for this block."""
    script = ScriptedServer()
    handler = type("Handler", (_Handler,), {"script": script})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        script.address = f"127.0.0.1:{server.server_address[1]}"
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
