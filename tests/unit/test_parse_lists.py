"""Feeds and sitemaps of all dialects give their entries; broken ones give what can be saved, and say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.parsing.feeds import parse_feed
from extract.parsing.json_lists import parse_gdelt_list, parse_json_feed
from extract.parsing.sitemaps import parse_sitemap

URL = "http://www.paper.example/feed.xml"
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Paper</title>
<entry><title type="html">Ships &amp;amp; &lt;b&gt;planes&lt;/b&gt;</title>
<link rel="self" href="/self"/><link rel="alternate" href="../a?b=1"/>
<author><name>A. Writer</name></author><published>2024-01-02T03:04:05+01:00</published>
<updated>2025-01-01T00:00:00Z</updated></entry>
<entry><title>Updated only</title><link href="http://www.paper.example/u"/><updated>2024-02-03T00:00:00Z</updated></entry>
</feed>"""
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>
  http://www.paper.example/a
</loc><lastmod>2026-01-01</lastmod><image:image><image:loc>http://www.paper.example/a.jpg</image:loc></image:image>
<news:news><news:publication_date>2024-01-02T03:04:05+01:00</news:publication_date><news:title>Ships
 sold</news:title></news:news></url>
<url><loc>/b</loc><lastmod>2026-01-01</lastmod></url>
</urlset>"""

JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "Paper",
 "next_url": "?page=2", "items": [
 {"id": "1", "url": "/a", "title": "Ships &amp; planes", "authors": [{"name": "A. Writer"}, {"name": "B. Editor"}],
  "date_published": "2024-01-02T03:04:05+01:00", "date_modified": "2025-01-01T00:00:00Z"},
 {"id": "http://www.paper.example/b", "author": {"name": "C"}}, {"id": 3, "title": "No link"}, "noise"]}"""
GDELT = "https://api.gdeltproject.example/api/v2/doc/doc?query=arms&mode=ArtList&format=json"


def test_json_feed_entries() -> None:
    found = parse_feed(b"\xef\xbb\xbf" + JSON_FEED.encode(), url="http://www.paper.example/feed.json")
    first, second = found.entries
    assert (first.url, first.title) == ("http://www.paper.example/a", "Ships & planes")
    assert (first.author, first.published_at) == ("A. Writer, B. Editor", datetime(2024, 1, 2, 2, 4, 5, tzinfo=UTC))
    assert first.changed_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert (second.url, second.author) == ("http://www.paper.example/b", "C")
    assert found.next_page == "http://www.paper.example/feed.json?page=2"
    assert [one.reason for one in found.problems] == ["entry_without_link"] * 2
    assert not found.is_broken


@pytest.mark.parametrize(
    ("body", "told"),
    [(b'{"items": [', "not valid JSON"), (b'{"title": "x"}', "no list of items"), (b"[" * 100_000, "not valid JSON")],
)
def test_broken_json_feed_says_why(body: bytes, told: str) -> None:
    (problem,) = parse_feed(body, url=URL).problems
    assert (problem.reason, told in problem.detail) == ("broken_feed", True)


@pytest.mark.parametrize("relation", ["next", "prev-archive"])
@pytest.mark.parametrize("form", ["atom", "rss"])
def test_feed_names_its_next_page(relation: str, form: str) -> None:
    link = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="{relation}" href="/feed?page=2"/>'
    item = "<item><title>One</title><link>/1</link></item>"
    rss = f'<rss version="2.0"><channel><title>t</title>{link}{item}</channel></rss>'
    atom = ATOM.replace("<title>Paper</title>", f"<title>Paper</title>{link}")
    found = parse_feed((rss if form == "rss" else atom).encode(), url=URL)
    assert found.next_page == "http://www.paper.example/feed?page=2"


def test_gdelt_list() -> None:
    body = b"""{"articles": [{"url": "https://a.example/1", "title": "Jets  sold", "seendate": "20240102T030000Z",
     "domain": "a.example", "language": "English", "sourcecountry": "Chile"}, {"title": "no address"}]}"""
    found = parse_gdelt_list(body, url=GDELT)
    (entry,) = found.entries
    assert (entry.url, entry.title, entry.published_at) == ("https://a.example/1", "Jets sold", None)
    assert [one.reason for one in found.problems] == ["entry_without_link"]
    full = parse_gdelt_list(body, url=f"{GDELT}&maxrecords=2")
    assert "list_is_full" in [one.reason for one in full.problems]
    assert parse_gdelt_list(b"{}", url=GDELT).problems == (), "nothing found is no fault"


def test_what_gdelt_says_of_a_bad_query_is_told() -> None:
    found = parse_gdelt_list(b"Your query was too short or too long.\n", url=GDELT)
    assert (found.problems[0].reason, found.is_broken) == ("broken_list", True)
    assert "Your query was too short" in found.problems[0].detail


