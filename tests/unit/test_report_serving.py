"""The server of the report portal: pages of the reports folder, and nothing else."""

from __future__ import annotations

import http.client
import threading
from typing import TYPE_CHECKING

import pytest

from expectations.serving import build_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def get(tmp_path: Path) -> Iterator[Callable[[str], http.client.HTTPResponse]]:
    """Serve a reports folder beside a secret; give a function that asks for a path as it stands."""
    reports = tmp_path / "reports"
    (reports / "validation").mkdir(parents=True)
    (reports / "index.html").write_text("<h1>front page</h1>", encoding="utf-8")
    (reports / "validation" / "one.html").write_text("one", encoding="utf-8")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    with build_server(reports, host="127.0.0.1", port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()

        def ask(path: str, headers: dict[str, str] | None = None, method: str = "GET") -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
            connection.request(method, path, headers=headers or {})
            return connection.getresponse()

        yield ask
        server.shutdown()
        thread.join()


def test_pages_are_served_with_headers_that_forbid_other_hosts(get: Callable) -> None:
    answer = get("/")
    assert answer.status == 200
    assert b"front page" in answer.read()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert answer.headers["Cache-Control"] == "no-cache"
    assert get("/validation/one.html").read() == b"one"


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/validation/../../secret", "/validation/", "/none"])
def test_nothing_else_is_served(get: Callable, path: str) -> None:
    answer = get(path)
    assert answer.status == 404
    assert b"secret" not in answer.read().replace(path.encode(), b"")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_file_is_read_in_pieces_and_asked_for_again_without_being_sent(get: Callable, tmp_path: Path) -> None:
    (tmp_path / "reports" / "marts.duckdb").write_bytes(bytes(range(100)))
    (tmp_path / "reports" / "engine.wasm").write_bytes(b"\0asm")
    whole = get("/marts.duckdb", method="HEAD")
    assert (whole.headers["Accept-Ranges"], whole.headers["Content-Length"]) == ("bytes", "100")
    piece = get("/marts.duckdb", {"Range": "bytes=10-19"})
    assert (piece.status, piece.headers["Content-Range"]) == (206, "bytes 10-19/100")
    assert piece.read() == bytes(range(10, 20))
    assert piece.headers["Cache-Control"] == "no-store"  # a browser's cache of pieces is slower than asking again
    assert get("/marts.duckdb", {"Range": "bytes=200-300"}).status == 416
    assert get("/marts.duckdb", {"If-None-Match": whole.headers["ETag"]}).status == 304
    assert get("/engine.wasm").headers["Content-Type"] == "application/wasm"  # else it can't be compiled as it comes
    assert get("/marts.duckdb", method="POST").status == 405
