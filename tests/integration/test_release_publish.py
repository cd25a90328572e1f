"""Publishing: readers are never disturbed, and nothing but a candidate that passed its gate becomes current."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from dataclasses import replace

import duckdb
import pytest
from floor_samples import build_candidate, promote_articles

from warehouse import database, lake, ops, releases
from warehouse.database import query
from warehouse.errors import BuildError, GateError, ReleaseError
from warehouse.files import exclusive
from warehouse.manifests import manifest_path
from warehouse.receipts import AuditReceipt, file_sha256

FORK_SERVER = multiprocessing.get_context("forkserver")
FORK_SERVER.set_forkserver_preload(["floor_samples", "warehouse.releases"])

READER = """
import sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
connection.execute("set enable_progress_bar = false")  # drawn on a slow machine, where the rows are printed
stream = connection.sql("select title from marts.fct_deals").to_arrow_reader(2048)
titles = stream.read_next_batch().column(0).to_pylist()
print("reading", flush=True)
sys.stdin.readline()
for batch in stream:
    titles += batch.column(0).to_pylist()
print(len(titles), titles[-1], flush=True)
print(*connection.execute("select count(*), max(release_id) from ops.releases, marts.fct_deals").fetchone())
"""


def count_deals(path):
    return query(path, "select count(*) as n from marts.fct_deals")["n"][0].as_py()


def publish_first(settings, **options):
    promote_articles(settings.data, "load-1")
    return releases.publish(settings, build_candidate(settings.data, "build-1", **options))


def test_a_release_says_what_it_is_made_of(settings):
    data = settings.data
    entry = promote_articles(data, "load-1")
    candidate = build_candidate(data, "build-1", deals=7)
    release = releases.publish(settings, candidate)
    assert release.is_current
    assert release.warnings == ("few articles this week",)
    assert release.row_counts["marts.fct_deals"] == 7
    assert release.inputs["tables"]["articles"]["loads"] == {"load-1": entry.fingerprint}
    assert releases.list_releases(data) == [release]
    assert releases.is_up_to_date(data, candidate.inputs["fingerprint"])
    assert not releases.is_up_to_date(data, "0" * 64)
    (row,) = database.read_relation(data.published, "ops.releases").to_pylist()
    assert (row["release_id"], row["articles"], row["deals"], row["warnings"]) == (release.release_id, 3, 7, 1)
    assert ops.read(data, "releases").to_pylist() == [row]
    folder = data.releases / release.release_id
    assert {path.name for path in folder.iterdir()} == {
        "armsledger.duckdb",
        "articles.manifest.json",
        "history",
        "marts",
        "receipt.json",
        "release.json",
    }
    assert releases.database_of(data, release.release_id) == folder / "armsledger.duckdb"
    assert file_sha256(folder / "armsledger.duckdb") == file_sha256(data.published)


def test_a_release_pins_the_manifests_it_was_built_from(settings):
    data = settings.data
    promote_articles(data, "load-1")
    candidate = build_candidate(data, "build-1")
    built_from = manifest_path(data, lake.raw_table("articles")).read_text()
    promote_articles(data, "load-2")
    release = releases.publish(settings, candidate)
    pinned = (data.releases / release.release_id / "articles.manifest.json").read_text()
    assert "load-1" in pinned
    assert "load-2" not in pinned
    assert "load-1" in built_from


def test_facts_after_the_build_are_in_the_release(settings):
    data = settings.data
    promote_articles(data, "load-1")
    candidate = build_candidate(data, "build-1")
    fact = {"load_id": "build-1", "table_name": "candidate", "stage": "build", "outcome": "built"}
    ops.append(data, "loads", [fact])
    releases.publish(settings, candidate)
    outcomes = database.read_relation(data.published, "ops.loads", ["outcome"])["outcome"].to_pylist()
    assert sorted(outcomes) == ["built", "promoted"]


def test_a_reader_keeps_its_snapshot_and_a_new_one_sees_the_new_release(settings):
    data = settings.data
    first = publish_first(settings, deals=400_000)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(data.published)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert reader.stdout.readline() == "reading\n"
        second = releases.publish(settings, build_candidate(data, "build-2", deals=9))
        assert count_deals(data.published) == 9
        assert second.is_current
        rest, _ = reader.communicate("go on\n", timeout=60)
    finally:
        reader.kill()
    assert rest.splitlines() == ["400000 deal 400000", f"400000 {first.release_id}"]
    assert reader.returncode == 0


def test_a_reader_in_this_very_process_does_not_mislead_the_publisher(settings):
    data = settings.data
    first = publish_first(settings)
    with database.read_database(data.published) as connection:
        connection.execute("select * from marts.fct_deals")
        second = releases.publish(settings, build_candidate(data, "build-2", deals=9))
    told = ops.read(data, "releases")["release_id"].to_pylist()
    assert told == [first.release_id, second.release_id]
    assert releases.current_release_id(data) == second.release_id


def spoil_presence(candidate):
    (candidate.folder / "receipt.json").unlink()


def spoil_bytes(candidate):
    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute("update marts.fct_deals set value_usd = 1e9 where deal_key = 1")


def spoil_verdict(candidate):
    path = candidate.folder / "receipt.json"
    replace(AuditReceipt.read(path), verdict="failed", failures=("country-year sums differ",)).write(path)


def spoil_subject(candidate):
    path = candidate.folder / "receipt.json"
    replace(AuditReceipt.read(path), subject="candidate/build-1").write(path)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_presence, r"receipt\.json: no receipt; run the gate first"),
        (spoil_bytes, "candidate/build-2: the content has changed since the gate saw it"),
        (spoil_verdict, "candidate/build-2: the gate refused it: country-year sums differ"),
        (spoil_subject, "candidate/build-2: the receipt is for candidate/build-1"),
    ],
)
def test_a_candidate_that_its_gate_did_not_pass_is_refused(settings, spoil, message):
    data = settings.data
    first = publish_first(settings)
    before = file_sha256(data.published)
    candidate = build_candidate(data, "build-2", deals=9)
    spoil(candidate)
    with pytest.raises(GateError, match=message):
        releases.publish(settings, candidate)
    assert file_sha256(data.published) == before
    assert [release.release_id for release in releases.list_releases(data)] == [first.release_id]
    assert ops.read(data, "releases").num_rows == 1


def test_the_first_candidate_needs_its_gate_too(settings):
    with pytest.raises(GateError, match="no receipt"):
        releases.publish(settings, build_candidate(settings.data, "build-1", verdict=None))
    assert not settings.data.published.exists()
    assert releases.current_release_id(settings.data) is None
    assert releases.list_releases(settings.data) == []


def test_a_candidate_of_older_loads_is_refused(settings):
    data = settings.data
    promote_articles(data, "load-1")
    older = build_candidate(data, "build-1")
    promote_articles(data, "load-2")
    releases.publish(settings, build_candidate(data, "build-2"))
    before = file_sha256(data.published)
    with pytest.raises(GateError, match=r"older loads of articles than release .*run python -m warehouse build again"):
        releases.publish(settings, older)
    assert file_sha256(data.published) == before


def test_publishing_the_same_candidate_again_changes_nothing(settings):
    data = settings.data
    promote_articles(data, "load-1")
    candidate = build_candidate(data, "build-1")
    first = releases.publish(settings, candidate)
    before = (file_sha256(data.published), data.published.stat().st_ino)
    assert releases.publish(settings, candidate) == first
    assert (file_sha256(data.published), data.published.stat().st_ino) == before
    assert ops.read(data, "releases").num_rows == 1


def test_the_last_ten_releases_are_kept_in_order_however_fast_they_come(settings):
    data = settings.data
    promote_articles(data, "load-1")
    made = [
        releases.publish(settings, build_candidate(data, f"build-{number:02}", deals=number)) for number in range(1, 13)
    ]
    ids = [release.release_id for release in made]
    assert ids == sorted(set(ids))
    kept = releases.list_releases(data)
    assert [release.release_id for release in kept] == ids[:1:-1]
    assert [release.is_current for release in kept] == [True] + [False] * 9
    assert [release.row_counts["marts.fct_deals"] for release in kept] == list(range(12, 2, -1))
    assert {path.name for path in data.releases.iterdir()} == set(ids[2:])
    assert count_deals(releases.database_of(data, ids[5])) == 6
    assert ops.read(data, "releases")["release_id"].to_pylist() == ids
    with pytest.raises(ReleaseError, match=f"no release {ids[0]} in .*; kept are: {ids[2]}, "):
        releases.read_release(data, ids[0])


def test_a_log_beside_the_published_file_is_named_and_nothing_is_changed(settings):
    data = settings.data
    first = publish_first(settings)
    before = file_sha256(data.published)
    log = data.published.with_name("armsledger.duckdb.wal")
    log.write_bytes(b"somebody's change")
    candidate = build_candidate(data, "build-2")
    with pytest.raises(ReleaseError, match=r"armsledger\.duckdb\.wal: somebody wrote .*move the log away"):
        releases.publish(settings, candidate)
    assert file_sha256(data.published) == before
    assert [path.name for path in data.releases.iterdir()] == [first.release_id]
    log.unlink()
    assert releases.publish(settings, candidate).is_current


def test_a_damaged_published_file_is_named_with_the_way_out(settings):
    data = settings.data
    publish_first(settings)
    candidate = build_candidate(data, "build-2")
    data.published.unlink()
    data.published.write_bytes(b"not a database" * 1000)
    with pytest.raises(ReleaseError, match=r"armsledger\.duckdb can't be opened.*if the file is damaged, move it away"):
        releases.publish(settings, candidate)
    data.published.unlink()
    assert releases.publish(settings, candidate).is_current


def test_the_published_file_is_for_reading_only(settings):
    publish_first(settings)
    assert settings.data.published.stat().st_mode & 0o777 == 0o444


def test_where_links_cannot_be_made_the_file_is_copied(settings, monkeypatch):
    def refuse(source, target):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("os.link", refuse)
    release = publish_first(settings)
    own = settings.data.releases / release.release_id / "armsledger.duckdb"
    assert not own.samefile(settings.data.published)
    assert file_sha256(own) == file_sha256(settings.data.published)
    assert settings.data.published.stat().st_mode & 0o777 == 0o444


def publish_one(settings, build_id, results):
    from warehouse.build import read_candidate

    try:
        results.put(releases.publish(settings, read_candidate(settings, build_id)).release_id)
    except GateError as error:
        results.put(str(error))


def test_of_two_candidates_of_one_release_the_later_is_built_again(settings):
    data = settings.data
    first = publish_first(settings)
    for number in (2, 3, 4):
        build_candidate(data, f"build-{number}", deals=number)
    results = FORK_SERVER.Queue()
    children = [FORK_SERVER.Process(target=publish_one, args=(settings, f"build-{n}", results)) for n in (2, 3, 4)]
    for child in children:
        child.start()
    told = [results.get() for _ in children]
    for child in children:
        child.join()
    kept = releases.list_releases(data)
    assert [release.release_id for release in kept[1:]] == [first.release_id]
    (second,) = [text for text in told if text == kept[0].release_id]
    refusal = f"was built after release {first.release_id}, but {second} was published since"
    assert sum(refusal in text for text in told) == 2
    assert kept[0].is_current
    assert count_deals(data.published) == kept[0].row_counts["marts.fct_deals"]
    assert database.read_relation(data.published, "ops.releases").num_rows == 2


def publish_and_look(settings, marker, has_begun, results):
    from warehouse.build import read_candidate

    has_begun.set()
    releases.publish(settings, read_candidate(settings, "build-2"))
    results.put(marker.exists())


def test_a_publisher_waits_for_the_lock(settings, tmp_path):
    data = settings.data
    publish_first(settings)
    build_candidate(data, "build-2")
    marker, has_begun, results = tmp_path / "lock_given_back", FORK_SERVER.Event(), FORK_SERVER.Queue()
    with exclusive(data.warehouse / ".publish.lock"):
        child = FORK_SERVER.Process(target=publish_and_look, args=(settings, marker, has_begun, results))
        child.start()
        has_begun.wait()
        # long enough for a publish that doesn't wait; one that does ends after the marker in any case
        child.join(timeout=1)
        marker.touch()
    assert results.get() is True
    child.join()


def test_a_missing_candidate_is_named(settings):
    from warehouse.build import read_candidate

    with pytest.raises(BuildError, match=r"no candidate in .*run python -m warehouse build"):
        read_candidate(settings)
    build_candidate(settings.data, "build-1")
    with pytest.raises(BuildError, match=r"no candidate build-9 in .*there are: build-1"):
        read_candidate(settings, "build-9")


def test_a_rollback_needs_a_kept_release_that_is_whole(settings):
    data = settings.data
    first = publish_first(settings)
    second = releases.publish(settings, build_candidate(data, "build-2", deals=9))
    before = file_sha256(data.published)
    with pytest.raises(
        ReleaseError, match=f"no release nowhere in .*; kept are: {first.release_id}, {second.release_id}"
    ):
        releases.roll_back(data, "nowhere")
    own = data.releases / first.release_id / "armsledger.duckdb"
    own.unlink()
    own.write_bytes(b"not a database" * 1000)
    with pytest.raises(ReleaseError, match=rf"{first.release_id}/armsledger\.duckdb can't be opened"):
        releases.roll_back(data, first.release_id)
    assert file_sha256(data.published) == before
    assert releases.current_release_id(data) == second.release_id


def test_what_was_rolled_back_is_not_built_again_but_what_comes_next_is(settings):
    data = settings.data
    first = publish_first(settings)
    promote_articles(data, "load-2")
    withdrawn = build_candidate(data, "build-2", deals=9)
    second = releases.publish(settings, withdrawn)
    assert releases.roll_back(data, first.release_id).is_current
    assert count_deals(data.published) == 5
    assert [release.is_current for release in releases.list_releases(data)] == [False, True]
    assert releases.is_up_to_date(data, withdrawn.inputs["fingerprint"])
    promote_articles(data, "load-3")
    after = build_candidate(data, "build-3", deals=11)
    assert not releases.is_up_to_date(data, after.inputs["fingerprint"])
    third = releases.publish(settings, after)
    assert third.release_id > second.release_id
    assert count_deals(data.published) == 11
    # and the one taken away can be had again
    assert releases.roll_back(data, second.release_id).is_current
    assert count_deals(data.published) == 9


def test_rollback_and_diff_are_commands(settings, monkeypatch):
    from click.testing import CliRunner

    from warehouse.__main__ import cli

    data = settings.data
    monkeypatch.setenv("ARMSLEDGER_DATA", str(data.root))
    first = publish_first(settings)
    second = releases.publish(settings, build_candidate(data, "build-2", deals=9))
    shown = CliRunner().invoke(cli, ["diff", first.release_id, second.release_id])
    assert shown.exit_code == 0
    assert "fct_deals" in shown.output
    told = json.loads(CliRunner().invoke(cli, ["diff", first.release_id, second.release_id, "--json"]).output)
    deals = next(table for table in told["tables"] if table["table"] == "fct_deals")
    assert (deals["before"], deals["after"], deals["added"], deals["removed"], deals["changed"]) == (5, 9, 4, 0, 0)
    same = CliRunner().invoke(cli, ["diff", first.release_id, first.release_id])
    assert "hold the same rows" in " ".join(same.output.split())
    done = CliRunner().invoke(cli, ["rollback", first.release_id])
    assert done.exit_code == 0
    assert f"{first.release_id} is the published release" in done.output
    assert releases.current_release_id(data) == first.release_id