def test_atom_entries() -> None:
    found = parse_feed(ATOM.encode(), url="http://www.paper.example/news/feed.xml")
    first, second = found.entries
    assert (first.url, first.title, first.author) == ("http://www.paper.example/a?b=1", "Ships & planes", "A. Writer")
    assert first.published_at == datetime(2024, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert second.published_at == datetime(2024, 2, 3, tzinfo=UTC)
    assert (found.problems, found.is_broken) == ((), False)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1251", "utf-16"])
def test_feed_in_another_encoding(charset: str) -> None:
    title = "Орёл" if charset == "windows-1251" else "Señor"
    body = f'<?xml version="1.0" encoding="{charset}"?><rss version="2.0"><channel><item><title>{title}</title>'
    body += "<link>http://www.paper.example/a</link></item></channel></rss>"
    found = parse_feed(body.encode(charset), url=URL)
    assert [entry.title for entry in found.entries] == [title]
    assert not found.is_broken


def test_rss_1_and_rss_without_dates() -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<item><title>One</title><link>http://www.paper.example/1</link></item></rdf:RDF>"
    )
    found = parse_feed(rdf.encode(), url=URL)
    assert [(entry.url, entry.published_at) for entry in found.entries] == [("http://www.paper.example/1", None)]


def test_feed_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    item = "<item><title>&c;</title><link>/a</link></item>"
    body = f'<?xml version="1.0"?>{bomb}<rss version="2.0"><channel>{item}</channel></rss>'
    found = parse_feed(body.encode(), url=URL)
    assert "0123456789" not in repr(found)
    assert [problem.reason for problem in found.problems] == ["damaged_feed"]


def test_sitemap_with_news() -> None:
    found = parse_sitemap(NEWS.encode(), url="http://www.paper.example/sitemap.xml")
    first, second = found.entries
    assert (first.url, first.title) == ("http://www.paper.example/a", "Ships sold")
    assert first.published_at == datetime(2024, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert (second.url, second.published_at) == ("http://www.paper.example/b", None), "lastmod is no publication date"
    assert not found.is_broken


def test_sitemap_index_names_its_children() -> None:
    told = (("/1.xml", "2019-03-04"), ("/2.xml.gz", "2026-01-02T03:04:05+01:00"), ("/3.xml", "soon"), ("/4.xml", ""))
    items = "".join(f"<sitemap><loc>{path}</loc><lastmod>{day}</lastmod></sitemap>" for path, day in told)
    body = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</sitemapindex>'
    found = parse_sitemap(body.encode(), url="http://www.paper.example/sitemap.xml")
    names = ["2.xml.gz", "1.xml", "3.xml", "4.xml"]
    assert list(found.children) == [f"http://www.paper.example/{name}" for name in names], "the last changed goes first"
    since = datetime(2020, 1, 1, tzinfo=UTC)
    recent = parse_sitemap(body.encode(), url="http://www.paper.example/sitemap.xml", since=since)
    assert "http://www.paper.example/1.xml" not in recent.children
    assert len(recent.children) == 3, "one that doesn't tell its day is read"


def test_cut_sitemap_gives_what_stands_before_the_cut() -> None:
    found = parse_sitemap(NEWS.encode()[:-30], url=URL)
    assert [entry.url for entry in found.entries][:1] == ["http://www.paper.example/a"]
    assert found.is_broken
    assert [problem.reason for problem in found.problems] == ["damaged_sitemap"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not well-formed"),
        (b"<html><body/></html>", "root element is html"),
        (b'<?xml version="1.0" encoding="shift_jis"?><urlset/>', "encoding"),
        (b'<?xml version="1.0" encoding="no-such"?><urlset/>', "encoding"),
        (b'<!DOCTYPE u [<!ENTITY a "aaaa">]><urlset><url><loc>&a;</loc></url></urlset>', "forbidden XML"),
        (b'<!DOCTYPE u SYSTEM "file:///etc/passwd"><urlset/>', "forbidden XML"),
    ],
)
def test_broken_sitemap_says_why(body: bytes, told: str) -> None:
    found = parse_sitemap(body, url=URL)
    assert (found.entries, found.is_broken) == ((), True)
    assert [problem.reason for problem in found.problems] == ["broken_sitemap"]
    assert told in found.problems[0].detail


def test_entries_without_link_are_named() -> None:
    body = b'<rss version="2.0"><channel><title>t</title><item><title>No link here</title></item></channel></rss>'
    (problem,) = parse_feed(body, url=URL).problems
    assert (problem.reason, "No link here" in problem.detail) == ("entry_without_link", True)
    assert [one.reason for one in parse_sitemap(b"<urlset><url/></urlset>", url=URL).problems] == ["entry_without_link"]


@given(st.binary(max_size=400), st.integers(0, len(ATOM)), st.integers(0, 40))
def test_any_bytes_give_a_list_and_no_error(noise: bytes, place: int, cut: int) -> None:
    lists = ((ATOM, parse_feed), (NEWS, parse_sitemap), (JSON_FEED, parse_json_feed), (JSON_FEED, parse_gdelt_list))
    for sound, parse in lists:
        content = sound.encode()
        for body in (noise, content[:place] + noise + content[place + cut :]):
            found = parse(body, url=URL)
            assert all(entry.url for entry in found.entries)
