"""What the archive takes in it gives back, and a body can't grow unseen."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from extract.errors import ArchiveError
from extract.fetching.archive import ARCHIVE_NAME, ArchivedLoad, ArchiveWriter
from extract.fetching.decoding import BrokenEncoding, TooLarge, TruncatedBody, decode_body, gunzip_if_needed
from extract.fetching.outcomes import Response

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RESPONSES = [
    Response(
        "http://a.example/1", NOW, 200, (("content-type", "text/html"), ("x-name", "Müller")), b"\x00\xff\r\n\r\n"
    ),
    Response("http://a.example/2", NOW, 404, (), b""),
    Response("http://a.example/3", NOW, failure="timeout_read", detail="silence of 20 s"),
    Response("http://a.example/4", NOW, 200, (("a", "b"),), b"", "too_large", "5 bytes announced"),
    Response("http://a.example/5", NOW, 299, (("set-cookie", "a=1"), ("set-cookie", "b=2")), b"odd"),
]


def write(folder: Path) -> Path:
    archive = ArchiveWriter(folder, load_input={"state": {"pending": []}}, user_agent="Armsledger/0")
    for response in RESPONSES:
        archive.add(response)
    archive.add_file("file:///x.txt", b"text", NOW)
    archive.close()
    return folder / ARCHIVE_NAME


def send(load: ArchivedLoad, url: str) -> Response:
    return asyncio.run(load.send(url, headers={}, max_bytes=1))


def test_archive_gives_back_what_it_took(tmp_path: Path) -> None:
    load = ArchivedLoad(write(tmp_path))
    assert [send(load, response.url) for response in RESPONSES] == RESPONSES
    assert load.files == {"file:///x.txt": (b"text", NOW)}
    assert load.load_input == {"state": {"pending": []}}
    assert send(load, "http://a.example/other").failure == "not_archived"


def test_header_with_a_line_break_does_not_break_the_record(tmp_path: Path) -> None:
    archive = ArchiveWriter(tmp_path, load_input={"state": {}}, user_agent="Armsledger/0")
    archive.add(Response("http://a.example/", NOW, 200, (("x", "1\r\n\r\nHTTP/1.1 500"),), b"body"))
    archive.close()
    assert send(ArchivedLoad(tmp_path / ARCHIVE_NAME), "http://a.example/").body == b"body"


def test_archive_of_another_kind_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / ARCHIVE_NAME
    path.write_bytes(b"no archive at all")
    with pytest.raises(ArchiveError, match=ARCHIVE_NAME):
        ArchivedLoad(path)


@pytest.mark.parametrize("block", [b"nonsense", b"HTTP/1.1 many\r\n\r\n"])
def test_archive_with_a_damaged_record_is_an_error(tmp_path: Path, block: bytes) -> None:
    path = tmp_path / ARCHIVE_NAME
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\nWARC-Date: 2026-01-02T00:00:00Z\r\n"
    )
    path.write_bytes(f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n")
    with pytest.raises(ArchiveError, match="not a readable WARC"):
        ArchivedLoad(path)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (None, b"content"),
        ("identity", b"content"),
        ("gzip", gzip.compress(b"content")),
        ("x-gzip", gzip.compress(b"con") + gzip.compress(b"tent")),
        ("deflate", zlib.compress(b"content")),
        ("deflate", zlib.compress(b"content")[2:-4]),
        ("deflate, gzip", gzip.compress(zlib.compress(b"content"))),
        ("gzip", gzip.compress(b"content") + b"\x00\x00"),
    ],
)
def test_encodings_are_undone(encoding: str | None, body: bytes) -> None:
    assert decode_body(body, encoding, max_bytes=100) == b"content"


@pytest.mark.parametrize(
    ("encoding", "body", "error"),
    [
        ("gzip", gzip.compress(bytes(10**6)), TooLarge),
        ("gzip", gzip.compress(bytes(60)) + gzip.compress(bytes(60)), TooLarge),
        (None, bytes(101), TooLarge),
        ("gzip", gzip.compress(b"content" * 9)[:-12], TruncatedBody),
        ("gzip", b"content", BrokenEncoding),
        ("br", b"content", BrokenEncoding),
    ],
)
def test_encodings_that_cannot_be_undone_say_why(encoding: str | None, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        decode_body(body, encoding, max_bytes=100)


def test_cap_itself_is_allowed() -> None:
    assert len(decode_body(gzip.compress(bytes(100)), "gzip", max_bytes=100)) == 100


def test_file_that_is_gzip_by_itself() -> None:
    assert gunzip_if_needed(gzip.compress(b"<urlset/>"), max_bytes=100) == b"<urlset/>"
    assert gunzip_if_needed(b"<urlset/>", max_bytes=100) == b"<urlset/>"
