"""Contracts: what a declaration refuses, and how rows are shaped by it."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from warehouse.contracts import OPS_TABLES, RAW_TABLES
from warehouse.contracts.model import Column, Table
from warehouse.errors import ContractError

ALL_TABLES = (*RAW_TABLES, *OPS_TABLES)


def make_table(**changes):
    fields = {
        "name": "deliveries",
        "version": 1,
        "grain": "one delivery",
        "columns": (
            Column("delivery_id", pa.string(), "Identifies it."),
            Column("delivered_year", pa.int32(), "Year.", nullable=True, unit="year"),
        ),
        "key": "delivery_id",
        "description": "Deliveries.",
    }
    return Table(**{**fields, **changes})


def test_the_schema_carries_types_nullability_and_meaning():
    schema = make_table().schema
    assert schema.field("delivery_id") == pa.field("delivery_id", pa.string(), nullable=False)
    assert schema.field("delivered_year").metadata == {b"description": b"Year.", b"unit": b"year"}
    assert schema.metadata == {b"table": b"deliveries", b"version": b"1"}


@pytest.mark.parametrize("name", ["Name", "2nd", "with space", "semi;colon", "", "é"])
def test_a_column_name_that_sql_would_quote_is_refused(name):
    with pytest.raises(ContractError, match="use lower case letters"):
        Column(name, pa.string(), "A column.")


def test_a_column_declared_twice_is_refused():
    column = Column("delivery_id", pa.string(), "Identifies it.")
    with pytest.raises(ContractError, match="table deliveries: a column is declared twice"):
        make_table(columns=(column, column))


def test_a_key_that_is_no_column_is_refused():
    with pytest.raises(ContractError, match="key deal_id is not a column"):
        make_table(key="deal_id")


def test_an_unknown_column_is_named_with_the_file_to_look_in():
    with pytest.raises(ContractError, match=r"deliveries has no column colour; see warehouse/contracts/deliveries\.py"):
        make_table().column("colour")


def test_rows_get_the_contracts_order_and_types():
    rows = pa.table({"delivered_year": pa.array([2021, None], pa.int64()), "delivery_id": ["a", None]})
    shaped = make_table().conform(rows)
    assert shaped.schema.names == ["delivery_id", "delivered_year"]
    assert shaped.schema.field("delivered_year").type == pa.int32()
    assert shaped.to_pydict() == {"delivery_id": ["a", None], "delivered_year": [2021, None]}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (pa.table({"delivery_id": ["a"]}), r"missing columns \['delivered_year'\]"),
        (
            pa.table({"delivery_id": ["a"], "delivered_year": [1], "colour": ["red"]}),
            r"unknown columns \['colour'\]; the contract is warehouse/contracts/deliveries\.py",
        ),
        (pa.table({"delivery_id": ["a"], "delivered_year": ["soon"]}), r"deliveries\.delivered_year: can't be stored"),
        (pa.table({"delivery_id": ["a"], "delivered_year": [2**40]}), r"deliveries\.delivered_year: can't be stored"),
        (pa.table({"delivery_id": ["a"], "delivered_year": [1.5]}), r"deliveries\.delivered_year: can't be stored"),
        (pa.table({"delivery_id": ["a"], "delivered_year": [{"x": 1}]}), r"delivered_year: can't be stored"),
    ],
)
def test_rows_of_another_shape_are_refused_by_name(rows, message):
    with pytest.raises(ContractError, match=message):
        make_table().conform(rows)


FLAGS_THAT_MAY_BE_UNTOLD = {
    # each of a register's export schemas lacks some of them, and what a file doesn't tell is neither yes nor no
    "register_deliveries": (
        "order_year_is_estimate",
        "quantity_ordered_is_estimate",
        "quantity_delivered_is_estimate",
        "delivery_year_is_estimate",
        "is_local_production",
    )
}


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_a_declared_table_holds_together(table):
    assert not table.column(table.key).nullable
    assert table.grain.startswith("one ")
    for column in table.columns:
        assert column.description.endswith("."), f"{table.name}.{column.name}: a description is a sentence"
        assert not (column.pattern and column.allowed), f"{table.name}.{column.name}: a closed list needs no pattern"
        if column.pattern:
            re.compile(column.pattern)
        if column.minimum is not None or column.maximum is not None:
            assert pa.types.is_integer(column.type) or pa.types.is_floating(column.type), column.name
        if pa.types.is_timestamp(column.type):
            assert (column.type.tz, column.unit) == ("UTC", "UTC"), f"{table.name}.{column.name}: times are UTC"
        if pa.types.is_boolean(column.type):
            untold = FLAGS_THAT_MAY_BE_UNTOLD.get(table.name, ())
            assert column.nullable == (column.name in untold), f"{table.name}.{column.name}: a flag is told"
