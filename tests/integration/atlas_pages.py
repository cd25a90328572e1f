"""Reads pages of the atlas as a browser would: figures with their rows and SQL, data blocks, links."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urlsplit

import lxml.html

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One chart of a page.

    Attributes:
        page: the page's file.
        id: its place there.
        evidence: news or register.
        rows: its data.
        sql: the query shown beside it.
    """

    page: Path
    id: str
    evidence: str
    rows: list[dict[str, Any]]
    sql: str


def parse(page: Path) -> lxml.html.HtmlElement:
    """Parse a page."""
    return lxml.html.document_fromstring(page.read_text(encoding="utf-8"))


def list_figures(page: Path) -> list[Figure]:
    """Return the charts of a page that carry their own rows."""
    return [
        Figure(
            page,
            element.get("id"),
            element.get("data-evidence"),
            read_rows(element.xpath(".//script[contains(@class, 'rows')]")[0].text),
            element.xpath(".//details[@class='query']//code")[0].text,
        )
        for element in parse(page).xpath("//figure[@data-chart][not(@data-waits)]")
    ]


def read_rows(text: str) -> list[dict[str, Any]]:
    """Return the rows of a chart's data block."""
    block = json.loads(text)
    return [dict(zip(block["columns"], values, strict=True)) for values in block["rows"]]


def list_links(page: Path) -> list[str]:
    """Return the addresses that a page links or loads, without those that a browser makes no request for."""
    found = parse(page).xpath("//a/@href | //link/@href | //script/@src")
    return [address for address in found if not address.startswith(("data:", "#"))]


def resolve(page: Path, address: str) -> Path:
    """Return the file that a relative address of a page leads to."""
    return (page.parent / unquote(urlsplit(urldefrag(address).url).path)).resolve()


def read_deals(site: Path) -> dict[str, dict[str, Any]]:
    """Return the data of all deals, by key, from the files that the deal page loads."""
    deals: dict[str, dict[str, Any]] = {}
    for path in sorted((site / "data" / "deals").glob("*.js")):
        document = re.fullmatch(
            r"atlas\.deals = Object\.assign\(atlas\.deals \|\| \{\}, (.*)\);\n",
            path.read_text(encoding="utf-8"),
            re.DOTALL,
        )
        assert document, path
        deals |= json.loads(document[1])
    return deals


def read_index(site: Path) -> dict[str, Any]:
    """Return the search index."""
    text = (site / "data" / "search.js").read_text(encoding="utf-8")
    index: dict[str, Any] = json.loads(text.removeprefix("atlas.index = ").removesuffix(";\n"))
    return index
