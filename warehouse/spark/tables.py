"""What dbt built on Spark, into the DuckDB file of a candidate: gate 3 and publishing work on it as on any other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from warehouse.database import literal, quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


def import_tables(connection: duckdb.DuckDBPyConnection, manifest: Path, tables: Path) -> None:
    """Make the tables of every model that was built: by its contract where it has one, with its descriptions.

    Args:
        connection: the candidate's database.
        manifest: dbt's ``manifest.json`` of the build.
        tables: folder with ``<schema>.db/<table>/*.parquet``.
    """
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    for node in nodes:
        folder = tables / f"{node['schema']}.db" / node["alias"]
        if _is_kept(node) and any(folder.glob("*.parquet")):
            _import(connection, node, folder)


def _is_kept(node: dict[str, Any]) -> bool:
    """Whether a candidate keeps it: what is published, and the changes that the history gets."""
    is_published = node["schema"] in ("marts", "ops")
    return node["resource_type"] == "model" and (is_published or node["alias"].endswith("__changed"))


def _import(connection: duckdb.DuckDBPyConnection, node: dict[str, Any], folder: Path) -> None:
    relation = f"{quoted(node['schema'])}.{quoted(node['alias'])}"
    files = f"read_parquet({literal(folder / '*.parquet')})"
    connection.execute(f"create schema if not exists {quoted(node['schema'])}")
    if not node["config"]["contract"]["enforced"]:
        connection.execute(f"create table {relation} as select * from {files}")
        return
    columns = [column for column in node["columns"].values() if column.get("data_type")]
    declared = ", ".join(_declare(column) for column in columns)
    names = ", ".join(quoted(column["name"]) for column in columns)
    connection.execute(f"create table {relation} ({declared})")
    connection.execute(f"insert into {relation} select {names} from {files}")
    connection.execute(f"comment on table {relation} is {literal(node['description'])}")
    for column in columns:
        told = literal(column["description"])
        connection.execute(f"comment on column {relation}.{quoted(column['name'])} is {told}")


def _declare(column: dict[str, Any]) -> str:
    kinds = {constraint["type"] for constraint in column.get("constraints") or ()}
    return f"{quoted(column['name'])} {column['data_type']}{' not null' if 'not_null' in kinds else ''}"
