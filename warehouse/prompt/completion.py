"""Completion: commands, ready queries, tables, columns of the tables in the statement, and SQL's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prompt_toolkit.completion import Completer, Completion

from warehouse.prompt.ready import list_ready_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

COMMANDS = {
    "\\queries": "list the ready queries; \\queries WORD: those with this word",
    "\\run": "run a ready query: \\run NAME",
    "\\show": "print a ready query to copy or change: \\show NAME",
    "\\tables": "list the tables",
    "\\columns": "describe the columns of a table: \\columns TABLE",
    "\\help": "this list",
    "\\quit": "leave (also Ctrl-D)",
}
_WITH_QUERY = ("\\run", "\\show")
_WORD = re.compile(r"[\\\w.]+$")
_KEYWORDS = (
    "select", "from", "where", "group by", "order by", "having", "limit", "join", "left join", "inner join", "on",
    "and", "or", "not", "is null", "is not null", "in", "between", "like", "ilike", "case", "when", "then", "else",
    "end", "as", "distinct", "union all", "with", "over", "partition by", "count(", "sum(", "min(", "max(", "avg(",
    "round(", "coalesce(", "nulls last", "desc", "asc", "describe", "summarize", "set variable",
)  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """What a database holds.

    Attributes:
        columns: columns of each table, by the table's name without its schema.
        comments: descriptions of tables (``table``) and columns (``table.column``).
    """

    columns: dict[str, tuple[str, ...]]
    comments: dict[str, str]


def read_catalogue(connection: duckdb.DuckDBPyConnection) -> Catalogue:
    """Read the tables of the schemas ``marts`` and ``ops`` with their columns and comments."""
    columns: dict[str, tuple[str, ...]] = {}
    comments: dict[str, str] = {}
    for table, comment in connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name in ('marts', 'ops') order by table_name"
    ).fetchall():
        columns[table] = ()
        comments[table] = comment or ""
    for table, column, comment in connection.execute(
        "select table_name, column_name, comment from duckdb_columns() where schema_name in ('marts', 'ops') "
        "order by table_name, column_index"
    ).fetchall():
        columns[table] = (*columns.get(table, ()), column)
        comments[f"{table}.{column}"] = comment or ""
    return Catalogue(columns, comments)


class SqlCompleter(Completer):
    """Completes what stands before the cursor.

    Args:
        catalogue: what the database holds.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what may follow; columns of tables that the statement names come first."""
        before = document.text_before_cursor
        if before.lstrip().startswith("\\"):
            yield from self._complete_command(before.lstrip())
            return
        found = _WORD.search(before)
        word = found[0] if found else ""
        if not word:
            return
        start = word.rsplit(".", 1)[-1].casefold()
        for text, meaning in self._candidates(document.text, word):
            if text.casefold().startswith(start) and text.casefold() != start:
                yield Completion(text, -len(start), display_meta=meaning)

    def _complete_command(self, before: str) -> Iterator[Completion]:
        command, separator, rest = before.partition(" ")
        if not separator:
            options = {name: meaning for name, meaning in COMMANDS.items() if name.startswith(command)}
        elif command in _WITH_QUERY:
            options = {query.name: query.question for query in list_ready_queries() if query.name.startswith(rest)}
        elif command == "\\columns":
            options = {
                name: self._catalogue.comments[name] for name in self._catalogue.columns if name.startswith(rest)
            }
        else:
            options = {}
        for text, meaning in options.items():
            yield Completion(text, -len(rest if separator else command), display_meta=meaning[:80])

    def _candidates(self, statement: str, word: str) -> Iterator[tuple[str, str]]:
        words = set(re.findall(r"\w+", statement))
        named = [table for table in self._catalogue.columns if table in words]
        if "." in word and not word.startswith(("marts.", "ops.")):
            alias = word.split(".", 1)[0]
            meant = re.search(rf"(\w+)\s+(?:as\s+)?{re.escape(alias)}\b", statement)
            named = [meant[1]] if meant and meant[1] in self._catalogue.columns else named
            yield from self._columns(named)
            return
        yield from self._columns(named)
        for table in self._catalogue.columns:
            yield table, self._catalogue.comments[table][:80]
        if "." not in word:
            for keyword in _KEYWORDS:
                yield keyword, ""

    def _columns(self, tables: list[str]) -> Iterator[tuple[str, str]]:
        seen = set()
        for table in tables:
            for column in self._catalogue.columns[table]:
                if column not in seen:
                    seen.add(column)
                    yield column, self._catalogue.comments[f"{table}.{column}"][:80]
