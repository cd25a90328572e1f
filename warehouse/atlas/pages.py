"""All pages that need no front-end package, in one go: what they share is read once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from warehouse.atlas.countries import write_countries, write_pairs
from warehouse.atlas.deals import write_deals
from warehouse.atlas.quality import write_quality
from warehouse.atlas.searching import write_search
from warehouse.atlas.shared import read_shared
from warehouse.atlas.weapons import write_weapons
from warehouse.atlas.world import write_world

if TYPE_CHECKING:
    import duckdb

    from warehouse.atlas.frame import Frame


def write_pages(connection: duckdb.DuckDBPyConnection, frame: Frame) -> None:
    """Write all pages; DuckDB writes the deals' data on one core while Python renders pages on the other."""
    shared = read_shared(connection)
    with ThreadPoolExecutor(max_workers=1) as aside:
        deals = aside.submit(write_deals, connection.cursor(), frame, shared)
        for write in (write_world, write_countries, write_pairs, write_weapons, write_quality, write_search):
            write(connection, frame, shared)
        deals.result()
