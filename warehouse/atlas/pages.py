"""All pages that need no front-end package, in one go: what they share is read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.atlas.countries import write_countries, write_pairs
from warehouse.atlas.coverage import find_poor_years
from warehouse.atlas.deals import read_lines, write_deals
from warehouse.atlas.naming import read_actors
from warehouse.atlas.quality import write_quality
from warehouse.atlas.searching import write_search
from warehouse.atlas.weapons import name_weapons, write_weapons
from warehouse.atlas.world import write_world

if TYPE_CHECKING:
    import duckdb

    from warehouse.atlas.frame import Frame


def write_pages(connection: duckdb.DuckDBPyConnection, frame: Frame) -> None:
    """Write all pages."""
    actors = read_actors(connection)
    weapons = name_weapons(connection)
    lines = read_lines(connection, actors)
    poor = find_poor_years(connection)
    write_world(connection, frame, actors, lines, poor)
    write_countries(connection, frame, actors, lines, poor)
    write_pairs(connection, frame, actors, weapons, lines, poor)
    write_weapons(connection, frame, actors, weapons, lines, poor)
    write_deals(connection, frame, actors, weapons)
    write_quality(connection, frame, poor)
    write_search(connection, frame, actors, weapons)
