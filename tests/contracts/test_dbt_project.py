"""Rules of the dbt project, checked on its manifest: names, layers, keys, contracts, descriptions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from warehouse.contracts import OPS_TABLES, REGISTER_DELIVERIES, TRANSFER_CLAIMS
from warehouse.settings import DBT_PROJECT

LAYERS = {
    "staging": (r"stg_[a-z]+__[a-z_]+", {"source", "seed"}),
    "intermediate": (r"int_[a-z_]+__[a-z]+", {"staging", "intermediate"}),
    "marts": (r"(dim|fct|bridge|rpt)_[a-z0-9_]+", {"staging", "intermediate", "marts"}),
    "ops": (r"[a-z_]+", {"source", "staging"}),
}
"""Layer -> form of its names, and what its models may read."""

REVIEW_MODELS = {"rejected_claims", "orphan_reviews"}
"""Models of ops that are no facts of a run but what became of reviewers' decisions."""

KEYS_WITHOUT_TABLE = {
    ("fct_register_deliveries", "register_deal_key"): "a deal of a register is known by its rows only",
    ("rpt_register_reconciliation", "register_deal_key"): "it groups rows of fct_register_deliveries, where it repeats",
    ("fct_deals", "package_key"): "a package is known by its deals only; no table describes it",
    ("bridge_restatements_claims", "claim_key"): "a claim that was removed is in no table any more",
}

WARNINGS = {
    "not_greater_fct_register_deliveries_delivery_year__order_year": "a register's figure is kept as it stands",
    "assert_claim_categories_agree": "the extractor's category is a finding, the reference list's counts",
    "assert_reviews_have_their_claim": "a decision may outlive its claim; the reviewer should know",
    "assert_values_are_convertible": "a currency without a published rate stays in its own currency",
    "not_greater_fct_deals_delivery_year_first__order_year": "news confuse the years of contract and delivery",
    "not_greater_fct_deals_quantity_ordered__quantity_delivered": "sources disagree on numbers, and both are kept",
    "relationships_dim_weapons_origin_country_code__country_code__ref_dim_countries_": "origin is a note, no party",
    "relationships_weapons_origin_country_code__country_code__ref_countries_": "origin is a note, no party",
}
"""Tests that warn instead of stopping a release, each with its reason."""

ENGINE_SPECIFIC = re.compile(
    r"::|\bqualify\b|\bread_parquet\b|\bunnest\s*\(|\blist_\w+\s*\(|\barg_m(?:in|ax)\s*\(|\bgroup by all\b"
    r"|\bexclude\s*\(|\bepoch\w*\s*\(|\bstrftime\s*\(|\bfilter\s*\(\s*where\b|\bat time zone\b",
    re.IGNORECASE,
)
"""What DuckDB or Spark alone understands; a macro with a form for each is the place for it."""


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Parse the project without a database."""
    target = tmp_path_factory.mktemp("dbt")
    outcome = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "parse"),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ],
        env={"ARMSLEDGER_CANDIDATE": str(target / "none.duckdb"), "DO_NOT_TRACK": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-3000:]
    assert "WARN" not in outcome.stdout, outcome.stdout
    return json.loads((target / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the models; never none."""
    found = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(found) > 30
    return found


