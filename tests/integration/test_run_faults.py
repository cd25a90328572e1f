"""A run in trouble, up to its release: killed at each commit point, begun twice, with damaged files, without room.

One folder of news is published without trouble; then the same run meets the trouble in a data directory of its own and
is run again. At any moment there is no release or the whole one, row for row; nothing is lost, nothing is there twice.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import commit_points
import pytest
from commit_points import POINTS, Trace
from fault_sources import host_of, write_page, write_papers, write_second_day
from ingest_desk import feed
from scripted_server import Answer
from stage_runs import DATE, NONE, STAGES, Desk, Kill, Trouble, rows_of_marts

from expectations.health import check_health
from warehouse import database, lake, ops, releases
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from scripted_server import ScriptedServer

    from warehouse.settings import DataDirectory

# a build takes a quarter of a minute, and minutes on a machine that others use
pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

SOURCES = ["second_day"]
RARE_STAGES = ("refuse", "publish_by_hand", "maintain", "roll_back")


@dataclass(frozen=True)
class Undisturbed:
    """A run without trouble.

    Attributes:
        environment: its settings.
        ingested: copy of its data directory before the build.
        published: its data directory, with the release.
        marts: all rows of all marts of its release.
        trace: names that it and what comes more rarely gave and took.
        left: files of the data directory after that.
    """

    environment: dict[str, str]
    ingested: Path
    published: Path
    marts: dict[str, list[str]]
    trace: Trace
    left: frozenset[str]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """Publish a folder of news; then, in a copy, let a gate refuse a load, publish again, compact and roll back."""
    root = tmp_path_factory.mktemp("undisturbed")
    traced = Trouble(trace=root / "trace.txt")
    desk = Desk(root / "data", {"ARMSLEDGER_SOURCES": str(write_second_day(root))})
    desk.complete(["ingest", "claims"], traced, sources=SOURCES)
    shutil.copytree(desk.root, root / "ingested")
    desk.complete(["build", "gate", "publish"], traced)
    marts = rows_of_marts(desk.data)
    rare = Desk(root / "rare", desk.environment)
    shutil.copytree(desk.root, rare.root)
    rare.complete(RARE_STAGES, traced)
    left = (str(path.relative_to(rare.root)) for path in rare.root.rglob("*") if path.is_file())
    return Undisturbed(
        environment=dict(desk.environment),
        ingested=root / "ingested",
        published=desk.root,
        marts=marts,
        trace=Trace.read(root / "trace.txt"),
        left=frozenset(name for name in left if not commit_points.is_aside(name)),
    )


def assert_nothing_half_or_twice(data: DataDirectory, undisturbed: Undisturbed, *, promotions: int = 1) -> None:
    """Check what holds at any moment, where a load was promoted so many times."""
    if data.published.exists():
        assert rows_of_marts(data) == undisturbed.marts
    for table, key in (("articles", "article_id"), ("transfer_claims", "claim_id")):
        ids = lake.read_current(data, table, columns=[key])[key].to_pylist()
        assert len(set(ids)) == len(ids)
    told = Counter(
        (fact["table_name"], fact["load_id"], fact["outcome"])
        for fact in ops.read(data, "loads").to_pylist()
        if fact["outcome"] in ("promoted", "published")
    )
    assert [name for name, times in told.items() if times > promotions] == []


def assert_completed(data: DataDirectory, undisturbed: Undisturbed, *, promotions: int = 1) -> None:
    """Check a data directory after the run that got through."""
    assert_nothing_half_or_twice(data, undisturbed, promotions=promotions)
    assert rows_of_marts(data) == undisturbed.marts
    assert not list(data.staging.glob("*/load=*"))
    assert not list(data.quarantine.glob("*/load=*"))
    assert not list(data.releases.glob(".writing-*"))
    assert len(releases.list_releases(data)) == 1
    for name in ("articles", "transfer_claims"):
        lake.require_intact(data, read_manifest(data, lake.raw_table(name)))


def test_each_name_that_a_run_gives_or_takes_is_of_a_commit_point_or_none_that_a_reader_can_tell(
    undisturbed: Undisturbed,
) -> None:
    changed = undisturbed.trace.given | undisturbed.trace.taken
    points = {name for name in changed if commit_points.is_commit_point(name)}
    assert [name for name in changed - points if not commit_points.is_listed(name, commit_points.BESIDE)] == []
    named = {path for name in undisturbed.left for path in commit_points.with_parents(name)} & undisturbed.trace.given
    unnamed = [name for name in undisturbed.left if named.isdisjoint(commit_points.with_parents(name))]
    assert [name for name in unnamed if not commit_points.is_listed(name, commit_points.IN_PLACE)] == []
    # no list is longer than what there is
    for patterns in (*commit_points.COMMIT_POINTS.values(), commit_points.BESIDE):
        for pattern in patterns:
            assert any(commit_points.is_like(name, pattern) for name in changed), pattern
    for pattern in commit_points.IN_PLACE:
        assert any(commit_points.is_like(name, pattern) for name in unnamed), pattern


def test_each_commit_point_stands_in_the_architecture_and_is_one_where_runs_are_killed(
    undisturbed: Undisturbed,
) -> None:
    assert commit_points.rows_of_architecture() == set(commit_points.COMMIT_POINTS)
    assert {point.name for point in POINTS} == set(commit_points.COMMIT_POINTS)
    for point in POINTS:
        found = [name for name in undisturbed.trace.given if commit_points.is_like(name, point.pattern)]
        assert found, point
        patterns = commit_points.COMMIT_POINTS[point.name]
        assert all(commit_points.is_listed(name, patterns) for name in found), point


def test_a_run_killed_before_and_after_each_commit_point_is_completed(undisturbed: Undisturbed, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", undisturbed.environment)
    missed = []
    for point in POINTS:
        if point.stage in RARE_STAGES:
            continue
        # a build is long: before its last file is there, there is nothing of it
        for is_after in (True,) if point.stage == "build" else (False, True):
            if not desk.run([point.stage], Trouble(kill=Kill(point.pattern, is_after)), sources=SOURCES).was_killed:
                missed.append((point, is_after))
            assert_nothing_half_or_twice(desk.data, undisturbed)
    assert missed == []
    desk.complete(["ingest", "claims", "publish"], sources=SOURCES)
    assert_completed(desk.data, undisturbed)


def test_what_comes_more_rarely_killed_before_and_after_each_commit_point_is_completed(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "data", undisturbed.environment)
    shutil.copytree(undisturbed.published, desk.root)
    missed = []
    for stage in RARE_STAGES:
        for point in (point for point in POINTS if point.stage == stage):
            for is_after in (False, True):
                if not desk.run([stage], Trouble(kill=Kill(point.pattern, is_after))).was_killed:
                    missed.append((point, is_after))
        # the clock goes back before the second release, and comes right again after it
        desk.complete([stage], Trouble(clock_shift=timedelta(days=-2)) if stage == "publish_by_hand" else NONE)
    assert missed == []
    assert_nothing_half_or_twice(desk.data, undisturbed)
    assert rows_of_marts(desk.data) == undisturbed.marts, "the first release is back"
    assert not list(desk.data.staging.glob("*/load=*"))
    assert len(list(desk.data.quarantine.glob("*/load=*"))) == 1
    assert [fact["load_id"] for fact in ops.read(desk.data, "quarantine").to_pylist()] == ["refused-1"]
    assert (
        lake.read_current(desk.data, "articles").num_rows
        == lake.read_current(Desk(undisturbed.published, {}).data, "articles").num_rows + 3
    )


def test_a_file_cut_in_half_is_named_and_the_way_out_that_is_told_leads_to_the_same_release(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """On the way the disk is full in each later stage, and the clock goes back an hour with each."""
    desk = Desk(tmp_path / "data", undisturbed.environment)
    shutil.copytree(undisturbed.ingested, desk.root)
    for table, remake in (("articles", "extract ingest --source"), ("transfer_claims", "extract events")):
        damaged = cut_in_half(desk.data, table)
        told = desk.run(["build"]).error
        named = re.search(r"load (\S+) out of (\S+) and make it again: python -m (.*)$", told)
        assert named, told
        assert f"{damaged.parent}: {damaged.name} isn't what the gate saw" in told
        assert named[3].startswith(remake)
        take_out(Path(named[2]), named[1])
        desk.complete(["ingest", "claims"], sources=SOURCES)
    for hours, stage, room, place in (
        (1, "build", 2**19, "warehouse/candidates"),
        (2, "gate", 0, "ops/validation_results"),
        (3, "publish", 2**20, "warehouse/releases"),
    ):
        ended = desk.run([stage], Trouble(largest_file=room))
        full = rf"Error: {re.escape(str(desk.root / place))}\S*: the disk is full.*free some"
        assert re.search(full, ended.error), ended
        assert_nothing_half_or_twice(desk.data, undisturbed, promotions=2)
        assert not list(desk.data.releases.glob("*")), "what is half written is gone, for its room is needed"
        assert len(list(desk.data.candidates.glob("*/*.duckdb*"))) == (stage != "build"), "likewise"
        desk.complete([stage], Trouble(clock_shift=timedelta(hours=-hours)))
    # the articles were, before they were damaged and when they were made again
    assert_completed(desk.data, undisturbed, promotions=2)


def cut_in_half(data: DataDirectory, table: str) -> Path:
    """Cut the one Parquet file of a raw table that has rows; a link to it elsewhere stays whole."""
    (path,) = (
        data.raw / table / name for entry in read_manifest(data, lake.raw_table(table)).loads for name in entry.files
    )
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])
    return path


def take_out(manifest: Path, load_id: str) -> None:
    """Take a load out of a manifest with an editor, as the error says."""
    document = json.loads(manifest.read_text(encoding="utf-8"))
    document["loads"] = [entry for entry in document["loads"] if entry["load_id"] != load_id]
    manifest.write_text(json.dumps(document), encoding="utf-8")


def test_of_fifty_sources_twenty_are_down_the_others_are_published_and_the_twenty_come_later(
    tmp_path: Path, server: ScriptedServer
) -> None:
    papers = write_papers(tmp_path / "sources.toml", 50)
    up, down = papers[:30], papers[30:]
    overrides = {"ARMSLEDGER_HOST_OVERRIDES": f"*.example={server.address}"}
    desk = Desk(tmp_path / "data", {"ARMSLEDGER_SOURCES": str(tmp_path / "sources.toml"), **overrides})
    for name in papers:
        print_paper(server, name, is_up=name in up)
    ended = desk.run(["ingest"])
    assert sorted(re.findall(r"SourceUnreachable: .*?(paper_\d+)", ended.error)) == down, ended
    desk.complete(["claims", "build", "gate", "publish"])
    assert check_health(desk.data).unreachable == tuple(down)
    published = database.query(
        desk.data.published,
        "select source_id, count(*) as claims, count(distinct claim_key) as different "
        "from marts.dim_articles as articles inner join marts.dim_sources using (source_key) "
        "left join marts.fct_transfer_claims as claims on articles.article_key = claims.article_key "
        "group by all order by all",
    ).to_pylist()
    expected = [{"source_id": name, "claims": 1, "different": 1} for name in up]
    assert published == expected, "the others' one article each, with its claim"
    for name in down:
        print_paper(server, name, is_up=True)
    desk.complete(["ingest", "claims"], date=DATE + timedelta(hours=1))
    assert check_health(desk.data).unreachable == ()
    for table, column in (("articles", "source_id"), ("transfer_claims", "article_id")):
        rows = lake.read_current(desk.data, table, columns=[column])[column].to_pylist()
        assert len(rows) == len(set(rows)) == len(papers), "all fifty, once"


def print_paper(server: ScriptedServer, name: str, *, is_up: bool) -> None:
    """Let a small paper have one article, or be out of order."""
    host = host_of(name)
    server.add(f"{host}/story", write_page(int(name.removeprefix("paper_"))))
    told = feed(["/story"]).replace("news.paper.example", host)
    server.add(f"{host}/feed.xml", told if is_up else Answer(b"out of order", 503))


def test_two_runs_of_one_date_at_once_make_one_release(undisturbed: Undisturbed, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", undisturbed.environment)
    waiting = [desk.start(STAGES, sources=SOURCES) for _ in range(2)]
    ended = [wait() for wait in waiting]
    assert 0 in {one.code for one in ended}, ended
    for one in ended:
        # the slower one may find its candidate refused, since the other's release came first; that is said
        assert one.code == 0 or "run python -m warehouse build again" in one.error, one.error
    assert_completed(desk.data, undisturbed)
