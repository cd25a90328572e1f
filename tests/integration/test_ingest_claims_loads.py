"""Each article load is covered by claims of the present extractor once; a new version reads the past again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from floor_samples import build_articles, pass_receipt, promote_articles

from extract.events import EventsResult, Extractor, Past, read_past, stage_claims, stage_past
from warehouse import lake, ops
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import LakeError, SettingsError
from warehouse.manifests import change_manifest, read_manifest
from warehouse.versions import adopt

if TYPE_CHECKING:
    from warehouse.settings import Settings


def make_extractor(version: str, *, claims_per_article: int = 1) -> Extractor:
    """Make an extractor that finds the same claims in every article."""

    def run(batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = [
            {
                "claim_id": f"{article['article_id'][:14]}{number:02}",
                "article_id": article["article_id"],
                "load_id": "",
                "ordinal": number + 1,
                "weapon_text": "radars",
                "weapon_designation": "radar",
                "weapon_family": "radar",
                "weapon_category": "sensor",
                "quantity_is_approximate": False,
                "status": "ordered",
                "order_year_is_estimate": False,
                "delivery_year_is_estimate": False,
                "is_background": False,
                "is_domestic": False,
                "supplier_is_inferred": False,
                "confidence": 0.5,
                "rule_id": "test",
                "extractor_version": version,
                "evidence_field": "title",
                "evidence_text": article["title"],
                "evidence_start": 0,
                "evidence_end": len(article["title"]),
            }
            for article in batch.to_pylist()
            for number in range(claims_per_article)
        ]
        return pa.RecordBatch.from_pylist(rows, schema=TRANSFER_CLAIMS.schema)

    return Extractor(version, run)


def stage(settings: Settings, version: str = "1", claims_per_article: int = 1, **options: Any) -> EventsResult | None:
    extractor = make_extractor(version, claims_per_article=claims_per_article)
    return stage_claims(settings, extractor=extractor, **options)


def stage_again(settings: Settings, version: str, past: Past = "at_once", **options: Any) -> EventsResult | None:
    return stage_past(settings, past, extractor=make_extractor(version), **options)


def settle(settings: Settings, result: EventsResult | None) -> None:
    assert result is not None
    staged = lake.read_staged(settings.data, "transfer_claims", result.load_id)
    if staged.rows:
        lake.promote(settings.data, "transfer_claims", result.load_id, pass_receipt(staged))
    else:
        lake.settle_empty(settings.data, "transfer_claims", result.load_id)


def test_every_article_load_is_covered_once(settings: Settings) -> None:
    promote_articles(settings.data, "a1", count=3)
    promote_articles(settings.data, "a2", count=2)
    result = stage(settings)
    assert result is not None
    assert (result.inputs, result.articles, result.rows, result.outcome) == (("a1", "a2"), 5, 5, "staged")
    rows = lake.read_staged(settings.data, "transfer_claims", result.load_id).read()
    assert set(rows["load_id"].to_pylist()) == {result.load_id}
    settle(settings, result)
    assert stage(settings) is None
    promote_articles(settings.data, "a3")
    after = stage(settings)
    assert after is not None
    assert (after.inputs, after.replaces) == (("a3",), ())
    outcomes = [(row["stage"], row["outcome"]) for row in ops.read(settings.data, "loads").to_pylist()]
    assert outcomes.count(("extract", "staged")) == 2


def test_no_articles_means_nothing_to_do(settings: Settings) -> None:
    assert stage(settings) is None


def test_new_version_covers_all_again_and_replaces_the_older_claims(settings: Settings) -> None:
    for load_id in ("a1", "a2"):
        promote_articles(settings.data, load_id)
        settle(settings, stage(settings, claims_load_id=f"old-{load_id}"))
    assert stage(settings, "2") is None
    assert stage_again(settings, "2", "no") is None
    result = stage_again(settings, "2")
    assert result is not None
    assert (set(result.inputs), set(result.replaces)) == ({"a1", "a2"}, {"old-a1", "old-a2"})
    settle(settings, result)
    manifest = read_manifest(settings.data, TRANSFER_CLAIMS)
    assert [entry.load_id for entry in manifest.loads] == [result.load_id]
    assert {entry.load_id for entry in manifest.beside} == {"old-a1", "old-a2"}, "claims of the older version are lost"
    assert lake.read_current(settings.data, "transfer_claims").num_rows == 6


def test_older_claims_stay_until_all_their_articles_are_covered(settings: Settings) -> None:
    promote_articles(settings.data, "a1")
    promote_articles(settings.data, "a2")
    settle(settings, stage(settings, claims_load_id="old"))
    first = stage_again(settings, "2", load_id="a1")
    assert first is not None
    assert (first.inputs, first.replaces) == (("a1",), ())
    settle(settings, first)
    second = stage_again(settings, "2")
    assert second is not None
    assert (second.inputs, second.replaces) == (("a2",), ("old",))


def test_articles_without_claims_are_not_read_again_by_the_same_version(settings: Settings) -> None:
    promote_articles(settings.data, "a1")
    result = stage(settings, claims_per_article=0)
    assert result is not None
    assert (result.rows, result.outcome) == (0, "empty")
    settle(settings, result)
    assert stage(settings, claims_per_article=0) is None
    promote_articles(settings.data, "a2")
    settle(settings, stage(settings, claims_per_article=0))
    assert stage(settings, claims_per_article=0) is None
    again = stage_again(settings, "2")
    assert again is not None
    assert again.inputs == ("a1", "a2")
    settle(settings, again)
    assert stage_again(settings, "2") is None
    assert (stage(settings, claims_per_article=0), stage_again(settings, "1")) == (None, None)


def test_claims_of_a_version_without_any_take_the_place_of_the_older_ones_when_adopted(settings: Settings) -> None:
    promote_articles(settings.data, "a1")
    settle(settings, stage(settings))
    silent = make_extractor("2", claims_per_article=0)
    settle(settings, stage_past(settings, "beside", extractor=silent))
    assert stage_past(settings, "beside", extractor=silent) is None
    assert lake.read_current(settings.data, "transfer_claims").num_rows == 3
    adopt(settings.data, "2")
    assert lake.read_current(settings.data, "transfer_claims").num_rows == 0
    adopt(settings.data, "1")
    assert lake.read_current(settings.data, "transfer_claims").num_rows == 3


def test_new_and_past_articles_come_in_loads_of_their_own(settings: Settings) -> None:
    promote_articles(settings.data, "a1")
    settle(settings, stage(settings))
    promote_articles(settings.data, "a2")
    new, past = stage(settings, "2"), stage_again(settings, "2", "beside")
    assert new is not None
    assert past is not None
    assert (new.inputs, new.is_beside, past.inputs, past.is_beside) == (("a2",), False, ("a1",), True)
    again = stage_again(settings, "2", "beside")
    assert again is not None
    assert again.load_id == past.load_id, "a load that waits is written anew under its id"
    settle(settings, new)
    settle(settings, past)
    assert sorted(lake.read_current(settings.data, "transfer_claims")["extractor_version"].to_pylist()) == [
        *["1"] * 3,
        *["2"] * 3,
    ]


def test_a_version_that_has_read_a_part_of_a_load_is_not_adopted(settings: Settings) -> None:
    promote_articles(settings.data, "a1")
    promote_articles(settings.data, "a2")
    settle(settings, stage(settings))
    settle(settings, stage_again(settings, "2", "beside", load_id="a1"))
    with pytest.raises(LakeError, match=r"extractor 2 hasn't read the articles of a2, .*: 1"):
        adopt(settings.data, "2")
    settle(settings, stage_again(settings, "2", "beside"))
    assert len(adopt(settings.data, "2").entered) == 2


def test_articles_that_were_replaced_are_made_anew_whatever_stands_beside(settings: Settings) -> None:
    for load_id in ("a1", "a2"):
        promote_articles(settings.data, load_id)
    settle(settings, stage(settings))
    settle(settings, stage_again(settings, "2", "beside"))
    change_manifest(settings.data, ARTICLES, lambda manifest: manifest.without_loads({"a2"}))
    made = stage(settings, "2")
    assert made is not None
    assert made.inputs == ("a1",)
    settle(settings, made)
    manifest = read_manifest(settings.data, TRANSFER_CLAIMS)
    assert ([one.load_id for one in manifest.loads], manifest.beside) == ([made.load_id], ())


def test_what_becomes_of_the_past_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARMSLEDGER_REEXTRACT", raising=False)
    assert read_past() == "beside"
    monkeypatch.setenv("ARMSLEDGER_REEXTRACT", "at_once")
    assert read_past() == "at_once"
    monkeypatch.setenv("ARMSLEDGER_REEXTRACT", "later")
    with pytest.raises(SettingsError, match="ARMSLEDGER_REEXTRACT=later: set it to beside, at_once, no"):
        read_past()


def test_load_that_waits_in_staging_is_written_anew_under_its_id(settings: Settings) -> None:
    promote_articles(settings.data, "a1")
    first = stage(settings)
    promote_articles(settings.data, "a2")
    second = stage(settings)
    assert first is not None
    assert second is not None
    assert (second.load_id, second.inputs) == (first.load_id, ("a1", "a2"))
    assert lake.list_staged(settings.data, "transfer_claims") == [first.load_id]


def test_promoted_claims_load_is_not_touched(settings: Settings) -> None:
    promote_articles(settings.data, "a1")
    settle(settings, stage(settings, claims_load_id="c1"))
    promote_articles(settings.data, "a2")
    again = stage(settings, claims_load_id="c1")
    assert again is not None
    assert (again.outcome, again.rows) == ("already_promoted", 3)
    assert lake.list_staged(settings.data, "transfer_claims") == []


def test_unknown_article_load_is_an_error(settings: Settings) -> None:
    with pytest.raises(LakeError, match="no load a9"):
        stage(settings, load_id="a9")


def test_project_extractor_reads_articles_of_the_lake(settings: Settings) -> None:
    promote_articles(settings.data, "a1")
    result = stage_claims(settings)
    assert result is not None
    assert (result.inputs, result.articles) == (("a1",), 3)
    assert lake.read_current(settings.data, ARTICLES.name).num_rows == 3


def promote_copy(settings: Settings, load_id: str, *, of: str) -> None:
    """Promote a load that brings the articles of another one again, as a second source that announces them does."""
    rows = build_articles(of).set_column(1, "load_id", pa.array([load_id] * 3))
    with lake.LoadWriter(settings.data, ARTICLES, load_id, source_id="other") as writer:
        writer.write(rows)
    assert writer.staged is not None
    lake.promote(settings.data, "articles", load_id, pass_receipt(writer.staged))


def test_an_article_in_two_loads_is_extracted_once(settings: Settings) -> None:
    promote_articles(settings.data, "a1")
    promote_copy(settings, "a2", of="a1")
    both = stage(settings)
    assert both is not None
    assert (both.inputs, both.rows) == (("a1", "a2"), 3)
    settle(settings, both)
    promote_copy(settings, "a3", of="a1")
    promote_articles(settings.data, "a4", count=1)
    later = stage(settings)
    assert later is not None
    assert (later.inputs, later.rows) == (("a3", "a4"), 1)
