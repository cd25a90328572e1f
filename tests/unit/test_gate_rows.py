"""Bad rows are set aside, good ones go on, nothing vanishes; a reviewer releases or drops what was set aside."""

from __future__ import annotations

import datetime
import json

import pytest
from click.testing import CliRunner
from gate_batches import (
    ARTICLES,
    FETCHED,
    TRANSFER_CLAIMS,
    key,
    make_article,
    make_claim,
    make_rows,
    make_settings,
    stage,
)
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from expectations import gate
from expectations.__main__ import cli
from warehouse import clock, lake, ops, waivers
from warehouse.contracts import raw_table
from warehouse.errors import LakeError
from warehouse.manifests import read_manifest
from warehouse.row_quarantine import BadRow, GateRun, rows_folder, set_rows_aside

BLANK = "expect_column_values_to_match_regex(title)"
FUTURE = FETCHED.replace(year=FETCHED.year + 1)
LATE = "expect_publication_not_after_fetch(published_at, fetched_at)"
RUN = GateRun("v-1", None)


def settle(settings, rows, load_id="load-1", **attributes):
    stage(settings, ARTICLES, load_id, rows, source_id="harbour_wire", **attributes)
    return gate.settle_load(settings, "articles", load_id)


def ids_in_lake(settings, table="articles"):
    return sorted(lake.read_current(settings.data, table)[raw_table(table).key].to_pylist())


def rows_in_quarantine(settings, table="articles"):
    import pyarrow.parquet as pq

    contract = raw_table(table)
    single = rows_folder(settings.data, contract).glob("*.parquet")
    whole = (settings.data.quarantine / table).glob("load=*/*.parquet")
    return [row for path in (*single, *whole) for row in pq.read_table(path).to_pylist()]


def entries(settings):
    return waivers.list_entries(settings.data)


def run_command(settings, monkeypatch, *arguments, columns=300):
    monkeypatch.setenv("ARMSLEDGER_DATA", str(settings.data.root))
    monkeypatch.setenv("COLUMNS", str(columns))
    return CliRunner().invoke(cli, ["quarantine", *arguments])


def test_a_bad_row_is_set_aside_with_expectation_run_and_raw_row_and_the_rest_goes_on(settings):
    receipt = settle(settings, [make_article(1), make_article(2, title=" "), make_article(3)])
    assert receipt.has_passed
    assert receipt.rows_set_aside == 1
    assert ids_in_lake(settings) == [key(1), key(3)]
    (fact,) = ops.read(settings.data, "quarantined_rows").to_pylist()
    assert (fact["row_key"], fact["expectations"], fact["load_id"]) == (key(2), BLANK, "load-1")
    assert (fact["validation_id"], fact["report_path"]) == (receipt.validation_id, receipt.report_path)
    assert json.loads(fact["raw_row"])["url"] == "https://news.example/2"
    (row,) = rows_in_quarantine(settings)
    assert row["text"] == make_article(2)["text"]
    (load,) = ops.read(settings.data, "loads").to_pylist()
    assert (load["rows_in"], load["rows_out"], load["rows_quarantined"]) == (3, 2, 1)
    (run,) = ops.read(settings.data, "validations").to_pylist()
    assert (run["verdict"], run["rows_in"], run["rows_out"], run["rows_quarantined"]) == ("rows_set_aside", 3, 2, 1)
    page = (settings.data.root / receipt.report_path).read_text()
    assert "Rows set aside, the rest passed" in page


def test_long_texts_are_cut_in_ops_and_whole_in_quarantine(settings):
    settle(settings, [make_article(1), make_article(2, title=" ", text="long " * 1000)])
    (fact,) = ops.read(settings.data, "quarantined_rows").to_pylist()
    assert len(json.loads(fact["raw_row"])["text"]) < 400
    (row,) = rows_in_quarantine(settings)
    assert len(row["text"]) == 5000


