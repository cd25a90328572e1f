"""What releases remember of one another: keys of deals, first releases, restatements, and what a rollback leaves.

Three releases are built by dbt from a growing lake and published, of which only two are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from dbt_candidate import Lake, fetch
from floor_samples import pass_candidate, pass_receipt

from warehouse import build, comparison, history, lake, ops, releases
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.database import read_relation
from warehouse.errors import GateError
from warehouse.receipts import file_sha256
from warehouse.settings import DataDirectory, Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Shelf:
    """Three releases.

    Attributes:
        settings: settings of their data directory.
        ids: their ids, in order.
        keys: deal keys of the first release, by recipient and order year.
        claims: claim keys, by article.
    """

    settings: Settings
    ids: tuple[str, str, str]
    keys: dict[tuple[str, int | None], str]
    claims: dict[str, str]

    @property
    def published(self) -> Path:
        return self.settings.data.published


def promote(data: DataDirectory, load_id: str, rows: Lake, **attributes: object) -> None:
    """Stage what was written, and let it pass as a gate does."""
    for table, told in ((ARTICLES, rows.articles), (TRANSFER_CLAIMS, rows.claims)):
        with lake.LoadWriter(data, table, load_id, **attributes) as writer:
            if told:
                loaded = [{**row, "load_id": load_id} for row in told]
                writer.write(pa.Table.from_pylist(loaded, schema=table.schema))
        if told:
            lake.promote(data, table.name, load_id, pass_receipt(writer.staged))
        else:
            lake.settle_empty(data, table.name, load_id)


def publish(settings: Settings) -> str:
    candidate = build.build(settings)
    failed = [r for r in build.read_test_results(candidate) if not r.is_success and r.severity == "critical"]
    assert failed == []
    pass_candidate(candidate)
    return releases.publish(settings, candidate).release_id


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Build and publish three releases; the second one learns more, the third one takes something back."""
    data = DataDirectory(tmp_path_factory.mktemp("history"))
    settings = replace(Settings(data, data.root / "sources.toml"), kept_releases=2)
    lake.initialise(data)

    first = Lake()
    signed = first.add_article("rafale-signed", "2016-09-23")
    first.add_claim(signed, "FRA", "IND", "Rafale", quantity=36, order_year=2016)
    first.add_claim(first.add_article("ship-by-nobody", "2018-05-01"), None, "EGY", "Mistral", order_year=2018)
    first.add_claim(first.add_article("ship-signed", "2020-05-01"), "FRA", "EGY", "Mistral", order_year=2020)
    promote(data, "load-1", first)
    hoax = Lake()
    hoax.add_claim(hoax.add_article("hoax", "2021-01-01"), "USA", "ARE", "F-35", quantity=50, order_year=2021)
    promote(data, "load-2", hoax)
    one = publish(settings)
    keys = {
        (row["recipient_code"], row["order_year"]): row["deal_key"]
        for row in fetch(data.published, "select recipient_code, order_year, deal_key from marts.fct_deals")
    }

    second = Lake()
    earlier = second.add_article("rafale-agreed", "2016-09-20", source="quay_post")
    second.add_claim(earlier, "FRA", "IND", "Rafale", quantity=36, order_year=2016)
    naval = second.add_article("rafale-delivered", "2022-12-16", source="quay_post")
    told = {"status": "delivered", "delivery_year_first": 2022, "quantity": 36}
    second.add_claim(naval, "FRA", "IND", "Rafale", **told)
    # with this year between them, the ship of an unknown supplier is the French one
    second.add_claim(second.add_article("ship-again", "2020-06-01"), "FRA", "EGY", "Mistral", order_year=2019)
    promote(data, "load-3", second)
    two = publish(settings)

    promote(data, "load-4", Lake(), replaces=["load-2"])
    three = publish(settings)
    claims = {
        row["title"]: row["claim_key"]
        for row in fetch(
            data.published,
            "select title, claim_key from marts.fct_transfer_claims join marts.dim_articles using (article_key)",
        )
    }
    return Shelf(settings, (one, two, three), keys, claims)


