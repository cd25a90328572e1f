"""Columns that gate 3 compares between releases are columns of the marts: a renamed one must not drop out silently."""

from __future__ import annotations

import yaml

from expectations.comparisons import CONSERVED, MIXES, NULL_RATES
from warehouse.settings import DBT_PROJECT

MARTS = DBT_PROJECT / "models" / "marts"


def columns_of(model: str) -> set[str]:
    (described,) = yaml.safe_load((MARTS / f"{model}.yml").read_text(encoding="utf-8"))["models"]
    return {column["name"] for column in described["columns"]}


def test_every_compared_column_is_one_of_its_mart():
    for address in (*MIXES, *NULL_RATES):
        model, column = address.split(".")
        assert column in columns_of(model), address


def test_every_conserved_table_has_its_mart():
    for model in CONSERVED.values():
        assert (MARTS / f"{model}.yml").is_file()
