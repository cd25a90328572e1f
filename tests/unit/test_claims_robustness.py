"""Whatever text comes: no crash, rows that keep the contract, the same bytes, work that grows with the text alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.claims import EXTRACTOR_VERSION, ArticleText, extract_article, extract_claims
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.reference import read_seed

DEALS = (
    "Germany delivered 18 Leopard 2A6 tanks to Ukraine in March 2023.",
    "India signed a $8.7 billion contract with Dassault Aviation for 36 Rafale fighters.",
    "Poland has ordered between 20 and 30 second-hand Mi-24 helicopters from the Czech Republic for about 400 million.",
    "In 1973 the Soviet Union gave Syria S-75 missiles; Syria had received 10 in 1967.",
    "The United States approved the sale of 250 M1A2 Abrams tanks to Poland, to be delivered from 2025 to 2028.",
)
SHUFFLED = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def build_batch(articles: list[tuple[str, str, str]]) -> pa.RecordBatch:
    """Build articles of id, title and text."""
    now = datetime(2023, 6, 1, tzinfo=UTC)
    filled = {field.name: None for field in ARTICLES.schema}
    rows = [
        filled
        | {"article_id": key, "load_id": "load", "title": title, "text": text, "published_at": now, "language": "en"}
        for key, title, text in articles
    ]
    relaxed = pa.schema([field.with_nullable(True) for field in ARTICLES.schema])
    return pa.RecordBatch.from_pylist(rows, schema=relaxed)


def extract_rows(title: str, text: str) -> list[dict[str, object]]:
    return extract_claims(build_batch([("0123456789abcdef", title, text)])).to_pylist()


def find_violations(row: dict[str, object]) -> list[str]:
    """Name each value that the contract doesn't allow."""
    found = []
    for column in TRANSFER_CLAIMS.columns:
        value = row[column.name]
        if value is None:
            wrong = not column.nullable
        else:
            wrong = (
                (column.allowed and value not in column.allowed)
                or (column.minimum is not None and value < column.minimum)
                or (column.maximum is not None and value > column.maximum)
                or (column.pattern is not None and re.fullmatch(column.pattern, str(value)) is None)
            )
        if wrong:
            found.append(f"{column.name}={value!r}")
    return found


def check_rows(rows: list[dict[str, object]], title: str, text: str) -> None:
    """Check what holds for the claims of every article."""
    for row in rows:
        assert find_violations(row) == []
        field = title if row["evidence_field"] == "title" else text
        assert row["evidence_text"] == field[row["evidence_start"] : row["evidence_end"]]
        assert row["evidence_text"].strip()
        assert (row["supplier_code"] == row["recipient_code"]) == row["is_domestic"]
        assert row["supplier_code"] or row["recipient_code"]
        assert row["extractor_version"] == EXTRACTOR_VERSION
        for least, most in (("quantity_min", "quantity_max"), ("value_min", "value_max")):
            assert (row[least] is None) == (row[most] is None)
            assert row[least] is None or row[least] <= row[most]
        assert (row["value_max"] is None) == (row["value_currency"] is None) == (row["value_type"] is None)
        first, last = row["delivery_year_first"], row["delivery_year_last"]
        assert (first is None) == (last is None)
        assert first is None or first <= last
    assert len({row["claim_id"] for row in rows}) == len(rows)
    table = pa.Table.from_pylist(rows, schema=TRANSFER_CLAIMS.schema)
    assert TRANSFER_CLAIMS.conform(table).num_rows == len(rows)


def _seed(name: str, column: str) -> list[str]:
    return [row[column] for row in read_seed(name).to_pylist()]


