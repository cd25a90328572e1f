"""Content encodings, undone piece by piece, so that a small body can't become a large one unseen."""

from __future__ import annotations

import zlib

ACCEPTED = "gzip, deflate"
_GZIP_MAGIC = b"\x1f\x8b"


class DecodingError(Exception):
    """A body that can't be undone; ``reason`` is its name in outcomes."""

    reason = "bad_content_encoding"


class TooLarge(DecodingError):
    """More bytes than the cap after decompression."""

    reason = "too_large"


class BrokenEncoding(DecodingError):
    """The body isn't what its Content-Encoding says, or an encoding we didn't ask for."""


class TruncatedBody(DecodingError):
    """The compressed body ends before its end mark."""

    reason = "truncated_body"


def decode_body(body: bytes, encoding: str | None, *, max_bytes: int) -> bytes:
    """Undo a Content-Encoding.

    Args:
        body: bytes as sent.
        encoding: value of the header, None for none.
        max_bytes: cap on the result.

    Raises:
        TooLarge: the result has more than ``max_bytes``.
        BrokenEncoding: the bytes aren't of this encoding.
        TruncatedBody: the end is missing.
    """
    for name in reversed([part.strip().lower() for part in (encoding or "").split(",") if part.strip()]):
        if name in ("gzip", "x-gzip"):
            body = _inflate(body, 16 + zlib.MAX_WBITS, max_bytes)
        elif name == "deflate":
            # servers send zlib streams and bare deflate streams under this name
            is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
            body = _inflate(body, zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS, max_bytes)
        elif name != "identity":
            raise BrokenEncoding(f"content encoding {name!r} was not asked for")
    if len(body) > max_bytes:
        raise TooLarge(f"more than {max_bytes} bytes")
    return body


def gunzip_if_needed(body: bytes, *, max_bytes: int) -> bytes:
    """Decompress a file that is gzip by itself, as sitemaps often are; others come back as they are.

    Raises:
        TooLarge: the result has more than ``max_bytes``.
        BrokenEncoding: it starts like gzip but isn't.
        TruncatedBody: the end is missing.
    """
    return _inflate(body, 16 + zlib.MAX_WBITS, max_bytes) if body.startswith(_GZIP_MAGIC) else body


def _inflate(body: bytes, window_bits: int, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    total = 0
    while body:
        machine = zlib.decompressobj(window_bits)
        try:
            part = machine.decompress(body, max_bytes + 1 - total)
        except zlib.error as error:
            raise BrokenEncoding(f"the body is not valid compressed data: {error}") from error
        parts.append(part)
        total += len(part)
        if total > max_bytes:
            raise TooLarge(f"more than {max_bytes} bytes after decompression")
        if not machine.eof:
            raise TruncatedBody("the compressed body ends too early")
        # gzip may have several members; anything else after the end is padding
        body = machine.unused_data if machine.unused_data.startswith(_GZIP_MAGIC) else b""
    return b"".join(parts)
