"""A better parser over archived responses: other rows replace the old ones, equal ones change nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from floor_samples import pass_receipt
from ingest_desk import HOST, Desk, page
from scripted_server import Answer
from warc_samples import deal, write_archive

from extract.__main__ import cli
from extract.bulk.archives import BulkOptions, stage_archive
from extract.bulk.places import COMMAND_LINE_SOURCE, find_archives
from extract.errors import ArchiveError
from extract.events import stage_claims
from extract.parsing import page as parser
from extract.reparse import ReparseResult, list_archived, reparse_load
from extract.replay import list_sources, replay
from warehouse import lake
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.manifests import read_manifest
from warehouse.retirement import retire
from warehouse.row_quarantine import BadRow, GateRun, set_rows_aside
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from warehouse.settings import Settings

DEAL = "<p>Poland has ordered 96 AH-64E Apache attack helicopters from the United States.</p>"


def again(desk: Desk, load_id: str) -> ReparseResult:
    result = reparse_load(desk.settings, load_id, (desk.source,))
    assert result is not None
    return result


def current(settings: Settings) -> list[str]:
    return [entry.load_id for entry in read_manifest(settings.data, ARTICLES).loads]


def texts(settings: Settings) -> dict[str, str]:
    rows = lake.read_current(settings.data, "articles", columns=["title", "text"]).to_pylist()
    return {row["title"]: row["text"] for row in rows}


@pytest.fixture
def improve(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give what makes the parser better: it shouts from then on."""
    former = parser.extract_text
    return lambda: monkeypatch.setattr(parser, "extract_text", lambda tree: former(tree).upper())


@pytest.fixture
def loaded(desk: Desk) -> Desk:
    """Load two articles of a feed and a page without a date."""
    desk.publish({"/a": page(1), "/b": page(2), "/undated": page(3, date=None), "/gone": Answer(b"", 404)})
    desk.ingest("l1")
    desk.pass_gate("l1")
    desk.server.seen.clear()
    return desk


def test_equal_rows_change_nothing(loaded: Desk) -> None:
    result = again(loaded, "l1")
    assert (result.outcome, result.rows, result.before) == ("unchanged", 2, 2)
    assert lake.list_staged(loaded.settings.data, "articles") == []


def set_first_row_aside(desk: Desk, load_id: str) -> None:
    staged = lake.read_staged(desk.settings.data, "articles", load_id)
    bad = {0: BadRow(("expect_odd_pages_to_wait(title)",), is_waivable=True)}
    set_rows_aside(desk.settings.data, staged, bad, GateRun("v-1", None))
    desk.pass_gate(load_id)


def test_rows_that_the_gate_set_aside_are_not_brought_again(desk: Desk, improve: Callable[[], None]) -> None:
    desk.publish({"/a": page(1), "/b": page(2), "/odd": page(3)})
    desk.ingest("l1")
    set_first_row_aside(desk, "l1")
    result = again(desk, "l1")
    assert (result.outcome, result.rows, result.before) == ("unchanged", 3, 2)
    improve()
    assert again(desk, "l1").outcome == "staged", "the row that waits is another one now"
    set_first_row_aside(desk, "l1-r2")
    assert again(desk, "l1-r2").outcome == "unchanged"


def test_better_rows_replace_the_old_ones_without_the_network(loaded: Desk, improve: Callable[[], None]) -> None:
    improve()
    result = again(loaded, "l1")
    assert (result.outcome, result.staged_id, result.rows) == ("staged", "l1-r2", 2)
    assert current(loaded.settings) == ["l1"], "until the gate lets it through"
    loaded.pass_gate("l1-r2")
    assert current(loaded.settings) == ["l1-r2"]
    assert "THE MINISTRY OF DEFENCE" in texts(loaded.settings)["Story 1"]
    assert loaded.server.seen == []
    assert list_archived(loaded.settings.data) == ["l1-r2"]
    assert again(loaded, "l1-r2").outcome == "unchanged"