def test_a_deal_keeps_its_key_when_an_earlier_report_comes_in(shelf: Shelf) -> None:
    (deal,) = fetch(
        shelf.published,
        "select deal_key, first_claim_key, first_release_id from marts.fct_deals where weapon_family = 'Rafale'",
    )
    assert deal["deal_key"] == shelf.keys["IND", 2016]
    assert deal["first_claim_key"] == shelf.claims["rafale-agreed"] != deal["deal_key"]
    assert deal["first_release_id"] == shelf.ids[0]


def test_status_rows_carry_the_release_that_first_held_them(shelf: Shelf) -> None:
    rows = fetch(
        shelf.published,
        "select c.deal_status, c.first_release_id from marts.fct_deal_status_changes as c "
        "join marts.fct_deals using (deal_key) where weapon_family = 'Rafale'",
    )
    told = {row["deal_status"]: row["first_release_id"] for row in rows}
    # the release that told the order first isn't kept any more
    assert told == {"ordered": shelf.ids[0], "delivered": shelf.ids[1]}
    assert [r.release_id for r in releases.list_releases(shelf.settings.data)] == list(shelf.ids[:0:-1])


def test_every_key_of_any_release_resolves(shelf: Shelf) -> None:
    resolved = {row.pop("deal_key"): row for row in fetch(shelf.published, "from marts.dim_deal_keys")}
    assert set(shelf.keys.values()) == set(resolved)
    nobody, french = shelf.keys["EGY", 2018], shelf.keys["EGY", 2020]
    kept = fetch(shelf.published, "select deal_key from marts.fct_deals where recipient_code = 'EGY'")[0]["deal_key"]
    (merged,) = {nobody, french} - {kept}
    assert (resolved[merged]["resolution"], resolved[merged]["current_deal_key"]) == ("merged", kept)
    assert resolved[merged]["ended_release_id"] == shelf.ids[1]
    hoax = resolved[shelf.keys["ARE", 2021]]
    assert (hoax["resolution"], hoax["current_deal_key"]) == ("withdrawn", None)
    assert hoax["ended_release_id"] == shelf.ids[2]


def test_a_restated_figure_names_the_claims_that_changed_it(shelf: Shelf) -> None:
    rows = fetch(
        shelf.published,
        "select r.release_id, r.previous_release_id, r.recipient_code, r.transfer_year, r.basis, r.change, "
        "r.previous_quantity, r.quantity, r.reason, list(a.title order by a.title) as told_by, "
        "list(distinct c.change) as changes "
        "from marts.rpt_restatements as r join marts.bridge_restatements_claims as c using (restatement_key) "
        "left join marts.fct_transfer_claims as f on f.claim_key = c.claim_key "
        "left join marts.dim_articles as a using (article_key) group by all",
    )
    delivered = [row for row in rows if row["basis"] == "delivered"]
    assert delivered == [
        {
            "release_id": shelf.ids[1],
            "previous_release_id": shelf.ids[0],
            "recipient_code": "IND",
            "transfer_year": 2022,
            "basis": "delivered",
            "change": "added",
            "previous_quantity": None,
            "quantity": 36.0,
            "reason": "claims",
            "told_by": ["rafale-agreed", "rafale-delivered"],
            "changes": ["added"],
        }
    ]
    (withdrawn,) = [row for row in rows if row["release_id"] == shelf.ids[2]]
    assert (withdrawn["recipient_code"], withdrawn["change"], withdrawn["changes"]) == ("ARE", "removed", ["removed"])
    assert (withdrawn["previous_quantity"], withdrawn["quantity"]) == (50.0, None)
    # the order of 2016 is told by one more article, and the figure is what it was
    assert not [row for row in rows if row["recipient_code"] == "IND" and row["transfer_year"] == 2016]


