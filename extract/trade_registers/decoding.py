"""Bytes of a register file to text, in every encoding that its copies come in."""

from __future__ import annotations

import codecs

from extract.errors import InputError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode_file(content: bytes, *, name: str) -> tuple[str, str]:
    """Decode a file: by its byte order mark, else as UTF-8, else as Western European (Windows-1252, ISO-8859-1).

    Args:
        content: the whole file.
        name: file name, for messages.

    Returns:
        The text and the name of the encoding.

    Raises:
        InputError: the file is empty, holds binary data, or ends within a character.

    >>> decode_file("Türkiye".encode("iso-8859-1"), name="a.csv")
    ('Türkiye', 'windows-1252')
    """
    if not content.strip():
        raise InputError(f"{name} is empty; download the export again")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode_marked(content, encoding, name), encoding
    if b"\0" in content:
        raise InputError(f"{name} holds binary data, not CSV; export the register as CSV")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        # a character that only the file's end cuts off: everything before it was good UTF-8 with such characters in it
        if error.end == len(content) and not content[: error.start].isascii():
            raise _cut_off(name) from error
    try:
        return content.decode("windows-1252"), "windows-1252"
    except UnicodeDecodeError:
        return content.decode("iso-8859-1"), "iso-8859-1"


def _decode_marked(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end >= len(content):
            raise _cut_off(name) from error
        raise InputError(
            f"{name} says that it is {encoding}, but byte {error.start} is not; download the export again"
        ) from error


def _cut_off(name: str) -> InputError:
    return InputError(f"{name} is truncated: it ends within a character; download the export again")