def test_page_that_was_refused_becomes_an_article(loaded: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    former = parser._choose_date
    known = parser.parse_date("2024-02-03")
    monkeypatch.setattr(
        parser, "_choose_date", lambda *told, **more: ((found := former(*told, **more))[0] and found) or (known, "page")
    )
    result = again(loaded, "l1")
    assert (result.outcome, result.rows, result.before) == ("staged", 3, 2)


def test_articles_that_another_load_brought_meanwhile_stay_its_own(loaded: Desk, improve: Callable[[], None]) -> None:
    improve()
    other = replace(loaded.source, id="other")
    loaded.source, feed_source = other, loaded.source
    loaded.publish({"/c": page(9)})
    loaded.ingest("m1")
    loaded.pass_gate("m1")
    loaded.source = feed_source
    result = again(loaded, "l1")
    loaded.pass_gate("l1-r2")
    assert result.rows == 2
    assert sorted(texts(loaded.settings)) == ["Story 1", "Story 2", "Story 9"]


def test_next_ingest_leaves_a_load_that_waits_alone(loaded: Desk, improve: Callable[[], None]) -> None:
    improve()
    again(loaded, "l1")
    assert loaded.ingest().load_id != "l1-r2"
    assert lake.read_staged(loaded.settings.data, "articles", "l1-r2").rows == 2


def test_claims_of_replaced_articles_are_made_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.publish({"/a": page(1).replace("</h1>", f"</h1>{DEAL}")})
    desk.ingest("l1")
    desk.pass_gate("l1")

    def claim() -> list[dict[str, Any]]:
        found = stage_claims(desk.settings)
        if found:
            staged = lake.read_staged(desk.settings.data, "transfer_claims", found.load_id)
            lake.promote(desk.settings.data, "transfer_claims", found.load_id, pass_receipt(staged))
        current = lake.read_current(desk.settings.data, "transfer_claims").to_pylist()
        return [row for row in current if row["weapon_designation"].startswith("AH-64")]  # the page tells of boats too

    assert len(claim()) == 1
    former = parser.extract_text
    monkeypatch.setattr(parser, "extract_text", lambda tree: former(tree).replace("96", "48"))
    again(desk, "l1")
    desk.pass_gate("l1-r2")
    assert [row["quantity_max"] for row in claim()] == [48], "once, and by the new text"
    assert [entry.attributes["inputs"] for entry in read_manifest(desk.settings.data, TRANSFER_CLAIMS).loads] == [
        ["l1-r2"]
    ]


def test_folder_is_read_again_from_its_archive(desk: Desk, tmp_path: Path, improve: Callable[[], None]) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.html").write_text(page(1), encoding="utf-8")
    desk.source = replace(desk.source, kind="folder", location=str(folder))
    desk.ingest("l1")
    desk.pass_gate("l1")
    (folder / "a.html").unlink()
    improve()
    result = again(desk, "l1")
    assert (result.outcome, result.rows) == ("staged", 1)


def test_web_archive_is_read_again_from_what_was_kept(desk: Desk, tmp_path: Path, improve: Callable[[], None]) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(write_archive([deal(1), deal(2)]))
    (place,) = find_archives([str(path)], COMMAND_LINE_SOURCE)
    stage_archive(desk.settings, place, path, options=BulkOptions(processes=1))
    desk.pass_gate(place.load_id)
    path.unlink()
    assert again(desk, place.load_id).outcome == "unchanged"
    improve()
    result = again(desk, place.load_id)
    assert (result.outcome, result.rows, result.before) == ("staged", 2, 2)


def test_load_of_a_source_that_is_gone_is_skipped_with_the_way_out(loaded: Desk) -> None:
    result = reparse_load(loaded.settings, "l1", ())
    assert result is not None
    assert (result.outcome, "paper is not in the registry" in result.detail) == ("skipped", True)
    assert reparse_load(loaded.settings, "l1", (loaded.source,), only_source="other") is None


def test_load_without_archive_is_an_error(desk: Desk) -> None:
    with pytest.raises(ArchiveError, match="no archive of this load; loads that have one: none"):
        again(desk, "l9")


def test_moved_feed_does_not_matter(loaded: Desk) -> None:
    loaded.source = replace(loaded.source, location=f"http://{HOST}/elsewhere.xml")
    assert again(loaded, "l1").outcome == "unchanged"


def test_command_tells_what_became_of_each_load(loaded: Desk) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "extract", "reparse"],
        cwd=PROJECT_ROOT,
        env={**os.environ, "ARMSLEDGER_DATA": str(loaded.settings.data.root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "l1: skipped: its source paper is not in the registry" in done.stderr
    assert done.stderr.strip().endswith("loads: 1 skipped")


def at(hour: int) -> datetime:
    return datetime(2026, 3, 1, hour, tzinfo=UTC)


def test_a_span_is_read_again_from_its_archives_and_nobody_is_asked(desk: Desk, improve: Callable[[], None]) -> None:
    desk.publish({"/a": page(1)})
    desk.ingest("paper-20260301T050000Z")
    desk.pass_gate("paper-20260301T050000Z")
    desk.publish({"/b": page(2)})
    desk.ingest("paper-20260301T070500Z")
    desk.refuse_at_gate("paper-20260301T070500Z")
    desk.server.seen.clear()
    improve()

    def run(since: datetime, until: datetime) -> list[tuple[str, str]]:
        told = []
        for result in replay(desk.settings, (desk.source,), since=since, until=until, source_id="paper"):
            told.append((result.load_id, result.outcome))
            if result.staged_id:
                desk.pass_gate(result.staged_id)
        return told

    assert run(at(6), at(7)) == [], "nothing was archived in this hour"
    assert list_sources(desk.settings.data, since=at(6), until=at(7)) == set()
    assert list_sources(desk.settings.data, since=at(7), until=at(8)) == {"paper"}
    assert run(at(7), at(8)) == [("paper-20260301T070500Z", "staged")]
    assert run(at(5), at(8)) == [("paper-20260301T050000Z", "staged"), ("paper-20260301T070500Z", "unchanged")]
    assert run(at(5), at(8)) == [("paper-20260301T050000Z-r2", "unchanged"), ("paper-20260301T070500Z", "unchanged")]
    assert sorted(texts(desk.settings)) == ["Story 1", "Story 2"]
    assert desk.server.seen == []


def test_a_retired_load_is_not_read_again(loaded: Desk, improve: Callable[[], None]) -> None:
    improve()
    retire(loaded.settings.data, "articles", "l1", reason="wrong dates")
    result = again(loaded, "l1")
    assert (result.outcome, "it was retired" in result.detail) == ("skipped", True)


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    outcome = CliRunner().invoke(cli, ["reparse", "--from", "2026-03-02", "--to", "2026-03-01"])
    assert (outcome.exit_code, "--to lies before --from" in outcome.stderr) == (2, True)
