"""Serves the sample publishers over HTTP under their own host names, from one local port."""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from extract.sources import host_of, load_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = Path(__file__).resolve().parent
_REGISTRY = SAMPLES.parent / "sources.toml"
_TYPES = {
    ".html": "text/html",
    ".txt": "text/plain",
    ".xml": "application/xml",
    ".css": "text/css",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".svg": "image/svg+xml",
}
_FEED_TYPES = {"feed.xml": "application/rss+xml", "atom.xml": "application/atom+xml"}


def sample_hosts() -> dict[str, Path]:
    """Return the folder of each sample publisher by host name, as the project's own registry declares them."""
    folders = ((host_of(source), SAMPLES / source.id) for source in load_sources(_REGISTRY))
    return {host: folder for host, folder in folders if host and folder.is_dir()}


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the folder of the host that the request names."""

    protocol_version = "HTTP/1.1"
    server_version = "ArmsledgerSamples"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 30
    hosts: dict[str, Path]

    def do_GET(self) -> None:
        """Send a file, 304 where the client has it, 404 where there is none."""
        host = (self.headers.get("Host") or "").partition(":")[0].lower()
        path = _find(self.hosts.get(host), urlsplit(self.path).path)
        if path is None:
            self._send(404, b"<!doctype html><title>Not found</title><h1>Not found</h1>", {"Content-Type": "text/html"})
            return
        content = path.read_bytes()
        headers = {
            "Content-Type": _content_type(path, content),
            "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
            "Last-Modified": email.utils.formatdate(path.stat().st_mtime, usegmt=True),
            "Cache-Control": "no-cache",
        }
        if self._has_copy(headers):
            self._send(304, b"", headers)
        else:
            self._send(200, content, headers)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the clients report what they fetched."""

    def _has_copy(self, headers: dict[str, str]) -> bool:
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return headers["ETag"] in tags
        return self.headers.get("If-Modified-Since") == headers["Last-Modified"]

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET" and status != 304:
            self.wfile.write(content)


@contextlib.contextmanager
def serve_samples(port: int = 0, *, host: str = "127.0.0.1", hosts: dict[str, Path] | None = None) -> Iterator[str]:
    """Serve the samples for this block.

    Args:
        port: TCP port, 0 for a free one.
        host: address to listen on.
        hosts: folder by host name; the sample publishers by default.

    Yields:
        The address, ``127.0.0.1:port``; lead the hosts there with
        ``ARMSLEDGER_HOST_OVERRIDES="*.example=127.0.0.1:port"``.
    """
    handler = type("Handler", (_Handler,), {"hosts": sample_hosts() if hosts is None else hosts})
    with ThreadingHTTPServer((host, port), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"{host}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _find(folder: Path | None, path: str) -> Path | None:
    """Return the file for a URL path, None where there is none or it lies outside the folder."""
    if folder is None:
        return None
    root = folder.resolve()
    wanted = root / unquote(path).lstrip("/")
    for candidate in (wanted, wanted / "index.html", wanted.with_name(f"{wanted.name}.html")):
        with contextlib.suppress(OSError, ValueError):
            found = candidate.resolve()
            if found.is_file() and found.is_relative_to(root):
                return found
    return None


def _content_type(path: Path, content: bytes) -> str:
    kind = _FEED_TYPES.get(path.name) or _TYPES.get(path.suffix.lower(), "application/octet-stream")
    if not kind.startswith("text/") and "xml" not in kind:
        return kind
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        # the page itself says what it is, or is wrong about it; the server doesn't know better
        return kind
    return f"{kind}; charset=utf-8"
