"""Lists of all kinds lead to articles: JSON Feed, feeds of several pages, sitemaps by date, GDELT."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ingest_desk import HOST, Desk, feed, page
from scripted_server import Answer


def publish_pages(desk: Desk, *numbers: int) -> None:
    for number in numbers:
        desk.server.add(f"{HOST}/p{number}", page(number))


def feed_page(number: int, *articles: int, following: int | None) -> str:
    """Write page ``number`` of a feed, with a link to a following one."""
    link = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="next" href="/feed-{following}.xml"/>'
    whole = feed([f"/p{article}" for article in articles])
    return whole.replace("<title>The Paper</title>", f"<title>Page {number}</title>{link if following else ''}")


def titles(desk: Desk, load_id: str) -> set[str]:
    return {row["title"] for row in desk.staged_rows(load_id)}


def publish_three_pages(desk: Desk) -> None:
    publish_pages(desk, 1, 2, 3, 4, 5)
    desk.server.add(f"{HOST}/feed.xml", feed_page(1, 5, 4, following=2))
    desk.server.add(f"{HOST}/feed-2.xml", feed_page(2, 3, 2, following=3))
    desk.server.add(f"{HOST}/feed-3.xml", feed_page(3, 1, following=1))
    desk.server.add(f"{HOST}/feed-1.xml", feed_page(1, 5, 4, following=2))


def test_json_feed_with_a_second_page(desk: Desk) -> None:
    publish_pages(desk, 1, 2)
    desk.source = replace(desk.source, location=f"http://{HOST}/feed.json")
    kind = "application/feed+json"
    first = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/p1"}], "next_url": "/2.json"}
    desk.server.add(f"{HOST}/feed.json", json.dumps(first).encode(), kind)
    desk.server.add(f"{HOST}/2.json", json.dumps({"items": [{"id": "2", "url": "/p2"}]}).encode(), kind)
    assert desk.ingest("l1").rows == 2


def test_all_pages_of_a_feed_are_read_and_a_circle_ends(desk: Desk) -> None:
    publish_three_pages(desk)
    result = desk.ingest("l1")
    assert (result.rows, result.refused) == (5, 0)
    desk.pass_gate("l1")
    desk.server.seen.clear()
    assert desk.ingest("l2").outcome == "empty"
    assert desk.server.paths() == [f"{HOST}/feed.xml"]


def test_changed_feed_is_read_only_as_far_as_it_is_new(desk: Desk) -> None:
    publish_three_pages(desk)
    desk.ingest("l1")
    desk.pass_gate("l1")
    publish_pages(desk, 6)
    desk.server.add(f"{HOST}/feed.xml", feed_page(1, 6, 5, following=2))
    desk.server.seen.clear()
    assert desk.ingest("l2").rows == 1
    assert desk.server.paths() == [f"{HOST}/feed.xml", f"{HOST}/feed-2.xml", f"{HOST}/p6"]


def test_pages_beyond_the_cap_are_read_by_the_next_load(desk: Desk) -> None:
    publish_three_pages(desk)
    assert desk.ingest("l1", max_feed_pages=2).rows == 4
    desk.pass_gate("l1")
    assert desk.ingest("l2", max_feed_pages=2).rows == 1, "though the first page is unchanged"
    desk.pass_gate("l2")
    assert desk.ingest("l3").outcome == "empty"


def test_page_of_a_feed_that_fails_is_tried_again(desk: Desk) -> None:
    publish_three_pages(desk)
    sound = desk.server.answers[f"{HOST}/feed-2.xml"]
    desk.server.add(f"{HOST}/feed-2.xml", Answer(b"busy", 503))
    first = desk.ingest("l1")
    assert (first.rows, first.reasons) == (2, {"http_503": 1})
    desk.pass_gate("l1")
    desk.server.answers[f"{HOST}/feed-2.xml"] = sound
    assert titles_after(desk, "l2") == {"Story 1", "Story 2", "Story 3"}


def titles_after(desk: Desk, load_id: str) -> set[str]:
    desk.ingest(load_id)
    return titles(desk, load_id)


@pytest.mark.parametrize("kind", ["sitemap", "feed"])
def test_what_is_older_than_the_source_wants_is_not_fetched(desk: Desk, kind: str) -> None:
    publish_pages(desk, 1, 2, 3)
    days = ("2019-05-06", "2024-05-06", "")
    if kind == "sitemap":
        items = (f"<url><loc>/p{n}</loc><lastmod>{day}</lastmod></url>" for n, day in enumerate(days, start=1))
        body = f"<urlset>{''.join(items)}</urlset>"
    else:
        dated = (f"<dc:date>{day}</dc:date>" if day else "" for day in days)
        items = (f"<item><link>/p{n}</link>{day}</item>" for n, day in enumerate(dated, start=1))
        space = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
        body = f'<rss version="2.0" {space}><channel><title>t</title>{"".join(items)}</channel></rss>'
    desk.server.add(f"{HOST}/list.xml", body)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    desk.source = replace(desk.source, kind=kind, location=f"http://{HOST}/list.xml", since=since)
    assert desk.ingest("l1").refused == 0
    assert titles(desk, "l1") == {"Story 2", "Story 3"}
    assert f"{HOST}/p1" not in desk.server.paths()


def test_gdelt_list_leads_to_pages_of_many_hosts(desk: Desk) -> None:
    query = "/api/v2/doc/doc?query=arms&mode=ArtList&format=json&maxrecords=250"
    desk.source = replace(desk.source, kind="gdelt", location=f"http://api.lists.example{query}", country=None)
    urls = ["http://one.example/p1", "http://two.example/p2"]
    told = {"articles": [{"url": url, "title": "t", "seendate": "20240101T000000Z"} for url in urls]}
    desk.server.add(f"api.lists.example{query}", json.dumps(told).encode(), "application/json")
    for number, url in enumerate(urls, start=1):
        desk.server.add(url.removeprefix("http://"), page(number))
    assert desk.ingest("l1").rows == 2
    rows = desk.staged_rows("l1")
    assert {row["url"] for row in rows} == set(urls)
    assert {row["published_at_origin"] for row in rows} == {"json_ld"}, "GDELT's date is no publication date"
    assert {row["publisher_country_code"] for row in rows} == {None}
