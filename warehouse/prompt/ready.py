"""Ready queries: the analyses of the dbt project, as plain SQL on the published database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.errors import ReleaseError
from warehouse.settings import DBT_PROJECT

if TYPE_CHECKING:
    from pathlib import Path

_REFERENCE = re.compile(r"\{\{\s*ref\(\s*'(\w+)'\s*\)\s*\}\}")
_OPS = {path.stem for path in (DBT_PROJECT / "models" / "ops").glob("*.sql")}


@dataclass(frozen=True)
class ReadyQuery:
    """One ready query.

    Attributes:
        name: file stem in ``dbt_project/analyses``.
        question: what it answers, one line.
        sql: plain SQL that DuckDB 1.4 and newer run.
    """

    name: str
    question: str
    sql: str


def list_ready_queries(folder: Path = DBT_PROJECT / "analyses") -> list[ReadyQuery]:
    """Return all ready queries, by name."""
    return [_read(path) for path in sorted(folder.glob("*.sql"))]


def find_ready_query(name: str) -> ReadyQuery:
    """Return the ready query of this name.

    Raises:
        ReleaseError: there is none; the message lists those that there are.
    """
    queries = {query.name: query for query in list_ready_queries()}
    if name not in queries:
        raise ReleaseError(f"no ready query {name!r}; there are: {', '.join(queries)}")
    return queries[name]


def _read(path: Path) -> ReadyQuery:
    text = path.read_text(encoding="utf-8")
    question = text.splitlines()[0].removeprefix("-- ")
    return ReadyQuery(path.stem, question, _REFERENCE.sub(_relation, text).strip())


def _relation(reference: re.Match[str]) -> str:
    schema = "ops" if reference[1] in _OPS else "marts"
    return f"{schema}.{reference[1]}"
