"""Trying sources: what is told of each kind, sound and broken, and that nothing is kept."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest_desk import HOST, Desk, page
from scripted_server import Answer
from warc_samples import deal, write_archive

from extract.check import SourceCheck, check_sources
from extract.sample.server import serve_samples
from warehouse import lake
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from extract.sources import Source


def check(desk: Desk, *sources: Source) -> tuple[SourceCheck, ...]:
    policy = replace(desk.policy, min_delay_seconds=0, attempts=1)
    return asyncio.run(check_sources(sources or (desk.source,), policy))


def test_sound_feed_is_usable(desk: Desk) -> None:
    desk.publish({"/a": page(1), "/b": page(2)}, date="Fri, 01 Mar 2024 10:00:00 GMT")
    desk.server.add(f"{HOST}/terms", "<p>Terms</p>")
    (told,) = check(desk)
    assert (told.is_usable, told.outcome, told.entries, told.page, told.terms) == (True, "ok", 2, "ok", "ok")
    assert told.newest is not None
    assert told.newest.date().isoformat() == "2024-03-01"
    assert f"{HOST}/b" not in desk.server.paths(), "one page is enough"
    assert lake.list_staged(desk.settings.data, "articles") == []


def test_broken_sources_say_why_and_do_not_stop_the_others(desk: Desk, tmp_path: Path) -> None:
    desk.publish({"/a": page(1, date=None)})
    desk.server.add("down.example/feed.xml", Answer(b"", 503))
    desk.server.add("closed.example/robots.txt", Answer(b"User-agent: *\nDisallow: /"))
    desk.server.add("empty.example/feed.xml", b"<html>moved</html>")
    elsewhere = [
        replace(desk.source, id=name, location=f"http://{name}.example/feed.xml")
        for name in ("down", "closed", "empty")
    ]
    folder = replace(desk.source, id="gone", kind="folder", location=str(tmp_path / "gone"), terms="own texts")
    undated, down, closed, empty, gone = check(desk, desk.source, *elsewhere, folder)
    assert (undated.is_usable, undated.page, undated.terms) == (False, "no_date", "http_404")
    assert [one.outcome for one in (down, closed, empty)] == ["http_503", "robots_disallowed", "broken_feed"]
    assert "not a folder" in gone.outcome
    assert not any(one.is_usable for one in (down, closed, empty, gone))


def test_places_on_this_machine_are_counted(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("A")
    (tmp_path / "own.jsonl").write_text("{}")
    (tmp_path / "a.warc.gz").write_bytes(write_archive([deal(1)]))
    places = {"folder": "texts", "articles": "own.jsonl", "warc": "a.warc.gz"}
    sources = [replace(desk.source, id=kind, kind=kind, location=str(tmp_path / name)) for kind, name in places.items()]
    assert [(one.is_usable, one.entries) for one in check(desk, *sources)] == [(True, 1)] * 3


def test_command_prints_a_table_and_fails_when_a_source_that_is_on_cannot_be_used() -> None:
    with serve_samples() as address:
        pass
    environment = {
        **os.environ,
        "ARMSLEDGER_HOST_OVERRIDES": f"*=127.0.0.1:{address.rpartition(':')[2]}",
        "COLUMNS": "160",
    }
    done = subprocess.run(
        [sys.executable, "-m", "extract", "sources", "check", "--source", "strait_monitor"],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "robots_unavailable" in done.stdout
    assert done.stderr.strip().startswith("error: can't be used: strait_monitor")


def test_samples_are_usable() -> None:
    with serve_samples() as address:
        done = subprocess.run(
            [sys.executable, "-m", "extract", "sources", "check", "--enabled"],
            cwd=PROJECT_ROOT,
            env={
                **os.environ,
                "ARMSLEDGER_HOST_OVERRIDES": f"*=127.0.0.1:{address.rpartition(':')[2]}",
                "COLUMNS": "160",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" ok ") >= 9