def test_what_releases_changed_is_in_the_lake_for_good(shelf: Shelf) -> None:
    data = shelf.settings.data
    assert not (data.releases / shelf.ids[0]).exists()
    for name in ("published_claims", "published_deal_years", "published_country_years"):
        kept = [path.stem for path in history.files(data, name, until=shelf.ids[2])]
        assert kept == ["0-empty", *shelf.ids]
    assert history.newest_release(data) == shelf.ids[2]


def test_no_table_speaks_of_a_candidate(shelf: Shelf) -> None:
    for table in ("fct_deals", "fct_deal_status_changes", "dim_deal_keys", "rpt_restatements"):
        rows = read_relation(shelf.published, f"marts.{table}")
        for name in (column for column in rows.column_names if column.endswith("release_id")):
            assert set(rows[name].to_pylist()) <= {*shelf.ids, None}, f"{table}.{name}"


def test_two_releases_are_compared_by_table_and_country_year(shelf: Shelf) -> None:
    found = comparison.compare(shelf.settings.data, shelf.ids[1], shelf.ids[2])
    tables = {change.table: change for change in found.tables}
    assert (tables["fct_deals"].removed, tables["fct_deals"].added, tables["fct_deals"].changed) == (1, 0, 0)
    assert (tables["dim_deal_keys"].changed, tables["dim_deal_keys"].removed) == (1, 0)
    assert tables["dim_deal_keys"].columns == {"current_deal_key": 1, "resolution": 1, "ended_release_id": 1}
    assert "dim_countries" not in tables
    (figure,) = found.figures
    assert (figure.supplier_code, figure.recipient_code, figure.year, figure.basis) == ("USA", "ARE", 2021, "ordered")
    assert (figure.deals, figure.quantity) == ((1, None), (50.0, None))
    assert comparison.compare(shelf.settings.data, shelf.ids[2], shelf.ids[2]).tables == ()


def test_a_candidate_built_before_another_release_is_refused(shelf: Shelf) -> None:
    data = shelf.settings.data
    candidate = build.read_candidate(shelf.settings)
    older = replace(candidate, inputs={**candidate.inputs, "history": shelf.ids[0]})
    receipt = replace(pass_candidate(older), fingerprint=older.fingerprint, validation_id="again")
    stale = data.candidates / "stale"
    older.folder.rename(stale)
    try:
        moved = replace(older, build_id="stale", folder=stale)
        replace(receipt, subject=moved.subject).write(stale / "receipt.json")
        before = file_sha256(data.published)
        with pytest.raises(GateError, match=rf"after release {shelf.ids[0]}, but {shelf.ids[2]} was published since"):
            releases.publish(shelf.settings, moved)
        assert file_sha256(data.published) == before
    finally:
        stale.rename(older.folder)


def test_a_rollback_is_one_step_and_is_told(shelf: Shelf) -> None:
    data = shelf.settings.data
    inputs = build.describe_inputs(data)
    try:
        release = releases.roll_back(data, shelf.ids[1])
        assert release.is_current
        assert releases.current_release_id(data) == shelf.ids[1]
        assert file_sha256(data.published) == file_sha256(releases.database_of(data, shelf.ids[1]))
        assert len(fetch(data.published, "from marts.fct_deals where recipient_code = 'ARE'")) == 1
        # what was taken away isn't built again
        assert releases.is_up_to_date(data, inputs["fingerprint"])
        facts = ops.read(data, "loads").to_pylist()
        (told,) = [fact for fact in facts if fact["outcome"] == "rolled_back"]
        assert (told["load_id"], told["reason"]) == (shelf.ids[1], f"in place of {shelf.ids[2]}")
    finally:
        releases.roll_back(data, shelf.ids[2])
    assert releases.current_release_id(data) == shelf.ids[2]
