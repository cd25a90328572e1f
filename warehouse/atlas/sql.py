"""The page "Ask in SQL": the release's database beside the site, read by DuckDB in the reader's browser.

The browser reads the very file that is published, in pieces, so nothing is exported or copied: it is linked into the
site under a name of its own release, where a reader who has the page open keeps it even when the next one is published.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.atlas.frame import SQL, Frame
from warehouse.prompt.ready import list_ready_queries

if TYPE_CHECKING:
    import duckdb

PACKAGES = Path(__file__).with_name("frontend") / "dist"
"""What ``make setup`` builds from the npm packages where Node is there."""
ASSETS = "assets/sql"
DATABASES = "data"
_CHOICE = re.compile(r" Choose it: set variable country = '\w+';$")
_COLUMNS = """
select
    tables.schema_name as schema,
    tables.table_name as name,
    coalesce(tables.comment, '') as comment,
    list(
        {'name': columns.column_name, 'type': columns.data_type, 'comment': coalesce(columns.comment, '')}
        order by columns.column_index
    ) as columns
from duckdb_tables() as tables
inner join duckdb_columns() as columns
    on tables.table_oid = columns.table_oid and tables.database_oid = columns.database_oid
where tables.schema_name in ('marts', 'ops')
group by all
order by tables.schema_name, tables.table_name
"""
_COUNTRIES = """
select country_code, country_name
from marts.dim_countries
where
    country_code in (select supplier_code from marts.fct_deals)
    or country_code in (select recipient_code from marts.fct_deals)
    or country_code in (select supplier_code from marts.fct_register_deliveries)
    or country_code in (select recipient_code from marts.fct_register_deliveries)
order by country_name
"""


def is_installed() -> bool:
    """Whether the packages of the page are there; without them the site is whole but for this page."""
    return (PACKAGES / "sql.js").is_file()


def write_pages(connection: duckdb.DuckDBPyConnection, frame: Frame) -> None:
    """Write the page with its scripts, and link the database into the site, where the packages are installed."""
    if SQL not in frame.sections:
        return
    shutil.copytree(PACKAGES, frame.root / ASSETS)
    database = _place_database(_find_file(connection), frame)
    tables = connection.sql(_COLUMNS).to_arrow_table().to_pylist()
    queries = list_ready_queries()
    frame.write(
        "sql/index.html",
        "sql.html.j2",
        assets=ASSETS,
        database=database,
        size=tell_size((frame.root / database).stat().st_size),
        queries=[{"name": query.name, "question": tell_question(query.question)} for query in queries],
        tables=tables,
        countries=connection.sql(_COUNTRIES).fetchall(),
        data=_list_data(database, tables),
    )


def tell_question(question: str) -> str:
    """Return a ready query's question without the statement that chooses its country: the page has a list for that.

    >>> tell_question("Which deals does one recipient have? Choose it: set variable country = 'POL';")
    'Which deals does one recipient have?'
    """
    return _CHOICE.sub("", question)


def tell_size(size: int) -> str:
    """Return a file's size in words.

    Args:
        size: bytes.

    >>> tell_size(12_345), tell_size(747_909_120)
    ('0.1 MB', '748 MB')
    """
    megabytes = max(size / 1e6, 0.1)
    return f"{megabytes:,.0f} MB" if megabytes >= 10 else f"{megabytes:.1f} MB"


def _list_data(database: str, tables: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the page's script needs, with addresses relative to the page."""
    return {
        "files": {
            "worker": f"../{ASSETS}/duckdb-browser-eh.worker.js",
            "engine": f"../{ASSETS}/duckdb-eh.wasm",
            "database": f"../{database}",
        },
        "queries": [
            {"name": query.name, "question": tell_question(query.question), "sql": query.sql}
            for query in list_ready_queries()
        ],
        "tables": tables,
    }


def _find_file(connection: duckdb.DuckDBPyConnection) -> Path:
    ((path,),) = connection.sql(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    return Path(path)


def _place_database(source: Path, frame: Frame) -> str:
    """Link the database into the site, or copy it where the file system can't; gives its path in the site."""
    name = f"{DATABASES}/armsledger-{frame.release_id}.duckdb"
    target = frame.root / name
    target.parent.mkdir(exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return name
