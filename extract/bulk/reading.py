"""A batch of archived pages to articles: the work of one process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.bulk.gate import is_relevant
from extract.fetching.decoding import DecodingError, decode_body
from extract.fetching.outcomes import Response
from extract.parsing.dates import parse_date
from extract.parsing.decode import decode_html
from extract.parsing.page import HTML_TYPES, Article, FetchedPage, Unusable, parse_page
from warehouse import clock

if TYPE_CHECKING:
    from extract.bulk.records import ArchivedPage

MAX_PAGE_BYTES = 4 * 2**20
"""Cap on a page after decompression, as for pages from the web."""
MAX_RECORD_BYTES = MAX_PAGE_BYTES + 2**16
"""Cap on a record of an archive: a page with the head of its response."""


@dataclass(frozen=True)
class ReadPage:
    """A page that passed the gate.

    Attributes:
        number: its place in the batch.
        url: its address.
        found: article, or why it is none.
    """

    number: int
    url: str
    found: Article | Unusable


@dataclass(frozen=True)
class ReadBatch:
    """What a batch came to.

    Attributes:
        pages: pages that passed the gate, in order.
        left_out: how many of the others by reason: ``no_page`` (another status than 200), ``not_html``,
            ``bad_content_encoding``, ``too_large``, ``unreadable_page``, ``not_relevant``.
    """

    pages: tuple[ReadPage, ...]
    left_out: Counter[str]


def read_batch(batch: list[ArchivedPage], *, has_gate: bool = True) -> ReadBatch:
    """Read a batch of pages; a page can't make this raise.

    Args:
        batch: archived responses.
        has_gate: whether pages that can't hold a claim are left out; without it all are extracted (one stage).
    """
    pages: list[ReadPage] = []
    left_out: Counter[str] = Counter()
    for number, archived in enumerate(batch):
        try:
            found = read_page_of(archived, has_gate=has_gate)
        except Exception:  # a page on which a library fails must cost that page alone
            found = "unreadable_page"
        if isinstance(found, str):
            left_out[found] += 1
        else:
            pages.append(ReadPage(number, archived.url, found))
    return ReadBatch(tuple(pages), left_out)


def read_page_of(archived: ArchivedPage, *, has_gate: bool = True) -> Article | Unusable | str:
    """Turn an archived response into an article, into what is wrong with it, or into the reason to leave it out."""
    return _read(read_response(archived), has_gate=has_gate)


def read_archived(response: Response) -> Article | Unusable:
    """Turn a response that passed the gate before into an article, or into what is wrong with it."""
    found = _read(response, has_gate=False)
    return Unusable(found, "the response as it was archived can't be read") if isinstance(found, str) else found


def _read(response: Response, *, has_gate: bool) -> Article | Unusable | str:
    if response.status != 200:
        return "no_page"
    content_type = response.header("content-type")
    if (content_type or "").partition(";")[0].strip().lower() not in HTML_TYPES:
        return "not_html"
    try:
        body = undo_encodings(response)
    except DecodingError as error:
        return error.reason
    if has_gate and not is_relevant(decode_html(body, content_type=content_type).text):
        return "not_relevant"
    return parse_page(FetchedPage(body, response.url, content_type, response.received_at))


def read_response(archived: ArchivedPage) -> Response:
    """Return the archived response; its time is when the crawler fetched it."""
    head, _, body = archived.block.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    status = first.split(" ")[1:2]
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    moment = (parse_date(archived.date) or clock.now()).replace(microsecond=0)
    code = int(status[0]) if status and status[0].isascii() and status[0].isdecimal() else 0
    return Response(archived.url, moment, code, headers, body)


def undo_encodings(response: Response) -> bytes:
    """Return the body of an archived response without transfer and content encoding.

    Many crawlers store the decoded body under the headers as sent, so an encoding that isn't there is no fault.

    Raises:
        DecodingError: what is left isn't the page.
    """
    body = response.body
    if (response.header("transfer-encoding") or "").lower() == "chunked":
        body = _join_chunks(body)
    try:
        return decode_body(body, response.header("content-encoding"), max_bytes=MAX_PAGE_BYTES)
    except DecodingError:
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and len(body) <= MAX_PAGE_BYTES:
            return body
        raise


def _join_chunks(body: bytes) -> bytes:
    """Return the content of a chunked body (RFC 9112, 7.1), or the body itself where it isn't chunked."""
    parts: list[bytes] = []
    place = 0
    while True:
        end = body.find(b"\r\n", place)
        size = body[place:end].partition(b";")[0].strip() if end >= 0 else b""
        try:
            length = int(size, 16)
        except ValueError:
            return body
        if not length:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + length])
        place = end + 2 + length + 2
