"""Gate 3: a candidate beside the published release, the lake and the reference seeds."""

from __future__ import annotations

import pyarrow as pa
import pytest
from gate_candidates import BUILD_ID, make_candidate, write_marts
from test_gates_candidate import failures_in

from expectations import gate, seed_gate
from expectations.comparisons import MIXES, NULL_RATES
from expectations.marts import CONSERVATION_CHECK, MIX_CHECK, NULL_RATE_CHECK
from warehouse import build, ops
from warehouse.errors import LakeError

MANY = """
create or replace table marts.fct_deals as
    select d.* replace ('d-' || n as deal_key, {changes})
    from (from marts.fct_deals where deal_key = 'd-1') as d, range({rows}) as r (n)
"""


def write_deals(path, rows, **changes):
    told = ", ".join(f"{value} as {column}" for column, value in changes.items()) or "'KOR' as supplier_code"
    write_marts(path, MANY.format(rows=rows, changes=told))


@pytest.mark.parametrize(
    ("rows", "changes", "moved"),
    [
        (100, {}, set()),
        (100, {"weapon_category": "if(n < 14, 'missile', 'artillery')"}, set()),
        (100, {"weapon_category": "if(n < 16, 'missile', 'artillery')"}, {"fct_deals.weapon_category"}),
        (100, {"recipient_code": "if(n < 29, 'POL', 'NOR')"}, set()),
        (100, {"recipient_code": "if(n < 31, 'POL', 'NOR')"}, {"fct_deals.recipient_code"}),
        (100, {"supplier_code": "if(n < 31, 'USA', 'KOR')"}, {"fct_deals.supplier_code"}),
        (100, {"deal_status": "if(n < 16, 'delivered', 'ordered')"}, {"fct_deals.deal_status"}),
        (49, {"weapon_category": "'missile'"}, set()),
    ],
)
def test_a_mix_that_moved_is_a_warning_and_says_what_moved(tmp_path, rows, changes, moved):
    write_deals(tmp_path / "old.duckdb", rows)
    write_deals(tmp_path / "new.duckdb", rows, **changes)
    failed = failures_in(tmp_path / "new.duckdb", MIX_CHECK, published=tmp_path / "old.duckdb")
    assert {name for finding in failed for name in finding.detail.removeprefix("mix ").split(", ")} == moved
    assert {finding.severity for finding in failed} <= {"warning"}
    assert set(MIXES) >= moved


def test_what_moved_is_told_in_shares(tmp_path):
    from expectations.comparisons import compare_mixes

    write_deals(tmp_path / "old.duckdb", 100)
    write_deals(tmp_path / "new.duckdb", 100, weapon_category="if(n < 20, 'missile', 'artillery')")
    rows = {row["mix"]: row for row in compare_mixes(tmp_path / "new.duckdb", tmp_path / "old.duckdb").to_pylist()}
    row = rows["fct_deals.weapon_category"]
    assert row["distance"] == pytest.approx(0.2)
    assert row["moved"] == "artillery 100% to 80%, missile 0% to 20%"


@pytest.mark.parametrize(("untold", "is_warned"), [(9, False), (11, True)])
def test_a_column_that_lost_its_values_is_a_warning(tmp_path, untold, is_warned):
    write_deals(tmp_path / "old.duckdb", 100)
    write_deals(tmp_path / "new.duckdb", 100, quantity_ordered=f"if(n < {untold}, null, 24)")
    failed = failures_in(tmp_path / "new.duckdb", NULL_RATE_CHECK, published=tmp_path / "old.duckdb")
    assert [finding.detail for finding in failed] == (["column fct_deals.quantity_ordered"] if is_warned else [])
    assert "fct_deals.quantity_ordered" in NULL_RATES


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ("delete from marts.fct_transfer_claims where claim_key = 'c-5'", "raw.transfer_claims to marts.fct_transfer"),
        ("insert into marts.dim_articles values ('a-3', 's-1', 'Twice', 'a-3')", "raw.articles to marts.dim_articles"),
    ],
)
def test_a_row_that_the_build_lost_or_made_refuses_the_candidate(settings, change, step):
    make_candidate(settings, change)
    receipt = gate.settle_candidate(settings, BUILD_ID)
    assert any("expect_rows_to_be_conserved" in line and step in line for line in receipt.failures)


def test_a_load_whose_rows_do_not_add_up_refuses_the_candidate(settings):
    make_candidate(settings)
    fact = {"load_id": "load-7", "table_name": "articles", "stage": "gate", "outcome": "promoted"}
    ops.append(settings.data, "loads", [{**fact, "rows_in": 10, "rows_out": 8, "rows_quarantined": 1}])
    receipt = gate.settle_candidate(settings, BUILD_ID)
    (line,) = receipt.failures
    assert f"marts.{CONSERVATION_CHECK}" in line
    assert "articles/load=load-7" in line


def test_a_candidate_without_its_manifest_is_refused(settings):
    folder = make_candidate(settings)
    (folder / "articles.manifest.json").unlink()
    receipt = gate.settle_candidate(settings, BUILD_ID)
    assert any("the manifest of articles is missing" in line for line in receipt.failures)


def test_the_bundled_seeds_pass_and_are_validated_once(settings):
    receipt = seed_gate.settle_seeds(settings)
    assert receipt.failures == receipt.warnings == receipt.set_aside == ()
    assert seed_gate.settle_seeds(settings) == receipt
    assert ops.read(settings.data, "validations").num_rows == 1


