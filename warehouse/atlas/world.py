"""The front page: the world's transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from warehouse.atlas.frame import Frame

_COUNTS = """
select
    (select count(*) from marts.fct_deals) as deals,
    (select count(*) from marts.fct_transfer_claims) as claims,
    (select count(*) from marts.dim_articles) as articles,
    (select count(*) from marts.dim_sources) as sources
"""


def write_pages(connection: duckdb.DuckDBPyConnection, frame: Frame) -> None:
    """Write the front page."""
    (counts,) = connection.sql(_COUNTS).to_arrow_table().to_pylist()
    frame.write("index.html", "world.html.j2", counts=counts)
