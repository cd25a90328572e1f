"""A page to an article: encodings, dates by their cascade, canonical URL, main text without its surroundings."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.article_files import parse_row
from extract.claims import ArticleText, extract_article
from extract.parsing.dates import find_written_date
from extract.parsing.decode import decode_html
from extract.parsing.entries import Entry
from extract.parsing.page import Article, FetchedPage, Unusable, parse_page
from extract.parsing.signature import text_hash, text_signature
from extract.parsing.text import extract_text
from extract.parsing.urls import article_id, canonical_url, choose_canonical
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://www.paper.example/2024/a.html"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
TEXT = (
    "Norway has signed a contract for four maritime patrol aircraft, the ministry said in Oslo. "
    "The aircraft are to be delivered within three years and will replace an older type. "
)
END = "It is the third sale of the type to a state of northern Europe, and the price was not told."
PAGE = """<!doctype html><html><head><title>Norway buys aircraft | The Paper</title>{head}</head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<div class="cookie-banner">We use cookies. <button>Accept all</button></div>
<article><h1>Norway buys aircraft</h1>{byline}<p>{text}</p><p>{end}</p></article>
<div class="related"><h2>Related</h2><ul>
<li><a href="/x">Older story <span class="date">3 May 2019</span>
<time datetime="2019-05-03">3 May</time></a></li></ul></div>
<footer>Copyright 2026 The Paper</footer></body></html>"""


def make(head: str = "", byline: str = "", text: str = TEXT) -> bytes:
    return PAGE.format(head=head, byline=byline, text=text, end=END if text else "").encode()


def parse(body: bytes, *, url: str = URL, content_type: str | None = "text/html; charset=utf-8", **told: Any) -> Any:
    entry = Entry(url, "feed", **told) if told else None
    return parse_page(FetchedPage(body, url, content_type, NOW), entry=entry)


NEWS = '"@type":"NewsArticle"'
PAGE_OF = '"@type":"WebPage"'
DAY = '"datePublished":"2024-05-06"'


def json_ld(document: str) -> str:
    return f'<script type="application/ld+json">{document}</script>'


SAMPLES = sorted((PROJECT_ROOT / "extract" / "sample").glob("*/**/*.html"))


@pytest.mark.parametrize("path", SAMPLES[::6], ids=lambda path: path.stem)
def test_text_has_every_word_of_trafilaturas_fast_mode(path: Path) -> None:
    html = decode_html(path.read_bytes()).text
    fast = trafilatura.extract(html, fast=True, include_comments=False) or ""
    words = [word for word in unicodedata.normalize("NFC", fast).split() if set(word) - set("|-:")]
    assert [word for word in extract_text(trafilatura.load_html(html)).split() if set(word) - set("|-:")] == words


def test_text_in_another_language_is_kept_and_marked_and_yields_no_claim() -> None:
    told = "Le ministère a commandé douze hélicoptères Apache aux États-Unis, a déclaré lundi le porte-parole. "
    body = f"<h1>Douze hélicoptères</h1><p>{told * 3}</p><time datetime='2024-03-01'>1 mars 2024</time>"
    html = f"<html><head><meta property='article:published_time' content='2024-03-01'></head><body>{body}</body></html>"
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    found = parse_page(FetchedPage(html.encode(), "http://www.paper.example/fr", None, moment))
    assert isinstance(found, Article)
    assert found.language == "fr"
    assert extract_article(ArticleText("", "", found.title, found.text, 2024, 3, found.language)) == []


def test_text_is_the_article_alone() -> None:
    article = parse(make(json_ld('{"@type":"NewsArticle","datePublished":"2024-05-06"}')))
    assert isinstance(article, Article)
    assert article.text == f"{TEXT.strip()}\n\n{END}"
    assert (article.title, article.language) == ("Norway buys aircraft", "en")
    assert article.article_id == article_id(URL)


@pytest.mark.parametrize(
    ("head", "byline", "entry", "day", "origin"),
    [
        (f'{{{NEWS},"datePublished":"2024-05-06T23:30:00-02:00"}}', "", "2024-05-01", "2024-05-07", "json_ld"),
        (
            f'{{"@graph":[{{{PAGE_OF},"datePublished":"2020-01-01"}},{{{NEWS},{DAY}}}]}}',
            "",
            None,
            "2024-05-06",
            "json_ld",
        ),
        (f'[{{"@type":"BreadcrumbList"}},{{"@type":["Report"],{DAY}}}]', "", None, "2024-05-06", "json_ld"),
        (f'{{{NEWS},"description":"two\nlines",{DAY}}}', "", None, "2024-05-06", "json_ld"),
        (f'{{{NEWS},"datePublished":"2031-05-06"}}', "", "2024-05-01", "2024-05-01", "feed"),
        (f'{{{NEWS},"datePublished":', "", "2024-05-01", "2024-05-01", "feed"),
        ('{"@type":"Organization","datePublished":"1999-05-06"}', "", "2024-05-01", "2024-05-01", "feed"),
        ("{}", '<p class="byline">By Staff | Published: Tuesday, 7 May 2024</p>', None, "2024-05-07", "page"),
        ('{}</script><meta name="dc.date" content="2024-05-09"><script>', "", None, "2024-05-09", "page"),
        ("{}", '<time datetime="2024-05-08T10:00:00Z">8 May</time>', None, "2024-05-08", "page"),
    ],
)
def test_date_comes_from_the_first_source_that_is_believable(
    head: str, byline: str, entry: str | None, day: str, origin: str
) -> None:
    told = {"published_at": datetime.fromisoformat(entry).replace(tzinfo=UTC)} if entry else {}
    article = parse(make(json_ld(head), byline), **told)
    assert (article.published_at.date().isoformat(), article.published_at_origin) == (day, origin)


def test_rows_of_a_table_are_paragraphs() -> None:
    table = "<table><tr><th>System</th><th>Number</th></tr><tr><td>Akash</td><td>15</td></tr></table>"
    body = make(json_ld(f"{{{NEWS},{DAY}}}")).replace(b"</article>", f"{table}</article>".encode())
    assert parse(body).text.split("\n\n")[-2:] == ["| System | Number |", "| Akash | 15 |"]


def test_date_of_a_related_article_is_not_taken() -> None:
    found = parse(make())
    assert isinstance(found, Unusable)
    assert found.reason == "no_date"


def test_title_and_author_cascade() -> None:
    dated = f'{{{NEWS},{DAY},"headline":"From JSON-LD","author":[{{"name":"A"}},{{"name":"B"}}]}}'
    article = parse(make(json_ld(dated)), title="From the feed", author="C")
    assert (article.title, article.author) == ("From JSON-LD", "A, B")
    plain = parse(make(json_ld('{"@type":"Article","datePublished":"2024-05-06"}')), title="From the feed", author="C")
    assert (plain.title, plain.author) == ("Norway buys aircraft", "C")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (make(text=""), "no_text"),
        (b"", "no_text"),
        (b"\x00\x01\x02", "no_text"),
        (make(text="Short.").replace(END.encode(), b""), "no_text"),
    ],
)
def test_page_without_text(body: bytes, reason: str) -> None:
    assert parse(body).reason == reason


def test_page_on_which_a_library_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise RecursionError("too deep")

    monkeypatch.setattr("extract.parsing.page.extract_text", fail)
    found = parse(make())
    assert (found.reason, found.detail) == ("unreadable_page", "RecursionError: too deep")


def test_paper_of_another_media_type() -> None:
    assert parse(make(), content_type="application/pdf").reason == "not_html"


@pytest.mark.parametrize(
    ("body", "content_type", "text", "lost"),
    [
        ("naïve £".encode(), "text/html", "naïve £", 0),
        ("naïve £".encode("cp1252"), "text/html; charset=ISO-8859-1", "naïve £", 0),
        (
            b'<meta charset="windows-1251">' + "Орёл".encode("cp1251"),
            "text/html",
            '<meta charset="windows-1251">Орёл',
            0,
        ),
        ("naïve “x”".encode("cp1252"), "text/html; charset=utf-8", "naïve “x”", 0),
        ("naïve £".encode(), "text/html; charset=nonsense", "naïve £", 0),
        ("naïve £".encode(), "text/html; charset=hex", "naïve £", 0),
        ("naïve £".encode(), "text/html; charset=undefined", "naïve £", 0),
        (rb"a \x41", "text/html; charset=unicode_escape", r"a \x41", 0),
        (b'<meta charset="cp037">', "text/html", '<meta charset="cp037">', 0),
        ("戦車".encode("shift_jis"), "text/html; charset=Shift_JIS", "戦車", 0),
        ("naïve £".encode("utf-16"), "text/html; charset=utf-8", "naïve £", 0),
        (b"\xef\xbb\xbfbom", "text/html; charset=iso-8859-1", "bom", 0),
        ("naïve ".encode() + b"\xff!", "text/html; charset=utf-8", "naïve \ufffd!", 1),
    ],
)
def test_bytes_are_read_by_the_encoding_that_fits(body: bytes, content_type: str, text: str, lost: int) -> None:
    found = decode_html(body, content_type=content_type)
    assert (found.text, found.lost_bytes) == (text, lost)


def test_unreadable_bytes_refuse_an_article_only_where_they_stand_in_it() -> None:
    dated = json_ld('{"@type":"Article","datePublished":"2024-05-06"}')
    sound = make(dated, text=TEXT.replace("Oslo", "Bodø"))
    assert parse(sound.replace("Bodø".encode(), b"Bod\xc3\xb8\xff")).reason == "bad_encoding"
    assert isinstance(parse(sound.replace(b"Sport", b"Sp\xffrt")), Article)


@pytest.mark.parametrize(
    ("declared", "url"),
    [
        ("https://paper.example/amp/a", "https://paper.example/amp/a"),
        ("http://www.paper.example/2024/a.html?utm_source=x&id=7", "http://www.paper.example/2024/a.html?id=7"),
        ("http://www.paper.example/", URL),
        ("http://www.other.example/a", URL),
        ("javascript:void(0)", URL),
        ("http://[broken", URL),
        (None, URL),
    ],
)
def test_canonical_url_is_believed_on_its_own_domain(declared: str | None, url: str) -> None:
    assert choose_canonical(URL, declared) == url


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://A.example:80/x?b=2&a=1#top", "http://a.example/x?a=1&b=2"),
        ("https://a.example/x?utm_medium=rss&fbclid=9", "https://a.example/x"),
    ],
)
def test_one_page_has_one_address(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)
    assert canonical_url(canonical_url(one)) == canonical_url(one)


def test_signatures_tell_near_duplicates_from_others() -> None:
    words = [f"word{number}" for number in range(200)]
    text, reprint, other = " ".join(words), " ".join(["PARIS", *words[:-3], "edited."]), " ".join(words[::-1])

    def shared(one: str, two: str) -> int:
        return sum(a == b for a, b in zip(text_signature(one), text_signature(two), strict=True))

    assert shared(text, text.upper()) == 16
    assert shared(text, reprint) >= 12
    assert shared(text, other) == 0
    assert text_hash(text) == text_hash(f"  {text.upper()}!")
    assert text_hash(text) != text_hash(reprint)
    assert len(text_signature("one two")) == 16


def test_signature_stays_the_same_for_ever() -> None:
    assert text_signature("Norway buys four maritime patrol aircraft from America")[:2] == [
        11276821400782875196,
        2532894947455112194,
    ]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("by Staff Sep 7, 2021, 14:25 PM", "2021-09-07"),
        ("7th of September 2021", "2021-09-07"),
        ("Sept. 7 2021, updated 9 September 2021", "2021-09-07"),
        ("2021-09-07T10:00", "2021-09-07"),
        ("07/09/2021", None),
        ("31 February 2021", None),
        ("May 3000", None),
        ("1 January 2031", None),
    ],
)
def test_written_dates(line: str, day: str | None) -> None:
    found = find_written_date(line, fetched_at=NOW)
    assert (found.date().isoformat() if found else None) == day


@settings(max_examples=60)
@given(st.binary(max_size=300), st.integers(0, 1500), st.sampled_from(["text/html", "text/html; charset=utf-16", None]))
def test_any_bytes_give_an_article_or_a_reason(noise: bytes, place: int, content_type: str | None) -> None:
    sound = make(json_ld('{"@type":"Article","datePublished":"2024-05-06"}'))
    for body in (noise, sound[:place] + noise + sound[place:], sound[:place]):
        assert isinstance(parse(body, content_type=content_type), Article | Unusable)


def test_no_character_that_steers_a_terminal_reaches_an_article() -> None:
    told = json_ld(f'{{{NEWS},{DAY},"headline":"Nor\\u001b[31mway\\u009b\\u202e","author":"A\\u001b[2J"}}')
    article = parse(make(head=told, text=TEXT.replace("four", "fo\x7fur\u2066")))
    assert (article.title, article.author) == ("Nor[31mway", "A[2J")
    row = {"title": "a\x1b]0;b\x07", "author": "\x1b", "text": f"{TEXT}\x1b[2J {TEXT}", "published": "2024-05-06"}
    own = parse_row(json.dumps(row).encode(), url=URL, read_at=NOW)
    assert (own.title, own.author) == ("a]0;b", None)
    for text in (article.text, own.text):
        assert [sign for sign in text if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf")] == []
