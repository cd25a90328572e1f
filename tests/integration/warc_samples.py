"""Web archives for tests: news pages as a crawler stores them, relevant and not."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

DEAL = (
    "Poland has ordered 96 AH-64E Apache attack helicopters from the United States, the ministry said on Monday.",
    "The first will be delivered in 2028, and crews are to be trained in Alabama.",
)
EVERYDAY = (
    "The city council voted on Tuesday to widen the footpath along the river, after years of petitions.",
    "Work begins in spring; the bus lines keep their routes until then, and the bakery stays open.",
)


@dataclass(frozen=True)
class Stored:
    """One response as a crawler stores it.

    Attributes:
        url: address.
        body: body as stored.
        status: HTTP status.
        headers: headers as sent.
    """

    url: str
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


def news_page(number: int, sentences: tuple[str, ...], *, menu: str = "") -> bytes:
    """Write a page with a date of its own."""
    told = (
        f'{{"@type":"NewsArticle","headline":"Story {number}","datePublished":"2024-03-0{1 + number % 9}T10:00:00Z"}}'
    )
    text = "".join(f"<p>{sentence} This is part of story {number}.</p>" for sentence in sentences * 2)
    return (
        f'<!doctype html><html><head><title>Story {number}</title><script type="application/ld+json">{told}</script>'
        f"</head><body><nav><ul><li>Home</li>{menu}</ul></nav><article><h1>Story {number}</h1>{text}</article>"
        "</body></html>"
    ).encode()


def deal(number: int, **options: object) -> Stored:
    """Store a page that tells of a deal."""
    return Stored(f"http://www.paper{number % 3}.example/{number}", news_page(number, DEAL), **options)  # type: ignore[arg-type]


def everyday(number: int, menu: str = "") -> Stored:
    """Store a page of everyday news."""
    return Stored(f"http://www.paper{number % 3}.example/{number}", news_page(number, EVERYDAY, menu=menu))


def write_record(stored: Stored) -> bytes:
    """Write a response as a gzip member of its own."""
    record = WarcRecord()
    record.init_headers(WarcRecordType.response)
    record.headers["WARC-Date"] = "2024-04-05T06:07:08Z"
    record.headers["WARC-Target-URI"] = stored.url
    record.headers["Content-Type"] = "application/http; msgtype=response"
    head = f"HTTP/1.1 {stored.status} Told\r\n" + "".join(f"{k}: {v}\r\n" for k, v in stored.headers.items())
    record.set_bytes_content(head.encode() + b"\r\n" + stored.body)
    buffer = io.BytesIO()
    writer = GzipWriter(buffer)
    record.write(writer)
    writer.finish()
    return buffer.getvalue()


def write_archive(pages: list[Stored]) -> bytes:
    """Write an archive of these pages."""
    return b"".join(map(write_record, pages))
