"""The front page: who supplied whom in a span of years that the reader chooses."""

from __future__ import annotations

import csv
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from warehouse import clock
from warehouse.atlas.assets import GEOGRAPHY
from warehouse.atlas.reading import PageQuery, read_rows
from warehouse.atlas.trade_figures import (
    NEWS_MEASURES,
    REGISTER_MEASURES,
    Chart,
    by_year,
    by_year_in_register,
)

if TYPE_CHECKING:
    import duckdb

    from warehouse.atlas.frame import Frame
    from warehouse.atlas.naming import Actor
    from warehouse.atlas.shared import Shared

SPAN = 5
"""Years that the map shows at first: five-year blocks are how this field compares."""
_SHOWN_PARTIES = 8

_COUNTS = """
select
    (select count(*) from marts.fct_deals) as deals,
    (select count(*) from marts.fct_transfer_claims) as claims,
    (select count(*) from marts.dim_articles) as articles,
    (select count(*) from marts.dim_sources) as sources,
    (select count(distinct register_deal_id) from marts.fct_register_deliveries where is_latest_edition)
        as register_deals
"""

_FLOWS = """
select
    supplier_code,
    recipient_code,
    transfer_year,
    sum(deal_count) filter (basis = 'ordered')::int as deals,
    round(sum(value_constant_usd) filter (basis = 'ordered')) as value_constant_usd,
    round(sum(tiv) filter (basis = 'delivered'), 2) as tiv
from marts.fct_country_year_transfers
where transfer_year is not null
group by all
having deals > 0 or value_constant_usd > 0 or tiv > 0
order by all
"""

FLOW_SQL = """
select
    suppliers.country_name as supplier,
    recipients.country_name as recipient,
    {measure} as amount
from marts.fct_country_year_transfers as transfers
inner join marts.dim_countries as suppliers on transfers.supplier_country_key = suppliers.country_key
inner join marts.dim_countries as recipients on transfers.recipient_country_key = recipients.country_key
where transfers.basis = '{basis}' and transfers.transfer_year between {first} and {last}
group by all
having amount > 0
order by amount desc, supplier, recipient
""".strip()
PARTY_SQL = """
select
    parties.country_name as party,
    {measure} as amount
from marts.fct_country_year_transfers as transfers
inner join marts.dim_countries as parties on transfers.{role}_country_key = parties.country_key
where transfers.basis = '{basis}' and transfers.transfer_year between {first} and {last}
group by all
having amount > 0
order by amount desc, party
""".strip()
MEASURES: dict[str, dict[str, str]] = {
    "deals": {
        "words": "deals ordered, in the news",
        "sql": "sum(transfers.deal_count)::int",
        "basis": "ordered",
        "evidence": "news",
    },
    "value_constant_usd": {
        "words": "value ordered in the news, constant 2024 USD, where told",
        "sql": "round(sum(transfers.value_constant_usd))",
        "basis": "ordered",
        "evidence": "news",
    },
    "tiv": {
        "words": "deliveries in SIPRI's register, TIV in millions",
        "sql": "round(sum(transfers.tiv), 2)",
        "basis": "delivered",
        "evidence": "register",
    },
}
"""What the map can show; one at a time, so that news and register never share a scale."""


def write_world(connection: duckdb.DuckDBPyConnection, frame: Frame, shared: Shared) -> None:
    """Write the front page, and ``data/flows.js``, which it loads when another span is chosen."""
    actors = shared.actors
    (counts,) = read_rows(connection, _COUNTS)
    flows = read_rows(connection, _FLOWS)
    numbers = {code: number for number, code in enumerate(actors)}
    columns = {
        "supplier": [numbers[row["supplier_code"]] for row in flows],
        "recipient": [numbers[row["recipient_code"]] for row in flows],
        "year": [row["transfer_year"] for row in flows],
        **{name: [_plain(row[name]) for row in flows] for name in MEASURES},
    }
    target = frame.root / "data" / "flows.js"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"atlas.flows = {json.dumps(columns, separators=(',', ':'))};\n", encoding="utf-8")
    measures = {name: words for name, words in MEASURES.items() if any(row[name] for row in flows)}
    charts = [chart.read(connection) for chart in _world_charts()]
    shown = [(chart, chart.documents[()]) for chart in charts if () in chart.documents]
    frame.write(
        "index.html",
        "world.html.j2",
        counts=counts,
        setting=_set_out(flows, actors, numbers, measures),
        measures=measures,
        news=[pair for pair in shown if pair[0].evidence == "news"],
        register=[pair for pair in shown if pair[0].evidence == "register"],
        newest=shared.lines.of_world.replace("../", ""),
        poor=shared.poor,
    )