@pytest.mark.parametrize(
    ("bad", "rows", "has_passed"), [(1, 1, False), (5, 10, True), (6, 20, False), (6, 60, True), (7, 60, False)]
)
def test_a_load_beyond_its_threshold_stops_whole(settings, bad, rows, has_passed):
    batch = [make_article(number, title=" " if number < bad else "Guns") for number in range(rows)]
    receipt = settle(settings, batch)
    assert receipt.has_passed is has_passed
    assert len(ids_in_lake(settings)) == (rows - bad if has_passed else 0)
    assert len(rows_in_quarantine(settings)) == (bad if has_passed else rows)
    if not has_passed:
        assert any(f"{bad} of {rows} rows are bad" in line for line in receipt.failures)


def test_a_fault_of_the_whole_load_sets_no_row_aside(settings, monkeypatch):
    import great_expectations as gx
    import great_expectations.expectations as gxe

    from expectations.suites import articles

    suite = articles.build_suite

    def with_count(facts):
        count = gxe.ExpectTableRowCountToBeBetween(min_value=1000, severity="critical")
        return gx.ExpectationSuite("articles", expectations=[*suite(facts).expectations, count])

    monkeypatch.setattr(articles, "build_suite", with_count)
    receipt = settle(settings, [make_article(1), make_article(2, title=" ")])
    assert not receipt.has_passed
    assert len(rows_in_quarantine(settings)) == 2
    assert ops.read(settings.data, "quarantined_rows").num_rows == 0


@profile(max_examples=12)
@given(titles=st.lists(st.sampled_from(["Guns for Norway", " ", None]), min_size=1, max_size=14))
def test_every_row_that_came_in_is_in_the_lake_or_in_quarantine_once(tmp_path_factory, titles):
    own = make_settings(tmp_path_factory.mktemp("lake"))
    rows = [make_article(number, title=title) for number, title in enumerate(titles)]
    settle(own, rows)
    kept, aside = ids_in_lake(own), [row["article_id"] for row in rows_in_quarantine(own)]
    assert sorted([*kept, *aside]) == sorted(row["article_id"] for row in rows)
    for fact in ops.read(own.data, "loads").to_pylist():
        assert fact["rows_in"] == fact["rows_out"] + fact["rows_quarantined"] == len(rows)


def test_two_rows_of_one_key_are_both_set_aside(settings):
    settle(settings, [make_article(1), make_article(2), make_article(2, text_hash=key(9)), make_article(3)])
    assert ids_in_lake(settings) == [key(1), key(3)]
    assert [row["article_id"] for row in rows_in_quarantine(settings)] == [key(2), key(2)]


def test_a_released_row_comes_back_under_its_waiver_and_is_recorded(settings):
    settle(settings, [make_article(1), make_article(2, published_at=FUTURE)])
    (entry,) = entries(settings)
    assert (entry.status, entry.why, entry.is_waivable) == ("open", (LATE,), True)
    waivers.decide(settings.data, entry, "released", by="reviewer", why="the publisher dates ahead")
    (load_id,) = waivers.stage_released(settings.data, "articles", source_id="harbour_wire")
    receipt = gate.settle_load(settings, "articles", load_id)
    assert receipt.has_passed
    assert receipt.rows_set_aside == 0
    assert any("waived by a reviewer" in line for line in receipt.warnings)
    assert ids_in_lake(settings) == [key(1), key(2)]
    assert {row["load_id"] for row in lake.read_current(settings.data, "articles").to_pylist()} == {"load-1", load_id}
    (entry,) = entries(settings)
    assert entry.status == "returned"
    assert waivers.stage_released(settings.data, "articles") == []
    told = [row["decision"] for row in ops.read(settings.data, "quarantine_decisions").to_pylist()]
    assert told == ["released", "returned"]
    last = ops.read(settings.data, "validations").to_pylist()[-1]
    assert last["rows_waived"] == 1
    assert last["circumstance"].startswith("rows that reviewers released come back")


def test_the_same_row_passes_in_a_later_load_too(settings):
    settle(settings, [make_article(1), make_article(2, published_at=FUTURE)])
    waivers.decide(settings.data, entries(settings)[0], "released", by="reviewer", why="right")
    receipt = settle(settings, [make_article(2, published_at=FUTURE), make_article(4)], load_id="load-2")
    assert receipt.has_passed
    assert receipt.rows_set_aside == 0
    assert waivers.stage_released(settings.data, "articles") == [], "its key is in the lake"
    assert entries(settings)[0].status == "returned"


