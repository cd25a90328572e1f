"""Renders contracts to dbt: source definitions and doc blocks. The files are committed; a test shows any drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from warehouse.contracts import HISTORY_TABLES, OPS_TABLES, RAW_TABLES
from warehouse.settings import DBT_PROJECT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from warehouse.contracts.model import Column, Table

_HEADER = "# Made from warehouse/contracts by `make contracts`; edit the contract instead.\n"


def render_files() -> dict[Path, str]:
    """Return the content of every generated file, by its path."""
    sources = DBT_PROJECT / "models" / "sources"
    return {
        sources / "_lake__sources.yml": _render_source(
            "lake", "raw", "Validated Parquet of the lake, as the manifests name it.", RAW_TABLES
        ),
        sources / "_ops__sources.yml": _render_source(
            "ops", "raw_ops", "Facts about runs that every stage appends.", OPS_TABLES
        ),
        sources / "_history__sources.yml": _render_source(
            "history", "raw_history", "What each release changed, appended when it was published.", HISTORY_TABLES
        ),
        DBT_PROJECT / "docs" / "contracts.md": _render_doc_blocks((*RAW_TABLES, *OPS_TABLES, *HISTORY_TABLES)),
    }


def write_files() -> list[Path]:
    """Write every generated file that has changed.

    Returns:
        The files written.
    """
    written = []
    for path, content in render_files().items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            written.append(path)
    return written


def describe(column: Column) -> str:
    """Write a column's description with its unit and legal values."""
    parts = [column.description]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.allowed:
        parts.append(f"One of: {', '.join(column.allowed)}.")
    if column.nullable:
        parts.append("NULL: not told.")
    return " ".join(parts)


def _render_source(name: str, schema: str, description: str, tables: Sequence[Table]) -> str:
    document = {
        "version": 2,
        "sources": [
            {
                "name": name,
                # on Spark, relations over a list of files live in the session, in a schema of its own
                "schema": f"{{{{ 'global_temp' if target.type == 'spark' else '{schema}' }}}}",
                "description": description,
                "tables": [_render_table(table) for table in tables],
            }
        ],
    }
    return _HEADER + str(yaml.safe_dump(document, sort_keys=False, width=120, allow_unicode=True))


def _render_table(table: Table) -> dict[str, object]:
    return {
        "name": table.name,
        "description": f"{table.description} Grain: {table.grain}.",
        **_render_freshness(table),
        "columns": [
            {"name": column.name, "description": f"{{{{ doc('{table.name}__{column.name}') }}}}"}
            for column in table.columns
        ],
    }


def _render_freshness(table: Table) -> dict[str, object]:
    """Render dbt's freshness check; a source of yesterday's rows warns, it never stops a release."""
    if table.loaded_at is None or table.stale_after_days is None:
        return {}
    limit = {"count": table.stale_after_days, "period": "day"}
    return {
        "loaded_at_field": f"cast({table.loaded_at} as timestamp)",
        "config": {"freshness": {"warn_after": limit}},
    }


def _render_doc_blocks(tables: Sequence[Table]) -> str:
    blocks = [
        f"{{% docs {table.name}__{column.name} %}}\n{describe(column)}\n{{% enddocs %}}"
        for table in tables
        for column in table.columns
    ]
    return "\n\n".join(blocks) + "\n"
