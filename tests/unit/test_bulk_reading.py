"""Pages that are made to wear out a parser end in a named outcome, in the gate and behind it."""

from __future__ import annotations

import pytest

from extract.bulk.reading import read_batch
from extract.bulk.records import ArchivedPage

DEAL = "Poland has ordered 96 AH-64E Apache helicopters from the United States, the ministry said on Monday."
SIZE = 4 * 2**20 - 100
HOSTILE = {
    "nested": "<div>" * 900_000 + DEAL,
    "inline": "<p>" + "<span>" * 600_000 + DEAL,
    "tables": "<table><tr><td>" * 270_000 + DEAL,
    "headings": f"<h1>{DEAL}</h1>" * 38_000,
    "attributes": f"<p {' '.join(f'a{number}=1' for number in range(400_000))}>{DEAL}",
    "open tags": "<" * SIZE,
    "ampersands": "&" * SIZE,
    "comments": "<!--" * 1_000_000,
    "data": f'<script type="application/ld+json">{"[" * 1_000_000}</script><p>{DEAL}</p>',
    "body in data": '"articleBody":"' + "\\\\" * 1_500_000,
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", HOSTILE)
def test_page_made_to_wear_out_the_parser_is_settled(name: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    block = head + HOSTILE[name][:SIZE].encode()
    found = read_batch([ArchivedPage(f"http://a.example/{name}", "2024-01-02T03:04:05Z", block, 0)])
    assert len(found.pages) + found.left_out.total() == 1
