"""Names of pages: what a file may be called, whatever the thing is called."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.atlas.reading import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

LONGEST = 60
"""Characters of a page's name: a name of 200 characters would not fit every file system."""


@dataclass(frozen=True)
class Actor:
    """A supplier or recipient that has a page.

    Attributes:
        code: its code in the warehouse.
        name: for readers.
        kind: state, historic_state, organisation, non_state or unknown.
        region: part of the world, or None.
        valid_from_year: first year of a state that is gone, or of an actor; None if it isn't told.
        valid_to_year: last year, likewise.
        home_code: country where a non-state actor is at home, or None.
        page: name of its page, without folder and ending.
    """

    code: str
    name: str
    kind: str
    region: str | None
    valid_from_year: int | None
    valid_to_year: int | None
    home_code: str | None
    page: str


_ACTORS = """
with traded as (
    select supplier_code as country_code from marts.fct_deals
    union
    select recipient_code from marts.fct_deals
    union
    select supplier_code from marts.fct_country_year_transfers
    union
    select recipient_code from marts.fct_country_year_transfers
)
select
    countries.country_code as code,
    countries.country_name as name,
    countries.actor_type as kind,
    countries.region,
    countries.valid_from_year,
    countries.valid_to_year,
    countries.home_country_code as home_code
from marts.dim_countries as countries
inner join traded on countries.country_code = traded.country_code
order by countries.country_name, countries.country_code
"""


def read_actors(connection: duckdb.DuckDBPyConnection) -> dict[str, Actor]:
    """Return all that sold or got something, by code, in the order of their names."""
    rows = read_rows(connection, _ACTORS)
    pages = name_pages(row["code"] for row in rows)
    return {row["code"]: Actor(**row, page=pages[row["code"]]) for row in rows}


def name_weapons(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the name of each weapon family's page, by family."""
    rows = read_rows(connection, "select distinct weapon_family from marts.fct_deals where weapon_family is not null")
    return name_pages(sorted(row["weapon_family"] for row in rows))


def name_pages(names: Iterable[str]) -> dict[str, str]:
    """Return a page's name for each thing's name: Latin letters, digits and dashes; no two alike, by any file system.

    Args:
        names: names, all different.

    >>> name_pages(["POL", "M142 HIMARS", "Šahíd", "F/A-18", "F-A 18"])["M142 HIMARS"]
    'M142-HIMARS'
    """
    known = list(names)
    short = {name: _shorten(name) for name in known}
    taken = Counter(page.lower() for page in short.values())
    # what is cut, empty or like another's gets a part of its hash, so that its address stays the same
    return {
        name: page if page and taken[page.lower()] == 1 and len(page) < LONGEST else f"{page}-{_hash(name)}".lstrip("-")
        for name, page in short.items()
    }


def _shorten(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:LONGEST]


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]
