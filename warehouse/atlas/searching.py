"""Search over countries, weapons and deals, in the browser, without a server and without a library.

What a deal can be found by are its supplier, recipient, weapon and year: so the index is one short list of names and,
for each deal, numbers into it. A query is matched against the names, a few thousand, and then one pass over the numbers
finds the deals: a few milliseconds for a hundred thousand of them. An inverted index over texts would be larger, and
its libraries come from npm, without which the site must search too.
"""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse.atlas.reading import read_rows
from warehouse.reference import read_seed

if TYPE_CHECKING:
    import duckdb

    from warehouse.atlas.frame import Frame
    from warehouse.atlas.naming import Actor
    from warehouse.atlas.shared import Shared

STATUSES = ("proposed", "approved", "ordered", "delivered", "cancelled")
_ALIASES = ("name", "abbreviation")
"""Kinds of aliases that a reader would type; capitals, leaders and demonyms stand for a state in the news only."""
_FEWEST_DIGITS = 8
MARKS = {"inferred": 1, "estimate": 2, "conflict": 4}
"""Bits of a deal's marks: no sentence names its supplier; its order year is an estimate; reports of it disagree."""

_NUMBERS = """
with designations as (
    select
        weapon_designation,
        weapon_family,
        row_number() over (order by weapon_designation, weapon_family) - 1 as number
    from (select distinct weapon_designation, weapon_family from marts.fct_deals)
)
select
    deals.deal_key,
    suppliers.number::usmallint as supplier,
    recipients.number::usmallint as recipient,
    designations.number::uinteger as weapon,
    coalesce(deals.order_year, 0)::usmallint as year,
    list_position({statuses}, deals.deal_status)::utinyint as status,
    deals.source_count::usmallint as sources,
    (
        deals.supplier_is_inferred::int * {inferred}
        + coalesce(deals.order_year_is_estimate, false)::int * {estimate}
        + (
            deals.has_quantity_conflict
            or deals.has_value_conflict
            or deals.has_order_year_conflict
            or deals.has_status_conflict
        )::int * {conflict}
    )::utinyint as marks
from marts.fct_deals as deals
inner join actors as suppliers on deals.supplier_code = suppliers.code
inner join actors as recipients on deals.recipient_code = recipients.code
inner join designations
    on
        deals.weapon_designation is not distinct from designations.weapon_designation
        and deals.weapon_family is not distinct from designations.weapon_family
order by deals.first_reported_at desc, deals.deal_key
"""
_DESIGNATIONS = """
select weapon_designation, weapon_family, count(*)::int as deals
from marts.fct_deals
group by all
order by weapon_designation, weapon_family
"""
_SEEN = """
select code, count(*)::int as deals
from (select supplier_code as code from marts.fct_deals union all select recipient_code from marts.fct_deals)
group by code
"""


def write_search(connection: duckdb.DuckDBPyConnection, frame: Frame, shared: Shared) -> None:
    """Write the index ``data/search.js`` and the page that lists deals."""
    actors, weapons = shared.actors, shared.weapons
    seen = {row["code"]: row["deals"] for row in read_rows(connection, _SEEN)}
    aliases = read_aliases()
    index: dict[str, Any] = {
        "countries": [[a.name, a.page, seen.get(a.code, 0), aliases.get(a.code, [])] for a in actors.values()],
        "weapons": [
            [
                row["weapon_designation"] or row["weapon_family"],
                row["weapon_family"],
                weapons.get(row["weapon_family"]),
                row["deals"],
            ]
            for row in read_rows(connection, _DESIGNATIONS)
            for family in [row["weapon_family"]]
        ],
        "statuses": ["", *STATUSES],
        "deals": _number_deals(connection, actors),
    }
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    target = frame.root / "data" / "search.js"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"atlas.index = {text};\n", encoding="utf-8")
    frame.write("deals/index.html", "deals.html.j2", statuses=STATUSES, total=index["deals"]["count"])


def _number_deals(connection: duckdb.DuckDBPyConnection, actors: dict[str, Actor]) -> dict[str, Any]:
    """Return the deals as columns of numbers, newest first: little-endian bytes in base64."""
    numbered = pa.table({"code": pa.array(actors, pa.string()), "number": pa.array(range(len(actors)), pa.int32())})
    connection.register("actors", numbered)
    deals = connection.sql(_NUMBERS.format(statuses=list(STATUSES), **MARKS)).to_arrow_table()
    connection.unregister("actors")
    keys: list[str] = deals["deal_key"].to_pylist()
    digits = count_telling_digits(keys)
    columns = {
        name: base64.b64encode(deals[name].combine_chunks().to_numpy(zero_copy_only=False).tobytes()).decode()
        for name in ("supplier", "recipient", "weapon", "year", "status", "sources", "marks")
    }
    return {"count": len(keys), "digits": digits, "keys": "".join(key[:digits] for key in keys), **columns}


def count_telling_digits(keys: list[str]) -> int:
    """Return how many first digits of these keys tell them apart.

    >>> count_telling_digits(["0123456789ab", "0123456780ab"])
    10
    """
    digits = _FEWEST_DIGITS
    for first, second in pairwise(sorted(keys)):
        while first[:digits] == second[:digits] and digits < len(first):
            digits += 1
    return digits


def read_aliases() -> dict[str, list[str]]:
    """Return other names of countries, by code; also those that need context in the news: a search box is context."""
    found: dict[str, list[str]] = {}
    for row in read_seed("country_aliases").to_pylist():
        if row["alias_kind"] in _ALIASES:
            found.setdefault(row["country_code"], []).append(row["alias"])
    return found
