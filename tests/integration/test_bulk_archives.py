"""Web archives become loads: what may hold a claim is kept, the rest is counted, and what is finished stays so."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from floor_samples import fail_receipt, pass_receipt
from scripted_server import Answer, ScriptedServer
from warc_samples import DEAL, Stored, deal, everyday, news_page, write_archive, write_record

from extract.bulk.archives import ArchiveResult, BulkOptions, Progress, stage_archive
from extract.bulk.download import local_file
from extract.bulk.places import COMMAND_LINE_SOURCE, find_archives
from extract.errors import InputError, SourceUnreachable
from extract.fetching.addresses import HostOverrides
from extract.fetching.archive import ArchivedLoad
from extract.fetching.policy import FetchPolicy
from warehouse import lake, ops
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import Settings

HTML = {"Content-Type": "text/html"}
SIDEBAR = "<li><a href='/x'>Poland orders Apache helicopters</a></li>"


def stage(settings: Settings, path: Path, **options: Any) -> ArchiveResult:
    (place,) = find_archives([str(path)], COMMAND_LINE_SOURCE)
    return stage_archive(settings, place, path, options=BulkOptions(**{"processes": 1, **options}))


def rows(settings: Settings, result: ArchiveResult) -> list[dict[str, Any]]:
    return lake.read_staged(settings.data, "articles", result.load_id).read().to_pylist()


def settle(settings: Settings, result: ArchiveResult) -> None:
    staged = lake.read_staged(settings.data, "articles", result.load_id)
    if staged.rows:
        lake.promote(settings.data, "articles", result.load_id, pass_receipt(staged))
    else:
        lake.settle_empty(settings.data, "articles", result.load_id)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "CC-NEWS-20240405-00001.warc.gz"
    path.write_bytes(write_archive([deal(1), everyday(2), everyday(3, SIDEBAR), deal(4)]))
    return path


def test_pages_that_may_hold_a_claim_become_articles(settings: Settings, archive: Path) -> None:
    result = stage(settings, archive)
    assert result.load_id.startswith("web_archives-CC-NEWS-20240405-00001-")
    assert (result.outcome, result.pages, result.counts) == ("staged", 4, {"not_relevant": 2})
    first, second = rows(settings, result)
    assert (first["url"], first["title"]) == ("http://www.paper1.example/1", "Story 1")
    assert first["fetched_at"] == datetime(2024, 4, 5, 6, 7, 8, tzinfo=UTC), "the crawler's time, not ours"
    assert second["published_at"] == datetime(2024, 3, 5, 10, tzinfo=UTC)
    load = ops.read(settings.data, "loads").to_pylist()[-1]
    assert (load["rows_in"], load["rows_out"], load["reason"]) == (4, 2, "2 not_relevant")


def test_all_cores_give_the_same_rows_in_the_same_order(settings: Settings, tmp_path: Path) -> None:
    pages = [(deal if number % 3 else everyday)(number) for number in range(90)]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(write_archive(pages))
    told: list[Progress] = []
    alone = rows(settings, stage(settings, path))
    result = stage(settings, path, processes=2, again=True, report=told.append)
    assert rows(settings, result) == alone
    assert len(alone) == 60
    assert [one.pages for one in told] == sorted(one.pages for one in told)
    assert (told[-1].pages, told[-1].kept, told[-1].size) == (90, 60, path.stat().st_size)


def test_kept_responses_are_archived_with_the_load(settings: Settings, archive: Path) -> None:
    result = stage(settings, archive)
    settle(settings, result)
    kept = ArchivedLoad(settings.data.archive / "articles" / f"load={result.load_id}" / "responses.warc.gz")
    assert set(kept.responses) == {"http://www.paper1.example/1", "http://www.paper1.example/4"}
    assert kept.responses["http://www.paper1.example/1"].body == deal(1).body


def test_each_storing_habit_of_crawlers_is_read(settings: Settings, tmp_path: Path) -> None:
    body = news_page(1, DEAL)
    half = len(body) // 2
    chunks = b"%x\r\n%s\r\n%x;ext=1\r\n%s\r\n0\r\n\r\n" % (half, body[:half], len(body) - half, body[half:])
    stored = {
        "gzip": (gzip.compress(body), {"Content-Encoding": "gzip"}),
        "decoded": (body, {"Content-Encoding": "br"}),
        "chunked": (chunks, {"Transfer-Encoding": "chunked"}),
        "joined": (body, {"Transfer-Encoding": "chunked"}),
        "both": (gzip.compress(body), {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}),
    }
    pages = [
        Stored(f"<http://{name}.example/a>", content, 200, {**HTML, **more}) for name, (content, more) in stored.items()
    ]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(write_archive(pages))
    result = stage(settings, path)
    assert {row["url"] for row in rows(settings, result)} == {f"http://{name}.example/a" for name in stored}


def test_every_page_that_is_no_article_is_counted_by_reason(settings: Settings, tmp_path: Path) -> None:
    undated = news_page(3, DEAL).replace(b"2024-03-04T10:00:00Z", b"")
    pages = [
        deal(1),
        deal(2, status=404),
        Stored("http://a.example/3", undated),
        Stored("http://a.example/4", b"%PDF-1.7", 200, {"Content-Type": "application/pdf"}),
        Stored("http://a.example/5", b"\x0b\x80\x01", 200, {**HTML, "Content-Encoding": "br"}),
        Stored("http://a.example/6", gzip.compress(bytes(5 * 2**20)), 200, {**HTML, "Content-Encoding": "gzip"}),
        Stored("http://a.example/7", b"x" * 5 * 2**20, 200, HTML),
        Stored("http://a.example/8", b"", 200, HTML),
        deal(1),
    ]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(write_archive(pages))
    result = stage(settings, path)
    assert result.rows == 1
    assert result.counts == {
        "bad_content_encoding": 1,
        "no_date": 1,
        "no_page": 1,
        "not_html": 1,
        "not_relevant": 1,
        "same_article": 1,
        "too_large": 2,
    }
    told = {row["reason"]: row["url"] for row in ops.read(settings.data, "refusals").to_pylist()}
    assert told["no_date"] == "http://a.example/3"


def test_archive_cut_or_damaged_keeps_the_good_records_and_tells_the_place(settings: Settings, tmp_path: Path) -> None:
    records = [write_record(deal(number)) for number in range(1, 6)]
    broken = bytearray(records[2])
    broken[len(broken) // 2] ^= 0xFF
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(b"".join([*records[:2], bytes(broken), records[3], records[4][:-40]]))
    result = stage(settings, path)
    assert [row["title"] for row in rows(settings, result)] == ["Story 1", "Story 2", "Story 4"]
    assert result.counts == {"damaged_record": 1, "truncated_archive": 1}
    refused = ops.read(settings.data, "refusals").to_pylist()
    assert all(row["url"].startswith(("cut.warc.gz#", "http://www.paper")) for row in refused)


def test_finished_archive_is_not_read_again_wherever_it_lies(settings: Settings, archive: Path, tmp_path: Path) -> None:
    first = stage(settings, archive)
    assert stage(settings, archive).outcome == "staged"
    settle(settings, first)
    moved = tmp_path / "elsewhere" / archive.name
    moved.parent.mkdir()
    archive.rename(moved)
    again = stage(settings, moved)
    assert (again.outcome, again.load_id, again.rows) == ("already_loaded", first.load_id, 2)
    assert lake.list_staged(settings.data, "articles") == []


def test_archive_without_anything_relevant_is_finished_too(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "quiet.warc.gz"
    path.write_bytes(write_archive([everyday(1)]))
    result = stage(settings, path)
    assert (result.outcome, result.rows) == ("empty", 0)
    settle(settings, result)
    assert stage(settings, path).outcome == "already_loaded"


def test_refused_archive_is_read_again_only_on_demand(settings: Settings, archive: Path) -> None:
    result = stage(settings, archive)
    staged = lake.read_staged(settings.data, "articles", result.load_id)
    lake.quarantine(settings.data, "articles", result.load_id, fail_receipt(staged))
    assert stage(settings, archive).outcome == "quarantined"
    assert stage(settings, archive, again=True).outcome == "staged"


def test_articles_of_the_lake_are_not_brought_twice(settings: Settings, archive: Path, tmp_path: Path) -> None:
    settle(settings, stage(settings, archive))
    other = tmp_path / "b.warc.gz"
    other.write_bytes(write_archive([deal(4), deal(5)]))
    result = stage(settings, other)
    assert (result.rows, result.counts) == (1, {"same_article": 1})


def test_folder_stands_for_its_archives(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.warc.gz", "deep/a.warc", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    found = find_archives([str(tmp_path)], COMMAND_LINE_SOURCE)
    assert [place.name for place in found] == ["b.warc.gz", "a.warc"]


@pytest.mark.parametrize("name", ["gone.warc.gz", "."])
def test_place_without_archives_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"no such web archive|holds no \.warc"):
        find_archives([str(tmp_path / name)], COMMAND_LINE_SOURCE)


def test_archive_from_the_web_is_downloaded_and_removed(
    settings: Settings, server: ScriptedServer, archive: Path
) -> None:
    url = "http://archives.example/crawl/CC-NEWS-1.warc.gz"
    server.add("archives.example/crawl/CC-NEWS-1.warc.gz", Answer(b"", 302, {"Location": "/mirror/1"}))
    whole = archive.read_bytes()
    server.add("archives.example/mirror/1", RangeAnswer(whole, cut_first=True))
    policy = FetchPolicy(overrides=HostOverrides.parse(f"*.example={server.address}"), retry_initial_seconds=0.01)
    (place,) = find_archives([url], COMMAND_LINE_SOURCE)
    with local_file(settings.data, place, policy) as path:
        assert path.read_bytes() == whole
        result = stage_archive(settings, place, path, options=BulkOptions(processes=1))
    assert result.rows == 2
    assert list(settings.data.downloads.iterdir()) == []
    asked = [one.headers.get("range") for one in server.seen if one.path == "/mirror/1"]
    assert asked == [None, f"bytes={len(whole) // 2}-"], "the second try goes on from where the first broke off"


class RangeAnswer:
    """Answers with the whole, or with the part that a range asks for; the first answer breaks off in the middle."""

    def __init__(self, whole: bytes, *, cut_first: bool) -> None:
        self.whole = whole
        self.cut_first = cut_first

    def __call__(self, count: int) -> Answer:
        half = len(self.whole) // 2
        if count == 0 and self.cut_first:
            return Answer(self.whole[:half], announced=len(self.whole))
        return Answer(
            self.whole[half:], 206, {"Content-Range": f"bytes {half}-{len(self.whole) - 1}/{len(self.whole)}"}
        )


@pytest.mark.parametrize(
    ("answer", "robots", "reason"),
    [
        (Answer(b"", 404), b"", "http_404"),
        (Answer(b"", 302, {"Location": "http://127.0.0.1/x"}), b"", "forbidden_address"),
        (Answer(b"x"), b"User-agent: *\nDisallow: /", "robots_disallowed"),
    ],
)
def test_archive_that_cannot_be_downloaded_is_unreachable(
    settings: Settings, server: ScriptedServer, answer: Answer, robots: bytes, reason: str
) -> None:
    server.add("archives.example/a.warc.gz", answer)
    server.add("archives.example/robots.txt", Answer(robots))
    policy = FetchPolicy(overrides=HostOverrides.parse(f"*.example={server.address}"), retry_initial_seconds=0.01)
    (place,) = find_archives(["http://archives.example/a.warc.gz"], COMMAND_LINE_SOURCE)
    with pytest.raises(SourceUnreachable, match=reason), local_file(settings.data, place, policy):
        pass


def warc(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m extract warc``."""
    return subprocess.run(
        [sys.executable, "-m", "extract", "warc", *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, "ARMSLEDGER_DATA": str(settings.data.root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_command_prints_the_loads_that_wait(settings: Settings, archive: Path) -> None:
    done = warc(settings, str(archive.parent))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == lake.list_staged(settings.data, "articles")
    assert "2 articles of 4 pages; left out: 2 not_relevant" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "name archives"),
        (("gone.warc.gz",), 1, "no such web archive"),
        (("--source", "strait_monitor"), 1, "ingest"),
    ],
)
def test_command_tells_what_is_wrong_in_one_line(
    settings: Settings, arguments: tuple[str, ...], code: int, told: str
) -> None:
    done = warc(settings, *arguments)
    assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (code, True, False)
