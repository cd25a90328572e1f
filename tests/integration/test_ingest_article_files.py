"""One's own articles in JSONL or Parquet: rows become articles, bad ones are named, new ones are found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extract.errors import SourceUnreachable

if TYPE_CHECKING:
    from pathlib import Path

    from ingest_desk import Desk

TEXT = "The navy took over two corvettes from the yard on Friday, the ministry told the paper.\n\n" * 3


def row(number: int, **fields: Any) -> dict[str, Any]:
    told = {"url": f"https://paper.example/{number}?utm_source=x", "title": f"Story {number}", "text": TEXT}
    return {**told, "published": "2024-03-01T10:00:00+01:00", **fields}


def point_at(desk: Desk, path: Path) -> None:
    desk.source = replace(desk.source, kind="articles", location=str(path), country=None)


def write_lines(path: Path, *rows: Any) -> None:
    lines = (one if isinstance(one, str) else json.dumps(one) for one in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_rows_of_jsonl_become_articles(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "my own.jsonl"
    unnamed = row(2, id="case 7", author="A. Writer")
    del unnamed["url"]
    write_lines(path, row(1), unnamed, "", row(3, published=None, published_at="2024-03-02"))
    point_at(desk, path)
    result = desk.ingest("l1")
    assert (result.rows, result.refused) == (3, 0)
    first, second, third = desk.staged_rows("l1")
    assert (first["url"], first["language"]) == ("https://paper.example/1", "en")
    assert first["published_at"] == datetime(2024, 3, 1, 9, tzinfo=UTC)
    assert first["text"].count("\n\n") == 2
    assert (second["url"], second["author"]) == (f"{path.as_uri()}#case%207", "A. Writer")
    assert third["published_at"] == datetime(2024, 3, 2, tzinfo=UTC)
    assert {one["published_at_origin"] for one in (first, second, third)} == {"file"}


def test_rows_of_parquet_become_the_same_articles(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    rows = [{**row(1), "published_at": datetime(2024, 3, 1, 9), "mood": 3.5}, row(2, published_at=None)]
    del rows[0]["published"]
    pq.write_table(pa.Table.from_pylist(rows[:1]), tmp_path / "rows" / "a.parquet")
    days = pa.table({"url": ["https://paper.example/9"], "title": ["Story 9"], "text": [TEXT]})
    days = days.append_column("published", pa.array([date(2024, 3, 5)]))
    pq.write_table(days, tmp_path / "rows" / "b.parquet")
    point_at(desk, tmp_path / "rows")
    assert desk.ingest("l1").rows == 2
    assert [one["published_at"].day for one in desk.staged_rows("l1")] == [1, 5]


def test_bad_rows_are_named_and_the_good_ones_are_kept(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    bad = {
        "not JSON": ("{broken", "broken_row"),
        "no object": ("[1, 2]", "broken_row"),
        "title is no text": (row(3, title=5), "broken_row"),
        "no title": (row(4, title=None), "no_title"),
        "no text": (row(5, text=" "), "no_text"),
        "no date": (row(6, published="yesterday"), "no_date"),
        "date to come": (row(7, published="2999-01-01"), "no_date"),
        "too large": ("x" * 5000, "too_large"),
        "twice": (row(0, title="Again"), "same_url"),
    }
    write_lines(path, row(0), *(line for line, _ in bad.values()), row(99))
    point_at(desk, path)
    result = desk.ingest("l1", max_page_bytes=4000)
    assert {one["title"] for one in desk.staged_rows("l1")} == {"Story 0", "Story 99"}
    assert result.reasons == {"broken_row": 3, "no_date": 2, "no_text": 1, "no_title": 1, "same_url": 1, "too_large": 1}
    assert "own.jsonl#2" in desk.refusals("l1")[0]["url"]


def test_second_load_reads_only_what_was_added(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    write_lines(path, *(row(number) for number in range(5)))
    point_at(desk, path)
    assert desk.ingest("l1", max_rows=3).rows == 3
    desk.pass_gate("l1")
    assert desk.ingest("l2", max_rows=3).rows == 2
    desk.pass_gate("l2")
    write_lines(path, *(row(number) for number in range(6)))
    assert desk.ingest("l3", max_rows=3).rows == 1
    desk.pass_gate("l3")
    assert desk.ingest("l4", max_rows=3).outcome == "empty"


def test_quarantined_rows_are_replayed_from_the_archive(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    write_lines(path, row(1), row(2))
    point_at(desk, path)
    desk.ingest("l1")
    rows = desk.staged_rows("l1")
    desk.refuse_at_gate("l1")
    path.unlink()
    desk.ingest("l1")
    assert desk.staged_rows("l1") == rows


def test_damaged_parquet_is_named_and_its_neighbour_is_read(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "a.parquet").write_bytes(b"PAR1 not really PAR1")
    write_lines(folder / "b.jsonl", row(1))
    point_at(desk, folder)
    assert desk.ingest("l1").reasons == {"broken_file": 1}
    assert desk.refusals("l1")[0]["url"].endswith("a.parquet")
    assert len(desk.staged_rows("l1")) == 1


@pytest.mark.parametrize(
    ("name", "told"), [("gone.jsonl", "no such file"), ("own.xlsx", "articles are read from files in")]
)
def test_file_that_cannot_be_read_is_unreachable(desk: Desk, tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "own.xlsx").write_bytes(b"PK")
    point_at(desk, tmp_path / name)
    with pytest.raises(SourceUnreachable, match=told):
        desk.ingest("l1")
