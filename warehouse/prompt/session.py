"""What a line at the prompt does: a statement is run, a command that begins with a backslash is obeyed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import duckdb
from rich.markup import escape
from rich.table import Table

from warehouse.errors import ArmsledgerError
from warehouse.prompt.completion import COMMANDS, read_catalogue
from warehouse.prompt.ready import find_ready_query, list_ready_queries

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.prompt.completion import Catalogue

_NARROWEST = 60  # columns; a table of less shows nothing
SHOWN_ROWS = 200
"""Rows of a result that are printed; the rest is counted below them."""


class Session:
    """One reader of one database.

    Args:
        connection: read-only connection.
        console: where results are printed.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, console: Console) -> None:
        self._connection = connection
        self._console = console
        self.catalogue: Catalogue = read_catalogue(connection)
        connection.execute("set search_path = 'marts,ops'")

    def handle(self, text: str) -> bool:
        """Do what a line asks for; a mistake is told and ends nothing.

        Args:
            text: one command, or statements that end with semicolons.

        Returns:
            Whether the reader wants to go on.
        """
        line = text.strip()
        try:
            if line.rstrip(";").strip().casefold() in ("\\quit", "\\q", "exit", "quit"):
                return False
            if line.startswith("\\"):
                self._obey(line.rstrip(";"))
            elif line:
                self._run(line)
        except duckdb.Error as error:
            self._console.print(f"[red]{escape(str(error))}[/red]", highlight=False)
        except ArmsledgerError as error:
            self._console.print(f"[red]error: {escape(str(error))}[/red]", highlight=False)
        except KeyboardInterrupt:
            self._connection.interrupt()
            self._console.print("interrupted", highlight=False)
        return True

    def _run(self, sql: str) -> None:
        for statement in self._connection.extract_statements(sql):
            began = time.monotonic()
            result = self._connection.sql(statement)
            if result is None:
                continue
            if result.columns != ["Success"]:
                result.show(max_rows=SHOWN_ROWS, max_width=max(self._console.width, _NARROWEST))
            self._console.print(f"[dim]{time.monotonic() - began:.2f} s[/dim]", highlight=False)

    def _obey(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        rest = rest.strip()
        actions = {
            "\\queries": self._list_queries,
            "\\run": self._run_ready,
            "\\show": self._show_ready,
            "\\tables": self._list_tables,
            "\\columns": self._list_columns,
            "\\help": self._help,
        }
        if command not in actions:
            raise ArmsledgerError(f"no command {command}; there are: {', '.join(COMMANDS)}")
        actions[command](rest)

    def _list_queries(self, word: str) -> None:
        table = Table("name", "question", title="\\run NAME runs one, \\show NAME prints it", title_justify="left")
        for query in list_ready_queries():
            if word.casefold() in f"{query.name} {query.question}".casefold():
                table.add_row(query.name, escape(query.question))
        self._console.print(table)

    def _run_ready(self, name: str) -> None:
        query = find_ready_query(name)
        self._console.print(f"[bold]{escape(query.question)}[/bold]", highlight=False)
        self._run(query.sql)

    def _show_ready(self, name: str) -> None:
        print(f"{find_ready_query(name).sql};", file=self._console.file)

    def _list_tables(self, word: str) -> None:
        table = Table("table", "what it holds")
        for name in self.catalogue.columns:
            if word.casefold() in name:
                table.add_row(name, escape(self.catalogue.comments[name]))
        self._console.print(table)

    def _list_columns(self, name: str) -> None:
        if name not in self.catalogue.columns:
            raise ArmsledgerError(f"no table {name!r}; \\tables lists them")
        table = Table("column", "what it holds")
        for column in self.catalogue.columns[name]:
            table.add_row(column, escape(self.catalogue.comments[f"{name}.{column}"]))
        self._console.print(table)

    def _help(self, _: str) -> None:
        table = Table("command", "what it does")
        for name, meaning in COMMANDS.items():
            table.add_row(name, meaning)
        self._console.print(table)
        self._console.print("A statement ends with a semicolon. Tab completes, the arrow keys go through the history.")