def _set_out(
    flows: list[dict[str, Any]], actors: dict[str, Actor], numbers: dict[str, int], measures: dict[str, Any]
) -> dict[str, Any]:
    """Return what the map needs at first: actors, places, years, and the sums of the first span alone."""
    measure = next(iter(measures), "deals")
    this_year = clock.now().year
    years = sorted({row["transfer_year"] for row in flows})
    told = sorted({row["transfer_year"] for row in flows if row[measure]})
    past = [year for year in told if year <= this_year] or told
    last = past[-1] if past else this_year
    sums: dict[tuple[int, int], float] = {}
    for row in flows:
        if last - SPAN < row["transfer_year"] <= last and row[measure]:
            pair = (numbers[row["supplier_code"]], numbers[row["recipient_code"]])
            sums[pair] = sums.get(pair, 0) + row[measure]
    places = read_places()
    return {
        "actors": [[actor.name, actor.page, actor.code, *places.get(actor.code, ())] for actor in actors.values()],
        "years": [*range(years[0], years[-1] + 1)] if years else [],
        "first": max(last - SPAN + 1, years[0] if years else last),
        "last": last,
        "measures": measures,
        "sums": [[supplier, recipient, amount] for (supplier, recipient), amount in sums.items()],
        "flow_sql": FLOW_SQL,
        "party_sql": PARTY_SQL,
    }


@cache
def read_places() -> dict[str, tuple[float, float, str]]:
    """Return where arrows begin and end: longitude, latitude and kind of place by code of the actor."""
    with (GEOGRAPHY / "places.csv").open(encoding="utf-8", newline="") as handle:
        return {
            row["country_code"]: (float(row["longitude"]), float(row["latitude"]), row["place_kind"])
            for row in csv.DictReader(handle)
        }


def _plain(number: float | None) -> float | None:
    return int(number) if number is not None and number == int(number) else number


def _shares(role: str, *, is_register: bool) -> PageQuery:
    """Return shares and moving averages of the parties that were great in the world at any time."""
    share, average, total = (
        ("tiv_share", "tiv_moving_average", "tiv")
        if is_register
        else ("deal_share", "deal_count_moving_average", "deal_count as deals")
    )
    evidence, basis = ("<> 'news'", "delivered") if is_register else ("= 'news'", "ordered")
    return PageQuery(
        f"""
select
    {{page}}
    parties.country_name as party,
    shares.start_year,
    shares.end_year,
    round(100 * shares.{share}, 2) as share_percent,
    round(shares.{average}, 2) as moving_average,
    shares.{total}
from marts.rpt_{role}_shares_5y as shares
inner join marts.dim_countries as parties on shares.{role}_country_key = parties.country_key
where
    {{scope}}
    and shares.evidence_source {evidence} and shares.is_latest_edition
    and shares.basis = '{basis}' and shares.is_full_window
    and shares.{role}_code in (
        select {role}_code
        from marts.rpt_{role}_shares_5y
        where evidence_source {evidence} and is_latest_edition and basis = '{basis}' and is_full_window
        group by {role}_code
        order by sum({share}) desc nulls last, {role}_code
        limit {_SHOWN_PARTIES}
    )
order by all
""",
        (),
    )


def _world_charts() -> tuple[Chart, ...]:
    tells = "Deals in the news by order year, or by the years of their deliveries. Shaded years: few articles."
    window = (
        "The five years up to each year; the eight greatest over time. Moving average: deals a year in that window."
    )
    tiv_window = "TIV delivered in the five years up to each year; moving average: TIV a year in that window."
    register = "Trend-indicator value (TIV): a volume of transfers, not a price. Never to be added to news figures."
    news = {"share_percent": "share, percent", "moving_average": "moving average, deals a year"}
    tiv = {"share_percent": "share, percent", "moving_average": "moving average, TIV a year"}
    return (
        Chart("supplier-shares", "shares", "Five-year shares: suppliers", window,
              _shares("supplier", is_register=False), news),
        Chart("recipient-shares", "shares", "Five-year shares: recipients", window,
              _shares("recipient", is_register=False), news),
        Chart("by-year", "by_year", "By year and category", tells, by_year(()), NEWS_MEASURES, has_basis=True),
        Chart("register-supplier-shares", "shares", "Five-year shares: suppliers", tiv_window,
              _shares("supplier", is_register=True), tiv, "register"),
        Chart("register-recipient-shares", "shares", "Five-year shares: recipients", tiv_window,
              _shares("recipient", is_register=True), tiv, "register"),
        Chart("register-by-year", "by_year", "Deliveries by year and category", register, by_year_in_register(()),
              REGISTER_MEASURES, "register"),
    )  # fmt: skip