ACTORS = st.sampled_from(_seed("country_aliases", "alias"))
WEAPONS = st.sampled_from(_seed("weapons", "designation") + _seed("weapon_types", "weapon_type"))
FIRMS = st.sampled_from(_seed("companies", "company_name"))
NUMBERS = st.one_of(
    st.integers(0, 10**13).map(str),
    st.sampled_from(
        ["a", "two", "some 40", "up to 1,000", "a dozen", "three to five", "thirty (30)", "-7", "0", "1e9"]
    ),
)
YEARS = st.one_of(
    st.integers(0, 99999).filter(lambda year: not 1940 <= year < 1945).map("in {}".format),
    st.sampled_from(["last year", "in the 1970s", "between 1900 and 2300", "by FY 2031/32", "since 1950", "in 2101"]),
)
MONEY = st.sampled_from(["$3", "€1.5-2 billion", "Rs 99,999 crore", "US$ 0", "$999999999999999 trillion", "EUR 2 bn"])
VERBS = st.sampled_from(
    [
        "delivered",
        "has sold",
        "ordered",
        "will supply",
        "bought",
        "received",
        "agreed to sell",
        "is to be leased",
        "cancelled",
        "refused to sell",
        "was given",
        "signed a contract for",
        "offered",
        "denied selling",
        "approved the sale of",
        "would not donate",
        "produces under licence",
    ]
)
LINKS = st.sampled_from(
    [" to ", " from ", " for ", " and ", ", ", "'s ", " with ", " which ", ". ", ".\n\n", " by ", "; "]
)
DEAL_TEXTS = st.lists(
    st.one_of(ACTORS, WEAPONS, FIRMS, NUMBERS, YEARS, MONEY, VERBS, LINKS, LINKS), min_size=4, max_size=40
).map(" ".join)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(DEAL_TEXTS, DEAL_TEXTS)
def test_claims_from_any_mixture_of_the_lexicon_keep_the_contract(title, text):
    check_rows(extract_rows(title, text), title, text)


@st.composite
def damaged_deals(draw: st.DrawFn) -> str:
    """Deals with characters put in, taken out or doubled."""
    text = draw(st.sampled_from(DEALS))
    for _ in range(draw(st.integers(1, 12))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.text(max_size=3)) + text[place + draw(st.integers(0, 3)) :]
    return text


@settings(max_examples=120)
@given(damaged_deals(), st.text(max_size=80))
def test_claims_from_damaged_deals_keep_the_contract(text, title):
    check_rows(extract_rows(title, text), title, text)


def _in_capitals(text: str) -> str:
    return text.upper()


def _mixed(text: str) -> str:
    # letters that look Latin and are Cyrillic or Greek
    return text.translate(str.maketrans({"a": "а", "e": "е", "o": "ο", "p": "р"}))


@pytest.mark.parametrize(
    "change",
    [
        _in_capitals,
        str.lower,
        str.swapcase,
        _mixed,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace(" ", "  \t "),
        lambda text: text.replace(" ", "\u200b \u200f"),
        lambda text: "\x00".join(text.split(" ")),
        lambda text: "".join(f"{letter}\x07" for letter in text),
        lambda text: text.replace(" ", "\n"),
        lambda text: " | ".join(text.split(" ")),
        lambda text: text[::-1],
        lambda text: f"\ufeff{text}",
        lambda text: f"{text}\ud83d",
    ],
)
def test_deals_in_strange_dress_keep_the_contract(change):
    text = "\n\n".join(change(deal) for deal in DEALS)
    title = change(DEALS[0])
    for claim in extract_article(ArticleText("0123456789abcdef", "load", title, text, 2023, 6)):
        field = title if claim.evidence_field == "title" else text
        assert claim.evidence_text == field[claim.evidence_start : claim.evidence_end]
        assert (claim.supplier_code == claim.recipient_code) == claim.is_domestic


def test_deals_in_plain_dress_are_found():
    """The tests of strange dress would pass on an extractor that finds nothing."""
    rows = extract_rows("", "\n\n".join(DEALS))
    check_rows(rows, "", "\n\n".join(DEALS))
    pairs = {(row["supplier_code"], row["recipient_code"]) for row in rows}
    assert {("DEU", "UKR"), ("FRA", "IND"), ("CZE", "POL"), ("SUHH", "SYR"), ("USA", "POL")} <= pairs


@pytest.mark.parametrize(
    "year",
    [
        1940,
        1944,
        1939,
        1945,
        2100,
        2101,
    ],
)
def test_years_outside_the_contract_are_left_out(year):
    text = f"Germany delivered 18 Leopard 2A6 tanks to Ukraine in {year}. Greece ordered Leopard 2A4 tanks in {year}."
    check_rows(extract_rows("", text), "", text)


def test_capitals_hide_no_deal():
    text = "FRANCE HAS DELIVERED SIX CAESAR HOWITZERS TO ESTONIA."
    check_rows(extract_rows("", text), "", text)


def test_a_flattened_table_keeps_the_contract():
    cells = [
        f"{state} | Leopard 2A{number} | {number} | {1990 + number} | tanks | Germany | delivered"
        for number, state in enumerate(("Poland", "Greece", "Turkey", "Chile", "Norway"), start=4)
    ]
    text = "Recipient | Designation | Number | Year | Type | Supplier | Status\n" + "\n".join(cells)
    check_rows(extract_rows("Leopards", text), "Leopards", text)


