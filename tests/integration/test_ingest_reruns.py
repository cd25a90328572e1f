"""A rerun transfers nothing new, a replay needs no network, and a refused load loses nothing."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

from fastwarc.warc import ArchiveIterator, WarcRecordType
from ingest_desk import HOST, Desk, feed, page
from scripted_server import Answer

from warehouse import lake, ops
from warehouse.contracts import ARTICLES
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from pathlib import Path


def test_second_run_of_an_unchanged_feed_transfers_and_changes_nothing(desk: Desk) -> None:
    desk.publish({"/a": page(1), "/nodate": page(2, date=None)})
    desk.ingest("l1")
    desk.pass_gate("l1")
    before = read_manifest(desk.settings.data, ARTICLES)
    desk.server.seen.clear()
    result = desk.ingest("l2")
    desk.pass_gate("l2")
    assert (result.outcome, result.rows, result.refused) == ("empty", 0, 0)
    assert desk.server.paths() == [f"{HOST}/feed.xml"]
    assert "if-none-match" in desk.server.seen[-1].headers
    assert read_manifest(desk.settings.data, ARTICLES) == before


def test_changed_feed_brings_only_what_is_new(desk: Desk) -> None:
    desk.publish({"/a": page(1), "/nodate": page(2, date=None)})
    desk.ingest("l1")
    desk.pass_gate("l1")
    desk.publish({"/a": page(1), "/nodate": page(2, date=None), "/c": page(3)})
    desk.server.seen.clear()
    result = desk.ingest("l2")
    assert (result.rows, result.refused) == (1, 0)
    assert desk.server.paths() == [f"{HOST}/feed.xml", f"{HOST}/c"]


def test_promoted_load_is_not_touched(desk: Desk) -> None:
    desk.publish({"/a": page(1)})
    desk.ingest("l1")
    desk.pass_gate("l1")
    desk.server.seen.clear()
    result = desk.ingest("l1")
    assert (result.outcome, result.rows) == ("already_promoted", 1)
    assert desk.server.seen == []


def test_quarantined_load_is_replayed_with_equal_rows_and_without_network(desk: Desk) -> None:
    desk.publish(
        {
            "/a": page(1),
            "/moved": Answer(b"", 301, {"Location": "/new"}),
            "/zip": Answer(
                gzip.compress(page(3).encode()), headers={"Content-Encoding": "gzip", "Content-Type": "text/html"}
            ),
            "/gone": Answer(b"", 404),
            "/busy": Answer(b"", 503),
        }
    )
    desk.server.add(f"{HOST}/new", page(2))
    first = desk.ingest("l1")
    rows = desk.staged_rows("l1")
    told = desk.refusals()
    desk.refuse_at_gate("l1")
    assert read_manifest(desk.settings.data, ARTICLES).state == {}
    desk.server.seen.clear()
    second = desk.ingest("l1")
    assert desk.server.seen == []
    assert (second.rows, second.reasons) == (first.rows, first.reasons) == (3, {"http_404": 1, "http_503": 1})
    assert desk.staged_rows("l1") == rows
    assert desk.refusals() == told, "a replay tells nothing twice"
    desk.pass_gate("l1")
    assert len(read_manifest(desk.settings.data, ARTICLES).state["paper"]["pending"]) == 1


def test_replay_of_an_older_load_keeps_the_newer_state(desk: Desk) -> None:
    desk.publish({"/a": page(1), "/busy": Answer(b"", 503)})
    desk.ingest("l1")
    desk.refuse_at_gate("l1")
    desk.publish({"/a": page(1), "/busy": page(2), "/late": Answer(b"", 503)})
    desk.ingest("l2")
    desk.pass_gate("l2")
    newer = read_manifest(desk.settings.data, ARTICLES).state["paper"]
    replayed = desk.ingest("l1")
    desk.pass_gate("l1")
    assert replayed.rows == 0
    state = read_manifest(desk.settings.data, ARTICLES).state["paper"]
    assert state["validators"] == newer["validators"]
    assert f"http://{HOST}/late" in [one["url"] for one in state["pending"]]


def test_load_killed_before_its_gate_is_taken_up_again(desk: Desk) -> None:
    desk.publish({"/a": page(1)})
    first = desk.ingest()
    desk.server.seen.clear()
    second = desk.ingest()
    assert second.load_id == first.load_id
    assert desk.server.seen == []
    desk.pass_gate(first.load_id)
    assert desk.ingest().outcome == "empty"


def test_archive_holds_every_response_with_status_and_headers(desk: Desk) -> None:
    desk.publish({"/a": page(1), "/gone": Answer(b"not here", 404, {"X-Note": "a"})})
    desk.ingest("l1")
    desk.pass_gate("l1")
    path = desk.settings.data.archive / "articles" / "load=l1" / "responses.warc.gz"
    with path.open("rb") as handle:
        found = {
            record.headers["WARC-Target-URI"]: (record.http_headers.status_code, record.reader.read())
            for record in ArchiveIterator(handle, record_types=WarcRecordType.response, parse_http=True)
        }
    assert {url: status for url, (status, _) in found.items()} == {
        f"http://{HOST}/robots.txt": 404,
        f"http://{HOST}/feed.xml": 200,
        f"http://{HOST}/a": 200,
        f"http://{HOST}/gone": 404,
    }
    assert found[f"http://{HOST}/a"][1] == page(1).encode()
    members = path.read_bytes().count(b"\x1f\x8b\x08")
    assert members >= 6, "each record is a gzip member of its own"


def test_pages_above_the_load_limit_wait_for_the_next(desk: Desk) -> None:
    desk.publish({f"/p{number}": page(number) for number in range(5)})
    assert desk.ingest("l1", max_pages=3).rows == 3
    desk.pass_gate("l1")
    result = desk.ingest("l2", max_pages=3)
    assert (result.rows, result.refused) == (2, 0)


def test_host_never_sees_two_requests_at_once(desk: Desk) -> None:
    desk.publish({f"/p{number}": Answer(page(number).encode(), pause_seconds=0.01) for number in range(6)})
    assert desk.ingest("l1").rows == 6
    assert desk.server.most_at_once == {HOST: 1}


def test_agent_names_itself_and_its_contact(desk: Desk) -> None:
    desk.publish({"/a": page(1)})
    desk.ingest("l1", contact="https://desk.example/about")
    agents = {one.headers["user-agent"] for one in desk.server.seen}
    assert len(agents) == 1
    agent = agents.pop()
    assert agent.startswith("Armsledger/")
    assert "https://desk.example/about" in agent


def test_sitemap_index_with_a_gzipped_child(desk: Desk) -> None:
    desk.source = replace(desk.source, kind="sitemap", location=f"http://{HOST}/index.xml")
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    news = 'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    child = (
        f"<urlset {space} {news}><url><loc>http://{HOST}/a</loc><n:news><n:publication_date>2024-05-06"
        "</n:publication_date><n:title>Told by the sitemap</n:title></n:news></url></urlset>"
    )
    desk.server.add(
        f"{HOST}/index.xml",
        f"<sitemapindex {space}><sitemap><loc>http://{HOST}/one.xml.gz</loc></sitemap>"
        f"<sitemap><loc>http://{HOST}/two.xml</loc></sitemap></sitemapindex>",
    )
    desk.server.add(f"{HOST}/one.xml.gz", gzip.compress(child.encode()), "application/gzip")
    desk.server.add(f"{HOST}/a", page(1, date=None))
    result = desk.ingest("l1")
    assert (result.rows, result.reasons) == (1, {"http_404": 1})
    row = desk.staged_rows("l1")[0]
    assert (row["published_at_origin"], row["published_at"].date().isoformat()) == ("sitemap", "2024-05-06")


def test_index_of_too_many_sitemaps_is_read_from_its_newest_on(desk: Desk) -> None:
    desk.source = replace(desk.source, kind="sitemap", location=f"http://{HOST}/index.xml")
    children = "".join(
        f"<sitemap><loc>http://{HOST}/{year}.xml</loc><lastmod>{year}-12-31</lastmod></sitemap>"
        for year in range(2020, 2025)
    )
    desk.server.add(f"{HOST}/index.xml", f"<sitemapindex>{children}</sitemapindex>")
    for year in range(2020, 2025):
        desk.server.add(f"{HOST}/{year}.xml", f"<urlset><url><loc>http://{HOST}/story-{year}</loc></url></urlset>")
        desk.server.add(f"{HOST}/story-{year}", page(year))
    result = desk.ingest("l1", max_sitemaps=2)
    assert (result.rows, result.reasons) == (2, {"too_many_sitemaps": 1})
    assert {row["title"] for row in desk.staged_rows("l1")} == {"Story 2023", "Story 2024"}
    assert "3 of the 5 sitemaps" in desk.refusals("l1")[0]["detail"]


def test_folder_of_files(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "my texts"
    folder.mkdir()
    sentence = "The army took over six radars from the maker on Friday, the ministry told the paper. " * 3
    (folder / "2022-04-05 radars.txt").write_text(f"Radars taken over\n\n{sentence}", encoding="utf-8")
    (folder / "byline.txt").write_text(
        f"Radars again\n\nby Staff Apr 7, 2022, 14:25 PM\n\n{sentence}", encoding="utf-8"
    )
    (folder / "page.html").write_text(page(1), encoding="utf-8")
    (folder / "undated.txt").write_text(f"No day told\n\n{sentence}", encoding="utf-8")
    (folder / "ignored.pdf").write_bytes(b"%PDF")
    desk.source = replace(desk.source, kind="folder", location=str(folder))
    result = desk.ingest("l1")
    assert (result.rows, result.reasons) == (3, {"no_date": 1})
    rows = {row["title"]: row for row in desk.staged_rows("l1")}
    assert {
        title: (row["published_at"].date().isoformat(), row["published_at_origin"]) for title, row in rows.items()
    } == {
        "Radars taken over": ("2022-04-05", "file"),
        "Radars again": ("2022-04-07", "file"),
        "Story 1": ("2024-03-01", "json_ld"),
    }
    assert rows["Radars again"]["text"] == " ".join(sentence.split())
    before = desk.staged_rows("l1")
    desk.refuse_at_gate("l1")
    (folder / "page.html").unlink()
    assert desk.ingest("l1").rows == 3, "a replay reads the archived files"
    assert desk.staged_rows("l1") == before
    desk.pass_gate("l1")
    assert desk.ingest("l2").outcome == "empty"
    desk.pass_gate("l2")
    (folder / "undated.txt").write_text(f"Day told now\n2022-05-01\n{sentence}", encoding="utf-8")
    assert desk.ingest("l3").rows == 1


def test_outcome_of_each_load_is_told(desk: Desk) -> None:
    desk.publish({"/a": page(1), "/gone": Answer(b"", 404)})
    desk.ingest("l1")
    load = ops.read(desk.settings.data, "loads").to_pylist()[0]
    assert (load["stage"], load["outcome"], load["rows_in"], load["rows_out"]) == ("ingest", "staged", 2, 1)
    assert load["reason"] == "1 http_404"
    assert lake.read_staged(desk.settings.data, "articles", "l1").attributes["source_id"] == "paper"


def test_feed_date_is_used_where_the_page_tells_none(desk: Desk) -> None:
    desk.publish({"/a": page(1, date=None)}, date="Tue, 05 Mar 2024 08:00:00 +0200")
    desk.ingest("l1")
    row = desk.staged_rows("l1")[0]
    assert (row["published_at_origin"], row["published_at"].isoformat()) == ("feed", "2024-03-05T06:00:00+00:00")


def test_feed_of_pages_known_by_another_source_brings_nothing(desk: Desk) -> None:
    desk.publish({"/a": page(1)})
    desk.ingest("l1")
    desk.pass_gate("l1")
    desk.source = replace(desk.source, id="other")
    desk.server.add(f"{HOST}/feed.xml", feed(["/a"]))
    assert desk.ingest("l2").outcome == "empty"
