"""A run in trouble: killed at each commit point, without room or memory, twice at once, with half its sources down.

A first day is published. Then the second day's run meets the trouble, on a copy of the same data directory each time,
and is run again. Every time the published release is the first day's or the second's, row for row, and nothing between.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fault_sources import host_of, tell_deal, write_page, write_papers, write_second_day
from ingest_desk import feed
from scripted_server import Answer, ScriptedServer, serve_script
from stage_runs import DATE, STAGES, Desk, Kill, Trouble, rows_of_marts

from extract.sample.server import serve_samples
from warehouse import database, lake, ops, releases
from warehouse.build import read_candidate
from warehouse.manifests import read_manifest
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.settings import DataDirectory

# a build takes a quarter of a minute, and minutes on a machine that others use
pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

NEXT_DATE = DATE + timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """The two days without trouble.

    Attributes:
        first: data directory after the first.
        environment: settings for the second.
        rows_of_first: all rows of all marts of the first release.
        rows_of_second: of the second.
    """

    first: Path
    environment: dict[str, str]
    rows_of_first: dict[str, list[str]]
    rows_of_second: dict[str, list[str]]

    def copy(self, root: Path) -> Desk:
        """Give a copy of the first day, to run the second in."""
        copy_with_links(self.first, root / "data")
        return Desk(root / "data", self.environment)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    """Publish the first day, and the second on a copy."""
    root = tmp_path_factory.mktemp("days")
    registry = write_second_day(root)
    with serve_samples() as address:
        environment = {"ARMSLEDGER_HOST_OVERRIDES": f"*.example={address}"}
        first = Desk(root / "data", environment)
        first.complete()
        environment["ARMSLEDGER_SOURCES"] = str(registry)
        copy_with_links(first.root, root / "second" / "data")
        second = Desk(root / "second" / "data", environment)
        second.complete(date=NEXT_DATE)
        yield Days(first.root, environment, rows_of_marts(first.data), rows_of_marts(second.data))


def copy_with_links(source: Path, target: Path) -> None:
    """Copy a data directory so that two names of one file stay one file: a release and the published database."""
    placed: dict[int, str] = {}

    def copy(one: str, other: str) -> None:
        inode = os.stat(one).st_ino
        if inode in placed:
            os.link(placed[inode], other)
        else:
            placed[inode] = shutil.copy2(one, other)

    shutil.copytree(source, target, copy_function=copy)


def assert_nothing_lost_or_doubled(data: DataDirectory, days: Days) -> None:
    """Check what holds at any moment: a whole release, no article or claim twice, no fact twice."""
    rows = rows_of_marts(data)
    assert rows in (days.rows_of_first, days.rows_of_second)
    for table, key in (("articles", "article_id"), ("transfer_claims", "claim_id")):
        ids = lake.read_current(data, table, columns=[key])[key].to_pylist()
        assert len(set(ids)) == len(ids)
    told = Counter(
        (fact["table_name"], fact["load_id"]) for fact in ops.read(data, "loads").to_pylist()
        if fact["outcome"] in ("promoted", "published")
    )  # fmt: skip
    assert [name for name, times in told.items() if times > 1] == []


def assert_completed(desk: Desk, days: Days, *, refused: int = 0) -> None:
    """Check a data directory after the run that got through, with the loads that a gate refused before."""
    data = desk.data
    assert_nothing_lost_or_doubled(data, days)
    assert rows_of_marts(data) == days.rows_of_second
    assert not list(data.staging.glob("*/load=*"))
    assert len(list(data.quarantine.glob("*/load=*"))) == refused
    assert not list(data.releases.glob(".writing-*"))
    assert len(releases.list_releases(data)) == 2
    aside = ops.read(data, "quarantined_rows").to_pylist()
    assert len({row["quarantine_id"] for row in aside}) == 1, "the row dated ahead"
    for name in ("articles", "transfer_claims"):
        lake.require_intact(data, read_manifest(data, lake.raw_table(name)))


POINTS: tuple[tuple[str, str], ...] = (
    ("ingest", "staging/articles/load=second_day-*"),
    ("ingest", "quarantine/articles/rows/*.parquet"),
    ("ingest", "staging/articles/load=second_day-*/_load.json"),
    ("ingest", "raw/articles/v1/load=second_day-*/*.parquet"),
    ("ingest", "raw/articles/manifest.json"),
    ("ingest", "ops/loads/*-promoted-articles-second_day-*"),
    ("claims", "staging/transfer_claims/load=*"),
    ("claims", "raw/transfer_claims/manifest.json"),
    ("claims", "ops/loads/*-promoted-transfer_claims-*"),
    ("build", "warehouse/candidates/*/inputs.json"),
    ("gate", "warehouse/candidates/*/receipt.json"),
    ("publish", "warehouse/armsledger.duckdb"),
    ("publish", "history/published_claims/*.parquet"),
    ("publish", "ops/releases/*-published-*"),
    ("maintain", "raw/articles/manifest.json"),
    ("maintain", "ops/loads/merged.json"),
)
"""Stage, and what gets its name at a commit point of it (ARCHITECTURE.md), or right beside one."""


def test_a_run_killed_before_and_after_every_commit_point_is_completed(days: Days, tmp_path: Path) -> None:
    desk = days.copy(tmp_path)
    missed = []
    for stage, point in POINTS:
        for is_after in (False, True):
            # a second try of a point that was passed finds nothing to do there
            if not desk.run([stage], Trouble(kill=Kill(point, is_after)), date=NEXT_DATE).was_killed:
                missed.append((point, is_after))
            assert_nothing_lost_or_doubled(desk.data, days)
    desk.complete([*STAGES, "maintain"], date=NEXT_DATE)
    assert_completed(desk, days)
    assert missed == []
    assert len(list(desk.data.raw.glob("articles/v1/bundle-*.parquet"))) == 1


def test_a_run_without_room_in_each_stage_says_so_and_goes_on_when_there_is_some(days: Days, tmp_path: Path) -> None:
    desk = days.copy(tmp_path)
    for stage, room in (("ingest", 2_000), ("claims", 2_000), ("build", 300_000), ("gate", 2_000), ("publish", 60_000)):
        for largest_file in (0, room):
            ended = desk.run([stage], Trouble(largest_file=largest_file), date=NEXT_DATE)
            assert ended.code == 1, f"{stage} with {largest_file} bytes"
            assert "disk is full" in ended.error or "File too large" in ended.error, ended.error
            assert_nothing_lost_or_doubled(desk.data, days)
            assert rows_of_marts(desk.data) == days.rows_of_first
        desk.complete([stage], date=NEXT_DATE)
    assert_completed(desk, days)


def cut(path: Path) -> bytes:
    whole = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(whole[: len(whole) // 2])
    return whole


def test_a_task_without_memory_a_clock_that_went_back_and_files_cut_in_half(days: Days, tmp_path: Path) -> None:
    desk = days.copy(tmp_path)
    data = desk.data
    starved = desk.run(["ingest"], Trouble(free_memory=60 * 2**20), date=NEXT_DATE, sources=["second_day"])
    assert (starved.code, "MemoryError" in starved.error) == (1, True), starved
    assert not list(data.staging.glob("articles/load=*"))
    assert_nothing_lost_or_doubled(data, days)
    back = Trouble(clock_shift=timedelta(days=-40))
    before = releases.list_releases(data)
    refused = desk.run(["ingest"], back, date=NEXT_DATE)
    assert "expect_clock_not_to_run_back" in refused.error, refused.error
    assert_nothing_lost_or_doubled(data, days)
    # once the clock is right again, the refused load is read from its archive
    desk.complete(["ingest", "claims", "maintain"], date=NEXT_DATE)
    assert_nothing_lost_or_doubled(data, days)
    damaged = (
        next(data.raw.glob("articles/v1/bundle-*.parquet")),
        next(data.raw.glob("transfer_claims/v1/bundle-*.parquet")),
        next(data.ops.glob("loads/merged-*.parquet")),
        next(data.history.glob("published_claims/[1-9]*.parquet")),
    )
    for path in damaged:
        whole = cut(path)
        ended = desk.run(["build"], back, date=NEXT_DATE)
        assert ended.code == 1
        assert path.name in ended.error, ended.error
        assert "restore" in ended.error, ended.error
        assert rows_of_marts(data) == days.rows_of_first
        path.write_bytes(whole)
    for stage in ("build", "gate", "publish"):
        ended = desk.run([stage], back, date=NEXT_DATE)
        assert ended.error == ""
    assert_completed(desk, days, refused=1)
    now = releases.list_releases(data)
    assert now[1].release_id == before[0].release_id, "the newer release sorts as the newer one"
    assert now[0].is_current
    built = read_candidate(Settings(data=data, sources=desk.root)).build_id
    assert now[0].inputs["fingerprint"].startswith(built.rpartition("-")[2]), "and the newer candidate"
    in_release = database.read_relation(data.published, "ops.loads", ["load_id", "stage"]).to_pylist()
    assert {"load_id": f"second_day-{NEXT_DATE:%Y%m%dT%H%M%SZ}", "stage": "gate"} in in_release


def test_two_runs_of_one_date_at_once_make_one_release(days: Days, tmp_path: Path) -> None:
    desk = days.copy(tmp_path)
    waiting = [desk.start(STAGES, date=NEXT_DATE) for _ in range(2)]
    ended = [wait() for wait in waiting]
    assert 0 in {one.code for one in ended}, ended
    for one in ended:
        # the slower one may find its candidate refused, since the other's release came first; that is said
        assert one.code == 0 or "run python -m warehouse build again" in one.error, one.error
    assert_completed(desk, days)
    loads = Counter(
        fact["load_id"] for fact in ops.read(desk.data, "loads").to_pylist() if fact["outcome"] == "promoted"
    )
    assert set(loads.values()) == {1}


# Fifty sources, twenty of them down


DOWN = {"refused": range(0, 8), "http_500": range(8, 13), "broken": range(13, 18), "slow": range(18, 20)}


def open_papers(server: ScriptedServer, names: list[str], *, down: bool) -> None:
    """Let each paper announce two stories; those that are down answer as they do."""
    for number, name in enumerate(names):
        host = host_of(name)
        for story in (number, 100 + number):
            server.add(f"{host}/{story}", write_page(story))
        paths = [f"http://{host}/{story}" for story in (number, 100 + number)]
        server.add(f"{host}/feed.xml", feed(paths))
        if not down:
            continue
        if number in DOWN["http_500"]:
            server.add(f"{host}/feed.xml", Answer(b"sorry", 500))
        elif number in DOWN["broken"]:
            server.add(f"{host}/feed.xml", "<rss><channel><title>The paper</tit")
        elif number in DOWN["slow"]:
            server.add(f"{host}/feed.xml", Answer(b"late", pause_seconds=30))


def ingest_by_two(desk: Desk, names: list[str], date: object) -> str:
    """Ingest sources in two processes, as two workers take mapped tasks; gives what failed."""
    waiting = [desk.start(["ingest"], date=date, sources=names[worker::2]) for worker in range(2)]
    return "\n".join(wait().error for wait in waiting)


def test_thirty_sources_are_published_while_twenty_are_down_and_all_once_they_are_up(tmp_path: Path) -> None:
    registry = tmp_path / "papers.toml"
    names = write_papers(registry, 50)
    up = [name for number, name in enumerate(names) if number >= 20]
    with serve_script() as server:
        open_papers(server, names, down=True)
        # nobody listens on the port for discarding
        closed = "".join(f"{host_of(names[number])}=127.0.0.1:9," for number in DOWN["refused"])
        settings = {"ARMSLEDGER_SOURCES": str(registry)}
        down = Desk(tmp_path / "data", {**settings, "ARMSLEDGER_HOST_OVERRIDES": f"{closed}*.example={server.address}"})
        said = ingest_by_two(down, names, DATE)
        for number, name in enumerate(names):
            assert (name in said) == (number < 20), f"{name}: {said}"
        down.complete(["claims", "build", "gate", "publish"])
        assert published_stories(down.data) == stories_of(names, up)
        open_papers(server, names, down=False)
        mended = Desk(down.root, {**settings, "ARMSLEDGER_HOST_OVERRIDES": f"*.example={server.address}"})
        assert ingest_by_two(mended, names, NEXT_DATE).strip() == ""
        mended.complete(["claims", "build", "gate", "publish"])
        assert published_stories(mended.data) == stories_of(names, names)
        claims = database.read_relation(
            mended.data.published, "marts.fct_transfer_claims", ["claim_key", "article_key"]
        )
        assert len(set(claims["claim_key"].to_pylist())) == claims.num_rows
        assert len(set(claims["article_key"].to_pylist())) == 100, "each story tells a deal"


def stories_of(names: list[str], up: list[str]) -> list[tuple[str, str, str]]:
    """Return source, address and headline of the stories of papers."""
    return sorted(
        (name, f"http://{host_of(name)}/{story}", tell_deal(story)[0])
        for number, name in enumerate(names)
        if name in up
        for story in (number, 100 + number)
    )


def published_stories(data: DataDirectory) -> list[tuple[str, str, str]]:
    """Return source, address and headline of all published articles."""
    rows = database.query(data.published, "select source_id, url, title from marts.dim_articles").to_pylist()
    return sorted((row["source_id"], row["url"], row["title"]) for row in rows)
