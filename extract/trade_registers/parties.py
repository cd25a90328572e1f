"""Suppliers and recipients of a register to the project's codes: exactly, by name, or the import halts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.errors import InputError
from warehouse.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.trade_registers.model import Delivery

_KINDS = ("name", "official_name", "abbreviation")
"""Kinds of alias that are names; a demonym or a capital is none of a party in a register."""


@dataclass(frozen=True)
class Party:
    """A resolved party.

    Attributes:
        code: its code in ``dim_countries``.
        type: kind of actor; None for the unknown member.
    """

    code: str
    type: str | None


@dataclass(frozen=True)
class _Reading:
    code: str
    first_year: int
    last_year: int


@cache
def _names(register_id: str) -> dict[str, tuple[_Reading, ...]]:
    """Return what each name means: the register's own aliases first, then the names that news use, too."""
    found: dict[str, list[_Reading]] = defaultdict(list)
    for row in read_seed("country_aliases").to_pylist():
        if row["alias_kind"] in _KINDS:
            reading = _Reading(row["country_code"], int(row["valid_from"] or 0), int(row["valid_to"] or 9999))
            found[_bare(row["alias"])].append(reading)
    own = [row for row in read_seed("register_aliases").to_pylist() if row["register_id"] == register_id]
    for row in own:
        found[_bare(row["alias"])] = [_Reading(row["country_code"], 0, 9999)]
    return {name: tuple(dict.fromkeys(readings)) for name, readings in found.items()}


@cache
def _types() -> dict[str, str]:
    return {row["country_code"]: row["actor_type"] for row in read_seed("countries").to_pylist()}


def resolve_party(text: str, *, year: int | None, register_id: str) -> Party | None:
    """Resolve a name exactly; the stars that mark organisations and armed groups count as part of no name.

    Args:
        text: name as written.
        year: year by which a name that has meant several states is told apart.
        register_id: register, for its own aliases.

    Returns:
        The party, or None where the name is unknown or means several parties.

    >>> resolve_party("Houthi rebels (Yemen)*", year=2015, register_id="sipri").code
    'Houthi'
    >>> resolve_party("Burma", year=1975, register_id="sipri").code
    'BUMM'
    >>> resolve_party("Atlantis", year=1975, register_id="sipri")
    """
    readings = _names(register_id).get(_bare(text), ())
    codes = {reading.code for reading in readings}
    if len(codes) > 1 and year is not None:
        codes = {reading.code for reading in readings if reading.first_year <= year <= reading.last_year}
    if len(codes) != 1:
        return None
    code = codes.pop()
    return Party(code, None if code == "unknown" else _types().get(code))


def resolve_parties(deliveries: Iterable[Delivery], *, register_id: str, name: str) -> list[tuple[Party, Party]]:
    """Resolve supplier and recipient of each row.

    Args:
        deliveries: rows of one file.
        register_id: register, for its own aliases.
        name: file name, for messages.

    Raises:
        InputError: a name doesn't resolve; the message lists all of them with their rows and their TIV.
    """
    resolved: list[tuple[Party, Party]] = []
    unknown: dict[str, tuple[int, float]] = {}
    known: dict[tuple[str, int | None], Party | None] = {}
    for row in deliveries:
        year = row.order_year or row.delivery_year
        pair = []
        for text in (row.supplier, row.recipient):
            if (text, year) not in known:
                known[text, year] = resolve_party(text, year=year, register_id=register_id)
            party = known[text, year]
            if party is None:
                rows, tiv = unknown.get(text, (0, 0.0))
                unknown[text] = (rows + 1, tiv + (row.tiv_delivered or 0.0))
            else:
                pair.append(party)
        if len(pair) == 2:
            resolved.append((pair[0], pair[1]))
    if unknown:
        raise InputError(_list_unknown(unknown, name))
    return resolved


def _list_unknown(unknown: dict[str, tuple[int, float]], file_name: str) -> str:
    ordered = sorted(unknown.items(), key=lambda item: (-item[1][1], item[0]))
    lines = [f"  {name!r}: {rows} rows, {tiv:,.2f} million TIV" for name, (rows, tiv) in ordered]
    return "\n".join(
        [
            f"{file_name}: {len(unknown)} names of suppliers or recipients are not known; nothing was loaded:",
            *lines,
            "add each to dbt_project/seeds/register_aliases.csv with its country_code (a new actor to countries.csv, "
            "too), then import the file again",
        ]
    )


def _bare(name: str) -> str:
    """Return a name without the register's stars and surplus blanks.

    >>> _bare("NATO**"), _bare("Viet  Nam ")
    ('NATO', 'Viet Nam')
    """
    return " ".join(name.split()).rstrip("*").rstrip()
