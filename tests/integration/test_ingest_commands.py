"""The commands as a user calls them, over the sample publishers on their local server."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from floor_samples import pass_receipt

from extract.sample.server import sample_hosts, serve_samples
from warehouse import lake
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.settings import Settings


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve_samples() as where:
        yield where


def extract(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m extract``."""
    return subprocess.run(
        [sys.executable, "-m", "extract", *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def ask(address: str, host: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(address, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers={"Host": host, **named})
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, {name.lower(): value for name, value in reply.getheaders()}, body


def test_sample_server_tells_hosts_apart_and_knows_what_a_client_has(address: str) -> None:
    status, headers, body = ask(address, "www.meridian-defence.example", "/feed.xml")
    assert (status, headers["content-type"]) == (200, "application/rss+xml; charset=utf-8")
    assert b"<rss" in body
    assert ask(address, "www.meridian-defence.example", "/feed.xml", If_None_Match=headers["etag"])[0] == 304
    assert ask(address, "www.meridian-defence.example", "/feed.xml", If_None_Match='"other"')[0] == 200
    assert (
        ask(address, "www.meridian-defence.example", "/feed.xml", If_Modified_Since=headers["last-modified"])[0] == 304
    )
    assert ask(address, "news.strait-monitor.example", "/feed.xml")[0] == 404
    assert ask(address, "news.strait-monitor.example", "/robots.txt")[1]["content-type"].startswith("text/plain")
    assert ask(address, "www.unknown.example", "/feed.xml")[0] == 404
    for path in ("/../../sources.toml", "/%2e%2e/%2e%2e/sources.toml", "/..%2fserver.py"):
        assert ask(address, "www.meridian-defence.example", path)[0] in (400, 404)


def test_ingest_of_the_samples_twice(address: str, settings: Settings) -> None:
    environment = {
        "ARMSLEDGER_DATA": str(settings.data.root),
        "ARMSLEDGER_HOST_OVERRIDES": f"*.example={address}",
        "ARMSLEDGER_SOURCES": "",
    }
    first = extract("ingest", **environment)
    assert first.returncode == 0, first.stderr
    load_ids = first.stdout.split()
    assert [load_id.rpartition("-")[0] for load_id in load_ids] == [
        "meridian_defence",
        "strait_monitor",
        "arsenal_gazette",
    ]
    rows = []
    for load_id in load_ids:
        staged = lake.read_staged(settings.data, "articles", load_id)
        rows += staged.read().to_pylist()
        lake.promote(settings.data, "articles", load_id, pass_receipt(staged))
    assert len(rows) >= 60
    assert len({row["article_id"] for row in rows}) == len(rows)
    assert {row["published_at_origin"] for row in rows} >= {"json_ld", "feed", "sitemap"}
    assert {row["language"] for row in rows} == {"en"}
    assert not [row["url"] for row in rows if "utm_" in row["url"]]
    assert {row["url"].split("/")[2] for row in rows} == set(sample_hosts())
    second = extract("ingest", **environment)
    assert second.returncode == 0, second.stderr
    assert all(lake.read_staged(settings.data, "articles", load_id).rows == 0 for load_id in second.stdout.split())
    alone = extract("ingest", "--source", "strait_monitor", "--load", load_ids[1], **environment)
    assert alone.stdout.split() == [load_ids[1]]
    assert "already_promoted" in alone.stderr


def test_no_source_reachable_is_one_line_and_exit_1(settings: Settings, tmp_path: Path) -> None:
    with serve_samples() as gone:
        pass
    result = extract("ingest", ARMSLEDGER_DATA=str(settings.data.root), ARMSLEDGER_HOST_OVERRIDES=f"*.example={gone}")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.strip().splitlines()[-1].startswith("error: no source could be reached")
    assert "Traceback" not in result.stderr


def test_unknown_source_is_one_line(settings: Settings) -> None:
    result = extract("ingest", "--source", "nobody", ARMSLEDGER_DATA=str(settings.data.root))
    assert result.returncode == 1
    assert result.stderr.strip().count("\n") == 0
    assert "meridian_defence" in result.stderr


def test_sources_are_listed() -> None:
    result = extract("sources", COLUMNS="200")
    assert result.returncode == 0
    assert "arsenal_gazette" in result.stdout


def test_texts_of_a_folder_of_pages(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    (folder / "deep").mkdir(parents=True)
    sentence = "The navy took over two corvettes from the yard on Friday, the ministry told the paper. " * 3
    page = f"<html><head><title>Two corvettes</title></head><body><h1>Two corvettes</h1><p>{sentence}</p></body></html>"
    (folder / "b.html").write_text(
        page.replace("<p>", "<time datetime='2024-05-06'>6 May</time><p>", 1), encoding="utf-8"
    )
    (folder / "a.htm").write_text(page, encoding="utf-8")
    (folder / "deep" / "c.html").write_bytes(b"\xff\xfe\x00 nothing")
    for number in range(40):
        (folder / f"n{number:02}.html").write_text(page.replace("Two", f"{number}"), encoding="utf-8")
    result = extract("text", "--input", str(folder), "--output", str(tmp_path / "out" / "T.jsonl"))
    assert result.returncode == 0, result.stderr
    rows = [json.loads(line) for line in (tmp_path / "out" / "T.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 43
    found = {row["id"]: row for row in rows}
    assert found["b"] == {"id": "b", "title": "Two corvettes", "published": "2024-05-06", "text": sentence.strip()}
    assert found["a"]["published"] is None
    assert found["c"]["text"] == ""
    assert found["n07"]["title"] == "7 corvettes"


def test_folder_without_pages_is_one_line(tmp_path: Path) -> None:
    result = extract("text", "--input", str(tmp_path), "--output", str(tmp_path / "T.jsonl"))
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert not (tmp_path / "T.jsonl").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("events", "--input", "a.jsonl"),
        ("events", "--load", "x", "--input", "a", "--output", "b"),
        ("ingest", "--load", "x"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert extract(*arguments).returncode == 2
