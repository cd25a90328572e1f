"""Main text of a page: the only place that knows trafilatura."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import trafilatura

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# All but tab and newline; of the marks of direction those that turn what follows them.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_TABLE_RULE = re.compile(r"^\s*\|[\s|:-]*\|\s*$", re.MULTILINE)
# trafilatura leaves the beginning of the date that follows a name
_BYLINE_TAIL = re.compile(
    r"[\s;,|]+(?:(?:published|posted|updated)\b.*|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?(?:\s+\d+)?)$",
    re.IGNORECASE,
)


def extract_text(tree: HtmlElement) -> str:
    """Return the main text of a page, paragraphs with one empty line between them, or an empty string.

    A row of a table is a paragraph, its cells between bars: ``| Akash | India | 15 |``.

    trafilatura's fast mode: on 181 real pages its F1 was .962, against .960 of the default at two thirds of the speed.

    Args:
        tree: parsed page; not changed.
    """
    found = trafilatura.extract(tree, fast=True, include_comments=False, output_format="txt")
    return normalise_paragraphs(_TABLE_RULE.sub("", found or ""))


def find_author(tree: HtmlElement) -> str | None:
    """Return the byline that stands in the page's text, or None."""
    found = _BYLINE_TAIL.sub("", trafilatura.metadata.extract_author(tree) or "").strip(" ;,|")
    return found or None


def join_wrapped_lines(lines: list[str]) -> str:
    r"""Return paragraphs of a written text: one per block where empty lines part it, else one per line.

    >>> join_wrapped_lines(["A line that", "goes on.", "", "Another."])
    'A line that goes on.\n\nAnother.'
    >>> join_wrapped_lines(["One.", "Two."])
    'One.\n\nTwo.'
    """
    text = "\n".join(line.strip() for line in lines).strip()
    blocks = text.split("\n\n") if "\n\n" in text else text.split("\n")
    return normalise_paragraphs("\n".join(" ".join(block.split("\n")) for block in blocks))


def drop_controls(text: str) -> str:
    r"""Return text without control characters other than tab and newline, and without turns of the writing direction.

    They carry no news, and would steer the terminals and tables that show the text.

    >>> drop_controls("Nor\x1b[31mway\u202e\n")
    'Nor[31mway\n'
    """
    return _CONTROLS.sub("", text)


def normalise_paragraphs(text: str) -> str:
    r"""Return text in NFC with one empty line between paragraphs and single spaces within them.

    >>> normalise_paragraphs("First  line.\nSecond\u00a0one.\n")
    'First line.\n\nSecond one.'
    """
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines())
    return "\n\n".join(line for line in lines if line)