def test_a_waiver_covers_its_row_and_its_expectation_only(settings):
    settle(settings, [make_article(1), make_article(2, published_at=FUTURE)])
    waivers.decide(settings.data, entries(settings)[0], "released", by="reviewer", why="right")
    changed = make_article(2, published_at=FUTURE, title="Another headline")
    worse = make_article(3, published_at=FUTURE)
    receipt = settle(settings, [changed, worse, make_article(4), make_article(5)], load_id="load-2")
    assert receipt.rows_set_aside == 2


def test_a_row_that_breaks_more_than_was_waived_is_set_aside_again(settings):
    released = make_article(2, published_at=FUTURE)
    settle(settings, [make_article(1), released])
    waivers.decide(settings.data, entries(settings)[0], "released", by="reviewer", why="right")
    ahead = {**released, "fetched_at": clock.now() + datetime.timedelta(days=1)}
    receipt = settle(settings, [ahead, make_article(4), make_article(5)], load_id="load-2")
    assert receipt.rows_set_aside == 1, "the same row, but its fetch lies ahead, which nobody has let pass"
    assert entries(settings)[0].status == "open"


def test_what_breaks_the_contract_cannot_be_released(settings):
    settle(settings, [make_article(1), make_article(2, url="javascript:alert(1)")])
    (entry,) = entries(settings)
    assert not entry.is_waivable
    with pytest.raises(LakeError, match="which no waiver covers"):
        waivers.decide(settings.data, entry, "released", by="reviewer", why="right")
    waivers.decide(settings.data, entry, "dropped", by="reviewer", why="spam")
    assert entries(settings)[0].status == "dropped"


def test_a_dropped_row_that_comes_again_stays_dropped_and_is_counted(settings):
    bad = make_article(2, title=" ")
    settle(settings, [make_article(1), bad])
    waivers.decide(settings.data, entries(settings)[0], "dropped", by="reviewer", why="a teaser")
    settle(settings, [make_article(3), {**bad, "fetched_at": FETCHED.replace(hour=13)}], load_id="load-2")
    (entry,) = entries(settings)
    assert (entry.status, entry.times) == ("dropped", 2)
    assert len(rows_in_quarantine(settings)) == 2


def test_a_released_claim_is_replaced_with_the_claims_of_its_extractor(settings):
    settle(settings, [make_article(1)])
    stage(settings, TRANSFER_CLAIMS, "c-1", [make_claim(1), make_claim(2, value_currency=None)], extractor_version="1")
    assert gate.settle_load(settings, "transfer_claims", "c-1").rows_set_aside == 1
    waivers.decide(settings.data, entries(settings)[0], "released", by="reviewer", why="right")
    (load_id,) = waivers.stage_released(settings.data, "transfer_claims")
    assert lake.read_staged(settings.data, "transfer_claims", load_id).attributes["extractor_version"] == "1"
    assert gate.settle_load(settings, "transfer_claims", load_id).has_passed
    assert ids_in_lake(settings, "transfer_claims") == [key(1), key(2)]


def test_a_release_that_was_killed_before_its_gate_is_taken_up_again(settings):
    settle(settings, [make_article(1), make_article(2, published_at=FUTURE)])
    waivers.decide(settings.data, entries(settings)[0], "released", by="reviewer", why="right")
    first = waivers.stage_released(settings.data, "articles", source_id="harbour_wire")
    assert waivers.stage_released(settings.data, "articles", source_id="harbour_wire") == first
    assert waivers.stage_released(settings.data, "articles", source_id="other") == []


def test_a_gate_killed_while_it_sets_rows_aside_loses_and_doubles_nothing(settings, monkeypatch):
    from warehouse import row_quarantine

    bad = {1: BadRow((BLANK,), True)}
    staged = stage(settings, ARTICLES, "load-1", [make_article(1), make_article(2, title=" "), make_article(3)])
    real = row_quarantine.rewrite_description

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(row_quarantine, "rewrite_description", die)
    with pytest.raises(KeyboardInterrupt):
        set_rows_aside(settings.data, staged, bad, RUN)
    monkeypatch.setattr(row_quarantine, "rewrite_description", real)
    staged = lake.read_staged(settings.data, "articles", "load-1")
    assert staged.read().num_rows == 3
    rest = set_rows_aside(settings.data, staged, bad, RUN)
    assert rest.read()["article_id"].to_pylist() == [key(1), key(3)]
    assert ops.read(settings.data, "quarantined_rows").num_rows == 1
    assert len(rows_in_quarantine(settings)) == 1


