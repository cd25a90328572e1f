"""What several kinds of pages need, read once for the whole site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.atlas.coverage import find_poor_years
from warehouse.atlas.deals import DealLines, read_lines
from warehouse.atlas.naming import Actor, name_weapons, read_actors

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Shared:
    """What several kinds of pages need.

    Attributes:
        actors: all suppliers and recipients, by code, in the order of their names.
        weapons: names of the weapons' pages, by family.
        lines: finished table lines of the newest deals.
        poor: years that the news cover poorly.
    """

    actors: dict[str, Actor]
    weapons: dict[str, str]
    lines: DealLines
    poor: list[int]


def read_shared(connection: duckdb.DuckDBPyConnection) -> Shared:
    """Read it from the published database."""
    actors = read_actors(connection)
    return Shared(actors, name_weapons(connection), read_lines(connection, actors), find_poor_years(connection))
