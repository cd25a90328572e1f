"""Questions to the published database: one query answers for all pages of a kind, and each page shows it for itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.database import literal, quoted

if TYPE_CHECKING:
    import duckdb

Key = tuple[str, ...]


@dataclass(frozen=True)
class PageQuery:
    """A question that is the same on every page of a kind.

    The text has two places: ``{page}`` at the head of its select list, and ``{scope}`` as a condition. So the query
    that a reader copies from a page is the one that the page's figures come from.

    Attributes:
        text: SQL over the schemas ``marts`` and ``ops``.
        keys: columns that tell the page, such as the code of the supplier; none for a page that is alone of its kind.
    """

    text: str
    keys: tuple[str, ...]

    def for_all(self) -> str:
        """Return the query for all pages at once; its first columns are ``page_0``, ``page_1`` and so on."""
        page = " ".join(f"{name} as page_{number}," for number, name in enumerate(self.keys))
        return self.text.format(page=page, scope=self._scope()).strip()

    def _scope(self) -> str:
        return " and ".join(f"{name} is not null" for name in self.keys) or "true"

    def for_one(self, *values: str) -> str:
        """Return the query for one page, to be read and copied.

        Args:
            *values: value of each key.
        """
        scope = (
            " and ".join(f"{name} = {literal(value)}" for name, value in zip(self.keys, values, strict=True)) or "true"
        )
        lines = self.text.format(page="", scope=scope).strip().splitlines()
        return "\n".join(line.rstrip() for line in lines if line.strip())


def read_rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """Return the rows of a query, each a dictionary by column."""
    rows: list[dict[str, Any]] = connection.sql(sql).to_arrow_table().to_pylist()
    return rows


def read_documents(connection: duckdb.DuckDBPyConnection, query: PageQuery) -> dict[Key, str]:
    """Return each page's rows as a JSON object of ``columns`` and ``rows``, sorted by their columns in order.

    DuckDB writes the JSON itself: no row becomes a Python object. Naming each column once, not in each row, halves it.

    Returns:
        JSON text by the values of the query's keys; a page without rows is left out.
    """
    relation = connection.sql(query.for_all())
    pages = [f"page_{number}" for number in range(len(query.keys))]
    columns = [name for name in relation.columns if name not in pages]
    packed = ", ".join(f"{quoted(name)} := {quoted(name)}" for name in columns)
    values = ", ".join(quoted(name) for name in columns)
    by = "".join(f"{page}, " for page in pages)
    answer = connection.sql(
        f"select {by} cast(to_json(list(row_values order by told)) as varchar) from ("
        f"select {by} struct_pack({packed}) as told, json_array({values}) as row_values from relation"
        ") group by all having count(*) > 0"
    )
    head = json.dumps(columns, separators=(",", ":"))
    return {tuple(row[:-1]): f'{{"columns":{head},"rows":{row[-1]}}}' for row in answer.fetchall()}


def read_groups(connection: duckdb.DuckDBPyConnection, query: PageQuery) -> dict[Key, list[dict[str, Any]]]:
    """Return each page's rows as dictionaries, in the order of the query.

    Returns:
        Rows by the values of the query's keys; a page without rows is left out.
    """
    pages = [f"page_{number}" for number in range(len(query.keys))]
    groups: dict[Key, list[dict[str, Any]]] = {}
    for row in read_rows(connection, query.for_all()):
        groups.setdefault(tuple(row.pop(name) for name in pages), []).append(row)
    return groups
