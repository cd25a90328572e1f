"""Texts full of countries, weapons, money and trade verbs that tell no transfer yield almost no claims."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from floors import read_floors
from measures import HERE, measure_hard_negatives

from extract.claims import extract_article
from extract.claims.exchange import read_article_lines

FILE = HERE / "hard_negatives.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
KINDS = {row["id"]: row["why"] for row in ROWS}
# Of one kind of text, no more than this may yield a claim, so that a small kind isn't given up for the rate of all.
MAX_SHARE_OF_A_KIND = 0.35


@pytest.fixture(scope="module")
def hits():
    return measure_hard_negatives(FILE)


def test_the_rate_stays_below_its_ceiling(hits):
    share, ids = hits
    by_kind = Counter(KINDS[key] for key in ids)
    told = "; ".join(f"{number} of “{kind}”" for kind, number in by_kind.most_common())
    assert share.rate <= read_floors()["hard-negatives"]["max_rate"], f"{share.hits} of {share.total}: {told}"


def test_no_kind_is_given_up(hits):
    sizes = Counter(KINDS.values())
    wrong = Counter(KINDS[key] for key in hits[1])
    swamped = {
        kind: f"{number} of {sizes[kind]}"
        for kind, number in wrong.items()
        if number > 1 and number / sizes[kind] > MAX_SHARE_OF_A_KIND
    }
    assert not swamped


def test_the_set_is_large_varied_and_whole():
    assert len(ROWS) >= 300
    assert len(KINDS) == len(ROWS)
    assert len(Counter(KINDS.values())) >= 20
    texts = [row["text"] for row in ROWS]
    assert len(set(texts)) == len(texts)
    assert all(row["title"] and row["published"] and len(row["text"]) >= 60 for row in ROWS)


def test_a_deal_told_after_any_of_them_is_found():
    """The extractor reads these texts to the end; it doesn't owe its score to leaving them out."""
    deal = "\n\nLast year France delivered six Caesar howitzers to Estonia."
    found = 0
    lines = list(read_article_lines(FILE))
    for line in lines:
        article = replace(line.article, text=line.article.text + deal)
        found += any(
            (claim.supplier_code, claim.recipient_code) == ("FRA", "EST") for claim in extract_article(article)
        )
    assert found >= 0.9 * len(lines), f"found after {found} of {len(lines)}"