@SHUFFLED
@given(st.permutations([*enumerate(DEALS)]), st.lists(st.text(max_size=60), max_size=4))
def test_neighbours_change_no_byte(order, others):
    alone = {number: extract_claims(build_batch([(f"{number:016x}", "", text)])) for number, text in enumerate(DEALS)}
    mixed = [(f"{number:016x}", "", text) for number, text in order]
    mixed += [(f"{100 + number:016x}", "", text) for number, text in enumerate(others)]
    together = extract_claims(build_batch(mixed))
    for number, batch in alone.items():
        rows = [row for row in together.to_pylist() if row["article_id"] == f"{number:016x}"]
        again = pa.RecordBatch.from_pylist(rows, schema=TRANSFER_CLAIMS.schema)
        assert again.serialize().to_pybytes() == batch.serialize().to_pybytes()


def test_another_process_writes_the_same_bytes(tmp_path):
    """Sets and dictionaries of texts have another order in each process, unless something sorts them."""
    source = tmp_path / "in.jsonl"
    rows = [{"id": str(n), "title": "", "published": "2023-06-01", "text": " ".join(DEALS[n:])} for n in range(5)]
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    written = []
    for seed in ("1", "2", "3"):
        target = tmp_path / f"{seed}.jsonl"
        command = [sys.executable, "-m", "extract", "events", "--input", str(source), "--output", str(target)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        written.append(target.read_bytes())
    assert len(set(written)) == 1
    assert b'"supplier": "DEU"' in written[0]


HOSTILE = [
    ".",
    "sold ",
    "1,",
    "1 ",
    "(",
    '"',
    "“a” ",
    "’s ",
    "\n",
    "\n• ",
    "A-",
    "A1-",
    "F-16",
    "Mk II/",
    "Ab-class ",
    "U.S. ",
    "?! ",
    "$1 ",
    "€1 billion ",
    "one hundred and ",
    "a half a dozen ",
    "between 2010 and ",
    "to sell ",
    "tanks and ",
    "India, ",
    "India's ",
    "Leopard 2A6 tanks, ",
    "Германия ",
    "| 12 | ",
]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", HOSTILE)
def test_no_pattern_backtracks_over_a_long_text(unit):
    """Calls can be counted, steps inside a regular expression can't: quadratic ones would take minutes here."""
    text = f"{DEALS[0]} {unit * (50_000 // len(unit))}{DEALS[0]}"
    for claim in extract_article(ArticleText("a", "load", text[:2_000], text, 2023, 6)):
        assert claim.evidence_text


@pytest.mark.timeout(120)
@pytest.mark.parametrize("unit", ["tank", "the tanks of the navy and "])
def test_a_sentence_of_a_megabyte_ends(unit):
    """One word without blanks, and one sentence without a stop; what stands before it is still read."""
    text = f"{DEALS[0]} {unit * (1_000_000 // len(unit))}"
    claims = extract_article(ArticleText("a", "load", "", text, 2023, 6))
    assert [(claim.supplier_code, claim.recipient_code) for claim in claims] == [("DEU", "UKR")]


def count_work(text: str) -> int:
    """Count calls of Python and C functions: a measure that doesn't hang on the machine's load."""
    calls = 0

    def tally(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    article = ArticleText("a", "load", "", text, 2023, 6)
    sys.setprofile(tally)
    try:
        extract_article(article)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("joint", [" ", "\n\n", " and "])
def test_work_doubles_with_the_text(joint):
    extract_article(ArticleText("a", "load", "", DEALS[0], 2023, 6))  # the lexicon is compiled once
    once, twice = (count_work(joint.join(DEALS * number)) for number in (40, 80))
    assert once > 10_000
    assert twice <= 2.3 * once, f"twice the text took {twice / once:.2f} times the calls"


def test_every_article_of_a_batch_costs_the_same():
    """A batch is as much work as its articles: nothing is kept from one to the next."""
    text = " ".join(DEALS)
    extract_rows("", text)
    counts = []
    for size in (4, 8):
        batch = build_batch([(f"{number:016x}", "", text) for number in range(size)])
        calls = 0

        def tally(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(tally)
        try:
            extract_claims(batch)
        finally:
            sys.setprofile(None)
        counts.append(calls)
    assert counts[1] == pytest.approx(2 * counts[0], rel=0.05)


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", ".", "\x00", "\ufffd" * 50, "…" * 40])
def test_a_text_without_words_gives_no_claim(text):
    assert extract_rows(text, text) == []


def test_a_batch_of_no_articles_has_the_contract_s_columns():
    assert extract_claims(build_batch([])).schema.names == TRANSFER_CLAIMS.schema.names