def test_seeds_are_validated_again_when_a_seed_or_a_suite_has_changed(settings, monkeypatch):
    first = seed_gate.settle_seeds(settings)
    monkeypatch.setattr(seed_gate, "_fingerprint", lambda: "f" * 64)
    assert seed_gate.settle_seeds(settings).validation_id != first.validation_id


def test_a_damaged_receipt_of_the_seeds_is_no_pass(settings):
    settings.data.warehouse.mkdir(parents=True)
    (settings.data.warehouse / "seeds_receipt.json").write_text("{}")
    assert seed_gate.settle_seeds(settings).has_passed


SEED_FAULTS = [
    ("countries", {"actor_type": "company"}, "expect_column_values_to_be_in_set(actor_type)"),
    ("countries", {"iso2": "nor"}, "expect_column_values_to_match_regex(iso2)"),
    ("countries", {"country_code": None}, "expect_column_values_to_not_be_null(country_code)"),
    ("countries", {"home_country_code": "QQQ"}, "expect_reference_to_exist(home_country_code"),
    ("countries", {"valid_from": "1700"}, "expect_values_to_be_within_limits(valid_from)"),
    ("countries", {"valid_from": "1990", "valid_to": "1980"}, "expect_column_pair_values_a_to_be_greater_than_b"),
    ("country_aliases", {"country_code": "QQQ"}, "expect_reference_to_exist(country_code"),
    ("companies", {"needs_context": "maybe"}, "expect_column_values_to_be_in_set(needs_context)"),
    ("currencies", {"currency_code": "usd"}, "expect_column_values_to_match_regex(currency_code)"),
    ("exchange_rates", {"currency_per_usd": "0"}, "expect_values_to_be_within_limits(currency_per_usd)"),
    ("exchange_rates", {"months": "13"}, "expect_values_to_be_within_limits(months)"),
    ("exchange_rates", {"currency_code": "QQQ"}, "expect_reference_to_exist(currency_code"),
    ("us_cpi", {"cpi_index": "3.2"}, "expect_values_to_be_within_limits(cpi_index)"),
    ("weapon_categories", {"weapon_category": "tank"}, "expect_column_values_to_be_in_set(weapon_category)"),
    ("weapon_types", {"weapon_category": "tank"}, "expect_reference_to_exist(weapon_category"),
    ("weapons", {"origin_country_code": "QQQ"}, "expect_reference_to_exist(origin_country_code"),
    ("weapons", {"weapon_type": "no such type"}, "expect_reference_to_exist(weapon_type"),
]


def break_seed(monkeypatch, name, changes, *, twice=False, cut=False):
    from expectations.suites import seeds
    from warehouse.reference import read_seed

    rows = read_seed(name).to_pylist()
    rows[3] = {**rows[3], **changes}
    rows = rows[:5] if cut else [*rows, rows[0]] if twice else rows
    broken = pa.Table.from_pylist(rows, schema=read_seed(name).schema)
    for module in (seed_gate, seeds):
        monkeypatch.setattr(module, "read_seed", lambda one: broken if one == name else read_seed(one))
    monkeypatch.setattr(seeds, "SEEDS", tuple(seed for seed in seeds.SEEDS if seed.name == name))


@pytest.mark.parametrize(
    ("name", "changes", "label"), SEED_FAULTS, ids=[f"{name}: {changes}" for name, changes, _ in SEED_FAULTS]
)
def test_each_expectation_on_a_seed_is_broken_by_what_it_forbids(settings, monkeypatch, name, changes, label):
    break_seed(monkeypatch, name, changes)
    receipt = seed_gate.settle_seeds(settings)
    assert any(f"seeds.{name}: {label}" in line for line in (*receipt.failures, *receipt.warnings)), receipt


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"twice": True}, "expect_column_values_to_be_unique"), ({"cut": True}, "expect_table_row_count_to_be_between")],
)
def test_a_seed_with_a_row_twice_or_cut_off_is_refused(settings, monkeypatch, changes, text):
    break_seed(monkeypatch, "currencies", {}, **changes)
    receipt = seed_gate.settle_seeds(settings)
    assert not receipt.has_passed
    assert any(text in line for line in receipt.failures)


def test_a_number_that_is_none_refuses_the_seed(settings, monkeypatch):
    break_seed(monkeypatch, "us_cpi", {"cpi_index": "n/a"})
    receipt = seed_gate.settle_seeds(settings)
    assert "crashed: ArrowInvalid" in receipt.failures[0]


def test_a_candidate_with_refused_seeds_is_refused(settings, monkeypatch):
    break_seed(monkeypatch, "currencies", {"currency_code": "usd"})
    make_candidate(settings)
    (settings.data.warehouse / seed_gate.SEEDS_RECEIPT).unlink()
    receipt = gate.settle_candidate(settings, BUILD_ID)
    (line,) = receipt.failures
    assert "seeds_have_passed_their_gate" in line
    assert "currency_code usd" in line or "usd" in line


def test_a_manifest_that_is_none_names_its_file(settings):
    folder = make_candidate(settings)
    (folder / "articles.manifest.json").write_text("{}")
    from expectations.comparisons import LakeOfCandidate

    source = LakeOfCandidate(settings.data, build.read_candidate(settings, BUILD_ID))
    with pytest.raises(LakeError, match="not a manifest"):
        source.count_keys("articles")
