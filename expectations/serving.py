"""Serves the report portal: static files of the reports folder, and nothing else."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BytesIO
    from os import PathLike
    from pathlib import Path


class _ReportHandler(SimpleHTTPRequestHandler):
    """Static files with headers that keep a report from running or loading anything from elsewhere."""

    def end_headers(self) -> None:
        # dbt's documentation is one page with its own inline scripts, styles and data-URL images
        self.send_header(
            "Content-Security-Policy",
            "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; form-action 'none'; frame-ancestors 'self'",
        )
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: str | PathLike[str]) -> BytesIO | None:
        """Refuse to list a folder: only pages that are linked are meant to be read."""
        self.send_error(404, "No such page")
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing for each request."""


def build_server(reports: Path, *, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server for the reports folder; ``serve_forever`` runs it.

    Args:
        reports: folder of the portal.
        host: address to listen on.
        port: TCP port, 0 for a free one.
    """
    return ThreadingHTTPServer((host, port), partial(_ReportHandler, directory=str(reports)))
