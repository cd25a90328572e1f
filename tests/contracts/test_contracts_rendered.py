"""The generated dbt files are what the contracts say now; where they differ, the difference is printed."""

from __future__ import annotations

import difflib
import re

import pytest
import yaml

from warehouse.contracts import HISTORY_TABLES, OPS_TABLES, RAW_TABLES
from warehouse.contracts.render import describe, render_files
from warehouse.settings import PROJECT_ROOT

RENDERED = {path.relative_to(PROJECT_ROOT).as_posix(): content for path, content in render_files().items()}


def parse_sources():
    documents = [yaml.safe_load(content) for name, content in RENDERED.items() if name.endswith(".yml")]
    return [source for document in documents for source in document["sources"]]


@pytest.mark.parametrize("name", RENDERED)
def test_a_generated_file_follows_its_contracts(name):
    path = PROJECT_ROOT / name
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    difference = difflib.unified_diff(
        committed.splitlines(), RENDERED[name].splitlines(), "committed", "by the contracts", lineterm="", n=1
    )
    assert committed == RENDERED[name], "\n".join([f"{name} is out of date; run `make contracts`:", *difference])


def test_every_column_has_one_doc_block_and_every_reference_leads_to_one():
    blocks = re.findall(r"{% docs (\w+) %}", RENDERED["dbt_project/docs/contracts.md"])
    tables = (*RAW_TABLES, *OPS_TABLES, *HISTORY_TABLES)
    declared = [f"{table.name}__{column.name}" for table in tables for column in table.columns]
    assert blocks == declared
    referred = [
        column["description"] for source in parse_sources() for table in source["tables"] for column in table["columns"]
    ]
    assert sorted(referred) == sorted(f"{{{{ doc('{name}') }}}}" for name in declared)


def test_the_sources_name_the_tables_of_the_lake():
    # the last word in quotes is the schema on DuckDB
    told = {
        re.findall(r"'(\w+)'", source["schema"])[-1]: [table["name"] for table in source["tables"]]
        for source in parse_sources()
    }
    assert told == {
        "raw": [table.name for table in RAW_TABLES],
        "raw_ops": [table.name for table in OPS_TABLES],
        "raw_history": [table.name for table in HISTORY_TABLES],
    }


def test_a_description_tells_unit_values_and_what_null_means():
    status, quantity = RAW_TABLES[1].column("status"), RAW_TABLES[1].column("quantity_max")
    assert describe(status).endswith("One of: proposed, approved, ordered, delivered, cancelled.")
    assert describe(quantity) == "Greatest number of units. Unit: units. NULL: not told."