@pytest.fixture(scope="session")
def tests(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the data tests; never none."""
    found = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert len(found) > 100
    return found


def layer_of(node: dict[str, Any]) -> str:
    """Return the layer of a node: its folder, or source or seed."""
    return node["fqn"][1] if node["resource_type"] == "model" else node["resource_type"]


def column_tests(tests: list[dict[str, Any]], model: str) -> set[tuple[str, str]]:
    """Return the tests of a model as pairs of column and kind."""
    return {
        (test["column_name"], test["test_metadata"]["name"])
        for test in tests
        if test.get("test_metadata") and test.get("attached_node", "").endswith(f".{model}")
    }


def test_names_follow_the_layer(models: list[dict[str, Any]]) -> None:
    wrong = [m["name"] for m in models if not re.fullmatch(LAYERS[layer_of(m)][0], m["name"])]
    assert wrong == []


def test_models_read_only_what_their_layer_may(manifest: dict[str, Any], models: list[dict[str, Any]]) -> None:
    known = {**manifest["nodes"], **manifest["sources"]}
    wrong = [
        f"{model['name']} reads {known[parent]['name']}"
        for model in models
        for parent in model["depends_on"]["nodes"]
        if layer_of(known[parent]) not in LAYERS[layer_of(model)][1]
    ]
    assert wrong == []


def test_schema_is_the_layer(models: list[dict[str, Any]]) -> None:
    assert [m["name"] for m in models if m["schema"] != layer_of(m)] == []


def test_every_model_has_its_own_yml_beside_it(models: list[dict[str, Any]]) -> None:
    wrong = [
        model["name"]
        for model in models
        if (model["patch_path"] or "").split("://")[-1] != model["original_file_path"].replace(".sql", ".yml")
    ]
    assert wrong == []
    for path in (DBT_PROJECT / "models").rglob("*.yml"):
        declared = yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
        assert [model["name"] for model in declared] in ([], [path.stem]), path


def test_descriptions_end_with_the_grain(manifest: dict[str, Any], models: list[dict[str, Any]]) -> None:
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    wrong = [n["name"] for n in [*models, *seeds] if not re.search(r"\. Grain: [^.]+\.$", n["description"])]
    assert wrong == []


def test_every_column_is_described(manifest: dict[str, Any], models: list[dict[str, Any]]) -> None:
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    wrong = [
        f"{node['name']}.{column['name']}"
        for node in [*models, *seeds]
        for column in node["columns"].values()
        if len(column["description"]) < 5
    ]
    assert wrong == []


def test_every_seed_column_has_a_type(manifest: dict[str, Any]) -> None:
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    files = {path.stem for path in (DBT_PROJECT / "seeds").glob("*.csv")}
    assert {seed["name"] for seed in seeds} == files
    for seed in seeds:
        header = (DBT_PROJECT / "seeds" / f"{seed['name']}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        assert header.strip().split(",") == list(seed["config"]["column_types"]), seed["name"]
        assert set(seed["columns"]) == set(seed["config"]["column_types"]), seed["name"]


def test_published_models_are_tables_under_an_enforced_contract(models: list[dict[str, Any]]) -> None:
    published = [model for model in models if layer_of(model) in ("marts", "ops")]
    assert len(published) >= 17
    for model in published:
        config = model["config"]
        assert config["materialized"] == "table", model["name"]
        assert config["contract"]["enforced"], model["name"]
        assert (model["access"], model["group"]) == ("public", "warehouse"), model["name"]
        assert all(column["data_type"] for column in model["columns"].values()), model["name"]


def test_every_model_has_a_tested_key(models: list[dict[str, Any]], tests: list[dict[str, Any]]) -> None:
    for model in models:
        found = column_tests(tests, model["name"])
        kinds = {kind for _, kind in found}
        key = [column for column, kind in found if kind == "unique" and (column, "not_null") in found]
        assert key or kinds & {"primary_key", "unique_combination"}, f"{model['name']} tests no key"


def test_every_key_of_a_mart_leads_somewhere(models: list[dict[str, Any]], tests: list[dict[str, Any]]) -> None:
    for model in (model for model in models if layer_of(model) == "marts"):
        found = column_tests(tests, model["name"])
        for column in (name for name in model["columns"] if name.endswith("_key")):
            tested = {kind for name, kind in found if name == column}
            reason = KEYS_WITHOUT_TABLE.get((model["name"], column))
            assert tested & {"relationships", "unique"} or reason, f"{model['name']}.{column}"


def test_only_known_tests_warn(tests: list[dict[str, Any]]) -> None:
    assert {test["name"] for test in tests if test["config"]["severity"].lower() == "warn"} == set(WARNINGS)


def test_singular_tests_are_named_and_described(manifest: dict[str, Any], tests: list[dict[str, Any]]) -> None:
    singular = [test for test in tests if not test.get("test_metadata")]
    assert len(singular) >= 5
    for test in singular:
        assert re.fullmatch(r"assert_[a-z_]+", test["name"])
        assert len(test["description"]) > 20, test["name"]


def test_logic_has_unit_tests(manifest: dict[str, Any]) -> None:
    tested = {unit["model"] for unit in manifest["unit_tests"].values()}
    assert tested >= {
        "int_articles__grouped",
        "int_claims__anchored",
        "int_claims__resolved",
        "int_orders__announced",
        "int_orders__followed",
        "int_orders__retold",
        "int_claims__reviewed",
        "bridge_restatements_claims",
        "dim_deal_keys",
        "int_claims__changed",
        "int_country_years__changed",
        "int_deals__clustered",
        "int_deals__dated",
        "int_deals__keyed",
        "int_deals__quantified",
        "int_deals__spread",
        "int_deals__statused",
        "int_deals__valued",
        "int_exchange_rates__filled",
        "int_prices__deflated",
        "fct_country_year_transfers",
        "int_flows__ranked",
        "int_flows__united",
        "int_flows__windowed",
        "int_registers__dated",
        "int_registers__matched",
        "int_registers__summed",
        "rpt_category_mix",
        "rpt_market_concentration",
        "rpt_recipient_shares_5y",
        "rpt_register_reconciliation",
        "rpt_supplier_recipient_network",
        "rpt_supplier_shares_5y",
    }


def test_accepted_values_are_those_of_the_contract(tests: list[dict[str, Any]]) -> None:
    columns = {
        "claim_status": "status",
        "deal_status": "status",
        "weapon_condition": "condition",
        "deal_type": "deal_type",
        "value_type": "value_type",
    }
    checked = [
        test
        for test in tests
        if test.get("test_metadata", {}).get("name") == "accepted_values" and test["column_name"] in columns
    ]
    assert {test["column_name"] for test in checked} == set(columns)
    for test in checked:
        allowed = TRANSFER_CLAIMS.column(columns[test["column_name"]]).allowed
        assert test["test_metadata"]["kwargs"]["values"] == list(allowed), test["name"]


def test_ops_models_expose_every_column_of_their_contract(models: list[dict[str, Any]]) -> None:
    exposed = {model["name"]: list(model["columns"]) for model in models if layer_of(model) == "ops"}
    told = {name: columns for name, columns in exposed.items() if name not in REVIEW_MODELS}
    assert told == {table.name: [column.name for column in table.columns] for table in OPS_TABLES}
    assert set(exposed) >= REVIEW_MODELS


def test_claims_are_staged_without_losing_a_column(models: list[dict[str, Any]]) -> None:
    renamed = {"status": "claim_status", "condition": "weapon_condition"}
    staged = next(set(model["columns"]) for model in models if model["name"] == "stg_lake__transfer_claims")
    assert {renamed.get(column.name, column.name) for column in TRANSFER_CLAIMS.columns} <= staged


def test_register_rows_are_staged_without_losing_a_column(models: list[dict[str, Any]]) -> None:
    staged = next(set(model["columns"]) for model in models if model["name"] == "stg_lake__register_deliveries")
    assert {"condition"} == {column.name for column in REGISTER_DELIVERIES.columns} - staged
    assert "weapon_condition" in staged


def test_exposures_name_every_mart(manifest: dict[str, Any], models: list[dict[str, Any]]) -> None:
    read = {node for exposure in manifest["exposures"].values() for node in exposure["depends_on"]["nodes"]}
    published = {model["unique_id"] for model in models if layer_of(model) in ("marts", "ops")}
    assert read == published


def test_models_speak_sql_of_both_engines() -> None:
    wrong = [
        f"{path.relative_to(DBT_PROJECT)}: {found.group(0)}"
        for folder in ("models", "tests")
        for path in sorted((DBT_PROJECT / folder).rglob("*.sql"))
        for found in ENGINE_SPECIFIC.finditer(re.sub(r"\{\{.*?\}\}", "", path.read_text(encoding="utf-8")))
    ]
    assert wrong == []


def test_a_macro_with_one_engine_has_the_other() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (DBT_PROJECT / "macros").glob("*.sql"))
    default = set(re.findall(r"macro default__(\w+)", text))
    assert default
    # the others take the place of what the adapter for Spark brings along
    assert default == set(re.findall(r"macro spark__(\w+)", text)) - {"create_table_as", "load_csv_rows"}


def test_every_macro_is_described(manifest: dict[str, Any]) -> None:
    own = [
        macro
        for macro in manifest["macros"].values()
        if macro["package_name"] == "armsledger" and not re.match(r"(test|default|spark)_", macro["name"])
    ]
    assert len(own) >= 10
    assert [macro["name"] for macro in own if not macro["description"]] == []


def test_models_have_one_shape() -> None:
    for path in sorted((DBT_PROJECT / "models").rglob("*.sql")):
        body = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL).strip()
        assert body.startswith("with\n"), f"{path.name}: import CTEs first"
        assert body.endswith("select * from final"), f"{path.name}: ends with select * from final"