def test_all_rows_of_a_load_cannot_be_set_aside_one_by_one(settings):
    staged = stage(settings, ARTICLES, "load-1", [make_article(1)])
    with pytest.raises(LakeError, match="set the load aside as a whole"):
        set_rows_aside(settings.data, staged, {0: BadRow((BLANK,), True)}, RUN)


def test_rows_are_found_across_batches_of_a_large_load(settings):
    rows = [make_article(number) for number in range(120)]
    staged = stage(settings, ARTICLES, "load-1", rows)
    places = {0, 57, 119}
    rest = set_rows_aside(settings.data, staged, dict.fromkeys(places, BadRow((BLANK,), True)), RUN)
    assert rest.rows == 117
    assert {row["article_id"] for row in rows_in_quarantine(settings)} == {key(number) for number in places}


def test_the_command_line_lists_shows_releases_and_drops(settings, monkeypatch):
    settle(settings, [make_article(1), make_article(2, published_at=FUTURE), make_article(3, title="\t")])
    listed = run_command(settings, monkeypatch, "list").output
    by_key = {entry.key: entry for entry in entries(settings)}
    assert LATE in listed
    assert "…" not in run_command(settings, monkeypatch, "list", columns=80).output, "no name is cut"
    assert key(3) in listed
    entry = by_key[key(2)]
    shown = run_command(settings, monkeypatch, "show", entry.entry_id[:8]).output
    assert "https://news.example/2" in shown
    assert "can be released yes" in " ".join(shown.split())
    assert "A date in the future is misread" in shown, "a reviewer is told why it matters"
    done = run_command(settings, monkeypatch, "release", entry.entry_id, "--reason", "right", "--by", "a reviewer")
    assert "it comes back in the next run" in done.output
    done = run_command(
        settings, monkeypatch, "drop", by_key[key(3)].entry_id, "--reason", "teaser", "--by", "a reviewer"
    )
    assert "stays in quarantine" in done.output
    done = run_command(settings, monkeypatch, "return", "articles")
    assert done.output.startswith("passed articles/load=released-")
    assert run_command(settings, monkeypatch, "list").output == "nothing waits in quarantine\n"
    everything = run_command(settings, monkeypatch, "list", "--all").output
    assert "returned" in everything
    assert "dropped" in everything


def test_an_unknown_entry_is_a_clear_error(settings, monkeypatch):
    with pytest.raises(LakeError, match="no row or load 'nothing'"):
        waivers.find_entry(settings.data, "nothing")
    assert isinstance(run_command(settings, monkeypatch, "show", "nothing").exception, LakeError)


def test_a_load_refused_whole_is_released_so_that_its_good_rows_pass(settings, monkeypatch):
    with lake.LoadWriter(settings.data, ARTICLES, "load-1", source_id="harbour_wire") as writer:
        rows = [make_article(number, title=" " if number < 8 else "Guns") for number in range(20)]
        writer.write(make_rows(ARTICLES, rows))
        writer.set_state("harbour_wire", {"etag": "old"})
    assert not gate.settle_load(settings, "articles", "load-1").has_passed
    (entry,) = entries(settings)
    assert (entry.kind, entry.rows) == ("load", 20)
    done = run_command(settings, monkeypatch, "release", "load-1", "--reason", "only teasers", "--by", "a reviewer")
    assert "12 rows passed, 8 are in quarantine one by one" in done.output
    assert len(ids_in_lake(settings)) == 12
    assert len(rows_in_quarantine(settings)) == 8
    statuses = {one.entry_id: one.status for one in entries(settings) if one.kind == "load"}
    assert statuses == {"load-1": "returned"}, "it waits for nobody any more"
    assert read_manifest(settings.data, ARTICLES).state == {}, "an old state must not overwrite a newer one"
    with pytest.raises(LakeError, match="released already"):
        waivers.restage_load(settings.data, entry, by="a reviewer", why="again")
