"""How well the news cover a year: a year with few articles has few deals, whatever was traded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.atlas.reading import read_rows

if TYPE_CHECKING:
    import duckdb

POOR_SHARE = 0.25
"""A year is poorly covered when it has fewer articles than this part of the median year. Ours: a year that is seen four
times less is one where a missing deal says nothing."""

ARTICLES_BY_YEAR = """
select
    extract(year from published_at)::int as year,
    count(*)::int as articles,
    count(distinct source_key)::int as sources
from marts.dim_articles
group by all
order by all
"""

_YEARS_TOLD = """
select min(transfer_year) as first_year, max(transfer_year) as last_year
from marts.fct_country_year_transfers
where deal_count > 0
"""


def find_poor_years(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Return the years that transfers are told of and that the news cover poorly, those without an article included."""
    articles = {row["year"]: row["articles"] for row in read_rows(connection, ARTICLES_BY_YEAR)}
    (told,) = read_rows(connection, _YEARS_TOLD)
    if told["first_year"] is None or not articles:
        return []
    ranked = sorted(articles.values())
    usual = ranked[len(ranked) // 2]
    return [
        year for year in range(told["first_year"], told["last_year"] + 1) if articles.get(year, 0) < POOR_SHARE * usual
    ]
