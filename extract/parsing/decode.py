"""Bytes of a page to text: what the header says, what the page says, what the bytes say."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META_WINDOW = 4096  # the HTML standard looks at 1,024 bytes; real pages put scripts before the meta element
# what pages call Latin-1 is Windows-1252, as the WHATWG encoding standard says
_LATIN = frozenset({"ascii", "iso8859-1", "latin-1", "cp1252"})
_SAMPLE = '<p title="a">\\x41 +AGE- 1</p>'  # reads as it stands in every encoding of which a page's label could be read
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True)
class DecodedText:
    """Text of a page.

    Attributes:
        text: decoded; U+FFFD stands where bytes could not be read.
        charset: encoding that was used.
        lost_bytes: number of bytes that could not be read.
        first_lost: offset of the first of them, None where none was lost.
    """

    text: str
    charset: str
    lost_bytes: int = 0
    first_lost: int | None = None


def decode_html(body: bytes, *, content_type: str | None = None) -> DecodedText:
    """Decode a page; never fails.

    The first encoding that reads every byte wins, in this order: byte order mark, charset of the header, charset of
    the page, UTF-8. Where none does, a page without any UTF-8 sequence is Windows-1252 under a wrong label;
    one with such sequences is damaged UTF-8, and its unreadable bytes are counted.

    Args:
        body: bytes of the page.
        content_type: header of the response.
    """
    for mark, charset in _MARKS:
        if body.startswith(mark):
            return _decode_damaged(body[len(mark) :], charset)
    declared = _declared(body, content_type)
    for charset in dict.fromkeys([*declared, "utf-8"]):
        try:
            return DecodedText(body.decode(charset), charset)
        except UnicodeDecodeError:
            continue
    charset = "utf-8" if _MULTIBYTE.search(body) else "cp1252"
    return _decode_damaged(body, charset)


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Return the Python names of the encodings that header and page declare, without those that can't be theirs.

    Some of Python's codecs are no encodings of pages (``hex``, ``unicode_escape``, ``undefined``) or can't be the one
    of a page whose label was read as ASCII (EBCDIC).
    """
    labels = [match.group(1) for match in [_HEADER.search(content_type or "")] if match]
    for pattern in (_XML, _META):
        match = pattern.search(body[:_META_WINDOW])
        if match:
            labels.append(match.group(1).decode("ascii"))
    names = []
    for label in labels:
        try:
            name = codecs.lookup(label).name
            # a page whose ASCII label can be read can't be UTF-16
            name = "cp1252" if name in _LATIN else "utf-8" if name.startswith("utf-16") else name
            if _SAMPLE.encode("ascii").decode(name) == _SAMPLE:
                names.append(name)
        except (LookupError, UnicodeError):
            continue
    return names


def _decode_damaged(body: bytes, charset: str) -> DecodedText:
    lost: list[int] = []

    def replace(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        lost.extend(range(error.start, error.end))
        return "\ufffd", error.end

    decoder = codecs.getincrementaldecoder(charset)
    name = "armsledger_count_lost"
    codecs.register_error(name, replace)
    text = decoder(name).decode(body, final=True)
    return DecodedText(text, charset, len(lost), lost[0] if lost else None)
