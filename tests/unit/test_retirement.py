"""A load is taken out of the lake by decision: no build reads it, nothing is lost, and it does not come back."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from click.testing import CliRunner
from floor_samples import build_articles, pass_receipt, promote_articles

from extract.events import stage_claims
from warehouse import build, lake, ops
from warehouse.__main__ import cli
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import LakeError
from warehouse.manifests import read_manifest
from warehouse.retirement import ENTRY_FILE, retire
from warehouse.settings import Settings


def promote_claims(data, settings):
    """Extract claims of all articles and let them pass."""
    result = stage_claims(settings)
    staged = lake.read_staged(data, "transfer_claims", result.load_id)
    lake.promote(data, "transfer_claims", result.load_id, pass_receipt(staged))
    return result.load_id


def tell_an_order(data, load_id):
    """Promote one article that tells an order."""
    with lake.LoadWriter(data, ARTICLES, load_id, source_id="strait_monitor") as writer:
        row = promote_articles_rows(load_id)
        writer.write(pa.Table.from_pylist([row], schema=ARTICLES.schema))
    lake.promote(data, "articles", load_id, pass_receipt(writer.staged))


def promote_articles_rows(load_id):
    row = build_articles(load_id, count=1).to_pylist()[0]
    return {**row, "text": f"India has ordered 36 Rafale fighter jets from France, the minister said. {load_id}."}


@pytest.fixture
def settings(data):
    lake.initialise(data)
    return Settings(data, data.root / "sources.toml")


def test_a_retired_load_is_out_of_the_next_build_and_the_inputs_are_those_before_it(data, settings):
    promote_articles(data, "load-1")
    before = build.describe_inputs(data)["fingerprint"]
    promote_articles(data, "load-2")
    assert build.describe_inputs(data)["fingerprint"] != before

    gone = retire(data, "articles", "load-2", reason="a test page was published by mistake")

    assert (gone.rows, gone.is_new) == (3, True)
    assert build.describe_inputs(data)["fingerprint"] == before
    assert set(lake.read_current(data, "articles")["load_id"].to_pylist()) == {"load-1"}


def test_its_files_stay_in_quarantine_with_the_reason_and_the_fact_is_told(data, settings):
    promote_articles(data, "load-1")
    entry = read_manifest(data, ARTICLES).load("load-1")
    gone = retire(data, "articles", "load-1", reason="wrong dates")

    kept = json.loads((gone.folder / ENTRY_FILE).read_text())
    assert (kept["reason"], kept["entry"]["fingerprint"]) == ("wrong dates", entry.fingerprint)
    rows = pa.concat_tables(pa.parquet.read_table(path) for path in gone.folder.glob("*.parquet"))
    assert rows.num_rows == entry.rows
    (fact,) = [one for one in ops.read(data, "loads").to_pylist() if one["stage"] == "retire"]
    assert (fact["outcome"], fact["reason"], fact["rows_quarantined"]) == ("retired", "wrong dates", 3)


def test_retired_claims_are_not_made_again_by_the_same_extractor(data, settings):
    tell_an_order(data, "load-1")
    load_id = promote_claims(data, settings)
    assert lake.read_current(data, "transfer_claims").num_rows == 1

    retire(data, "transfer_claims", load_id, reason="read from a hoax")

    assert lake.read_current(data, "transfer_claims").num_rows == 0
    assert stage_claims(settings) is None
    assert read_manifest(data, TRANSFER_CLAIMS).load(load_id).attributes["retired"]["rows"] == 1


def test_claims_of_retired_articles_are_made_anew_without_them(data, settings):
    tell_an_order(data, "load-1")
    tell_an_order(data, "load-2")
    promote_claims(data, settings)

    retire(data, "articles", "load-2", reason="a hoax")
    promote_claims(data, settings)

    articles = lake.read_current(data, "articles")["article_id"].to_pylist()
    assert lake.read_current(data, "transfer_claims")["article_id"].to_pylist() == articles
    assert len(articles) == 1


def test_retiring_twice_changes_nothing_and_an_unknown_load_is_named(data, settings):
    promote_articles(data, "load-1")
    retire(data, "articles", "load-1", reason="once")
    sequence = read_manifest(data, ARTICLES).sequence

    assert not retire(data, "articles", "load-1", reason="twice").is_new
    assert read_manifest(data, ARTICLES).sequence == sequence
    assert len([one for one in ops.read(data, "loads").to_pylist() if one["stage"] == "retire"]) == 1
    with pytest.raises(LakeError, match="raw/articles has no load load-9"):
        retire(data, "articles", "load-9", reason="unknown")
    with pytest.raises(LakeError, match="--reason"):
        retire(data, "articles", "load-1", reason=" ")


def test_a_kill_before_the_manifest_leaves_the_load_current_and_can_be_run_again(data, settings, monkeypatch):
    promote_articles(data, "load-1")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.retirement.change_manifest", die)
        with pytest.raises(KeyboardInterrupt):
            retire(data, "articles", "load-1", reason="cut off")
    assert lake.is_current(data, "articles", "load-1")

    assert retire(data, "articles", "load-1", reason="cut off").is_new
    assert not lake.is_current(data, "articles", "load-1")
    assert len([one for one in ops.read(data, "loads").to_pylist() if one["stage"] == "retire"]) == 1


def test_the_command_says_where_the_files_are_and_what_comes_next(data, settings, monkeypatch):
    promote_articles(data, "load-1")
    monkeypatch.setenv("ARMSLEDGER_DATA", str(data.root))
    outcome = CliRunner().invoke(cli, ["retire", "articles", "load-1", "--reason", "a hoax"])

    assert outcome.exit_code == 0, outcome.output
    assert "is retired: 3 rows" in outcome.output
    assert "python -m extract events" in outcome.output
