"""Claims from hostile text: no crash, no invented evidence, no work beyond linear."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.claims import EXTRACTOR_VERSION, ArticleText, extract_article, extract_claims
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS

DEAL = "Germany delivered 18 Leopard 2A6 tanks to Ukraine in March 2023."


def article(text: str, title: str = "", language: str = "en") -> ArticleText:
    return ArticleText("0123456789abcdef", "load", title, text, 2023, 6, language)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n \t",
        "\x00\x01\x02\x1b[31m\ufeff",
        ']]]](((("""“”‘’',
        "Германия передала Украине 18 танков Leopard 2",
        "ドイツはウクライナにレオパルト2戦車を供与した",
        "İ" * 300,
        "F-16 " * 400,
        "to from by with " * 300,
        "$" * 500 + " billion",
        "1" * 5000 + " tanks",
        "which that who " * 300,
    ],
)
def test_odd_text_gives_no_claim_and_no_error(text):
    assert extract_article(article(text, title=text[:200])) == []


def test_control_characters_inside_do_not_hide_a_deal():
    claims = extract_article(article(DEAL.replace(" tanks", "\u00a0tanks").replace(". ", ".\x00 ")))
    assert [(c.supplier_code, c.recipient_code, c.quantity_max) for c in claims] == [("DEU", "UKR", 18)]


def test_other_languages_yield_nothing():
    assert extract_article(article(DEAL, language="de")) == []


def test_unknown_date_keeps_told_years_only():
    claim = extract_article(ArticleText("a", "l", "", DEAL + " It was pledged last year.", None, None))[0]
    assert claim.delivery_year_first == 2023
    assert claim.order_year is None


def test_capitals_do_not_crash_and_evidence_fits():
    for claim in extract_article(article(DEAL.upper(), title=DEAL.upper())):
        assert claim.evidence_text in (DEAL.upper(),)


def test_flattened_table_is_read_without_error():
    rows = "\n".join(f"Leopard {n} | tank | Germany | {n} | 20{n:02d} | delivered" for n in range(10, 60))
    for claim in extract_article(article(rows)):
        assert claim.evidence_text == rows[claim.evidence_start : claim.evidence_end]


_WORDS = st.sampled_from(
    [
        "Germany",
        "Ukraine",
        "Poland",
        "France",
        "the",
        "a",
        "from",
        "to",
        "by",
        "with",
        "for",
        "and",
        ",",
        ".",
        ";",
        "–",
        "delivered",
        "ordered",
        "has",
        "will",
        "not",
        "sold",
        "contract\n",
        "",
        "",
        "",
        "Leopard",
        "2",
        "F-16s",
        "tanks",
        "frigate",
        "18",
        "two",
        "billion",
        "$3",
        "2019",
        "last",
        "year",
        "which",
        "said",
        "it",
        "Saab",
        "army",
        "is",
        "been",
        "sale",
        "of“",
        "”",
        "\n\n",
    ]
)


@settings(max_examples=150)
@given(st.lists(_WORDS, max_size=60).map(" ".join), st.lists(_WORDS, max_size=12).map(" ".join))
def test_evidence_is_cut_exactly_and_parties_differ(text, title):
    source = article(text, title=title)
    for claim in extract_article(source):
        field = title if claim.evidence_field == "title" else text
        assert claim.evidence_text == field[claim.evidence_start : claim.evidence_end]
        assert claim.evidence_text
        assert claim.is_domestic == (claim.supplier_code == claim.recipient_code)
        assert 0 <= claim.confidence <= 1
        assert claim.quantity_min is None or 1 <= claim.quantity_min <= (claim.quantity_max or 0)


@settings(max_examples=60)
@given(st.text(max_size=400))
def test_any_text_is_survived(text):
    assert isinstance(extract_article(article(text + " " + DEAL)), list)


def count_calls(text: str) -> int:
    """Count Python function calls, a measure of work that no other load on the machine changes."""
    calls = 0

    def tally(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(tally)
    try:
        extract_article(article(text))
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "unit",
    [
        DEAL + " ",
        "Germany delivered 18 Leopard 2 tanks and a frigate to Ukraine and France sold Rafale jets to Egypt in 2015 ",
        "Iran, Syria, Egypt and Libya, which bought Scud missiles, ",
        "a ",
        "F-16, Su-30, ",
    ],
)
def test_work_grows_linearly(unit):
    extract_article(article(DEAL))  # the lexicon is compiled once, outside the count
    small, large = count_calls(unit * 200), count_calls(unit * 800)
    assert large <= 4.8 * small, f"four times the text took {large / small:.1f} times the calls"


def test_one_megabyte_sentence_ends():
    text = "the tanks and the ships and " * 37_450
    assert len(text) > 1_000_000
    extract_article(article(text + DEAL))


def batch(texts: list[str]) -> pa.RecordBatch:
    now = datetime(2023, 6, 1, tzinfo=UTC)
    rows = [
        {
            "article_id": f"{n:016x}",
            "load_id": "load",
            "source_id": "s",
            "url": f"https://news.example/{n}",
            "title": "News",
            "author": None,
            "published_at": now,
            "published_at_origin": "feed",
            "language": "en",
            "text": text,
            "text_hash": f"{n:016x}",
            "text_signature": [],
            "fetched_at": now,
            "publisher": "P",
            "terms_url": None,
        }
        for n, text in enumerate(texts)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=ARTICLES.schema)


def test_batch_follows_the_contract_and_neighbours_change_nothing():
    other = "France has sold 36 Rafale fighters to India for 7.8 billion euros."
    alone = extract_claims(batch([DEAL])).to_pylist()
    beside = [row for row in extract_claims(batch([DEAL, other, ""])).to_pylist() if row["article_id"] == f"{0:016x}"]
    assert alone == beside
    assert extract_claims(batch([DEAL])).schema.names == TRANSFER_CLAIMS.schema.names
    assert {row["extractor_version"] for row in beside} == {EXTRACTOR_VERSION}
    assert TRANSFER_CLAIMS.conform(pa.table(extract_claims(batch([DEAL, other])))).num_rows == 2


def test_empty_batch_gives_an_empty_batch():
    assert extract_claims(batch([])).num_rows == 0


def test_claim_id_does_not_depend_on_the_version_or_wording():
    first = extract_article(article(DEAL))[0]
    second = extract_article(article(DEAL.replace("delivered", "has handed over")))[0]
    assert first.claim_id == second.claim_id
    assert len(first.claim_id) == 16


@pytest.mark.parametrize(
    ("words", "weapon"),
    [
        ("Pantsir systems", "Pantsir"),
        ("Oplot tanks", "Oplot"),
        ("Cougar helicopters", "Cougar"),
        ("OPVs", "offshore patrol vessel"),
    ],
)
def test_a_longer_name_that_ends_inside_a_word_hides_no_shorter_one(words, weapon):
    claims = extract_article(article(f"France delivered {words} to Egypt in 2020."))
    assert any(weapon in claim.weapon_designation for claim in claims)


def test_a_list_of_thousands_that_a_service_is_for_ends():
    text = f"Oman bought spare parts for {', '.join(['F-16', 'C-130'] * 1_500)} from the United States."
    assert len(extract_article(ArticleText("a", "l", "", text, 2024, 6))) <= 2
