"""Serves the report portal: static files of the reports folder, ``/health``, and nothing else.

Starlette serves them because the atlas reads its database in pieces: byte ranges, entity tags and connections that
stay open, which the standard library's file server doesn't have.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from typing import TYPE_CHECKING, Self

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from expectations.health import check_health
from warehouse.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike, stat_result
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from warehouse.settings import DataDirectory

HEADERS = {
    # dbt's documentation is one page with its own inline scripts, styles and data-URL images; DuckDB in the browser is
    # WebAssembly that a worker of this server runs; the atlas's search is a form that leads to its list of deals
    "Content-Security-Policy": "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; form-action 'self'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
"""Headers that keep a report from running or loading anything from elsewhere."""
PIECE = 1 << 20
"""Bytes of a file that are read and sent at once: as many as DuckDB's longest reads in a browser."""


_LOG = logging.getLogger(__name__)
FRESH_SECONDS = 15.0
"""How old this machine's copy of reports in a bucket may be."""


@contextlib.contextmanager
def kept_fresh(data: DataDirectory) -> Iterator[None]:
    """While the block runs, bring reports that other machines write to a bucket; on a local disk do nothing."""
    if not data.storage.is_remote:
        yield
        return
    ended = threading.Event()

    def bring() -> None:
        while not ended.wait(FRESH_SECONDS):
            try:
                data.storage.pull(data.reports)
            except StorageError as error:
                _LOG.warning("the reports are as they were before: %s", error)

    thread = threading.Thread(target=bring, name="fresh reports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Files(StaticFiles):
    """The files of the portal, in large pieces; a browser keeps no pieces of a database, which would cost more time."""

    def file_response(
        self, full_path: PathLike[str] | str, stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        if isinstance(response, FileResponse):
            response.chunk_size = PIECE
        if str(full_path).endswith(".duckdb"):
            response.headers["Cache-Control"] = "no-store"
        return response


class ReportServer:
    """A server that listens from its construction on; as a context manager it is closed at the end.

    Args:
        reports: folder of the portal.
        host: address to listen on.
        port: TCP port, 0 for a free one.
        data: data directory that ``/health`` looks at; without one there is no such page.

    Attributes:
        server_address: host and port that it listens on.

    Raises:
        OSError: the address can't be listened on.
    """

    def __init__(self, reports: Path, *, host: str, port: int, data: DataDirectory | None = None) -> None:
        self._socket = socket.create_server((host, port))
        self.server_address: tuple[str, int] = self._socket.getsockname()
        files = Mount("/", _Files(directory=reports, html=True))
        app = _with_headers(Starlette(routes=[*_build_health(data), files]))
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def serve_forever(self) -> None:
        """Answer requests until `shutdown` is called, or Ctrl-C."""
        self._server.run(sockets=[self._socket])

    def shutdown(self) -> None:
        """Let `serve_forever` return."""
        self._server.should_exit = True


def build_server(reports: Path, *, host: str, port: int, data: DataDirectory | None = None) -> ReportServer:
    """Return a server for the reports folder; ``serve_forever`` runs it.

    Args:
        reports: folder of the portal.
        host: address to listen on.
        port: TCP port, 0 for a free one.
        data: data directory that ``/health`` looks at; without one there is no such page.

    Raises:
        OSError: the address can't be listened on.
    """
    return ReportServer(reports, host=host, port=port, data=data)


def _build_health(data: DataDirectory | None) -> list[Route]:
    if data is None:
        return []

    def answer(_: Request) -> JSONResponse:
        try:
            health = check_health(data)
        except Exception as error:  # a monitor must get an answer that it understands
            return JSONResponse({"status": "failing", "reasons": [f"{type(error).__name__}: {error}"]}, 503)
        return JSONResponse(health.as_document(), health.http_status)

    return [Route("/health", answer)]


def _with_headers(app: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer
