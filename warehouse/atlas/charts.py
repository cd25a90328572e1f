"""The atlas's kinds of charts as Vega-Lite specifications, made and checked by Altair once for the whole site.

A specification holds no data: a page carries rows, and ``figures.js`` puts them under the name ``rows``; ``shade`` are
the years with poor coverage. Colours of text and lines come from the style sheet when a chart is drawn, so that one
specification serves light and dark.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import altair as alt

if TYPE_CHECKING:
    from collections.abc import Callable

CATEGORY_COLOURS = {
    "Aircraft": "#3b7dd8",
    "Missiles": "#e0643c",
    "Ships": "#1f9e89",
    "Armoured vehicles": "#a8894b",
    "Artillery": "#8e5bb5",
    "Air-defence systems": "#d9a514",
    "Sensors": "#5fb0c9",
    "Engines": "#7f8a99",
    "Naval weapons": "#2f6f6a",
    "Anti-submarine weapons": "#6a7fc0",
    "Satellites": "#c565a4",
    "Small arms and light weapons": "#b5504f",
    "Other": "#a6a6a6",
}
"""Colour of each category of ``dim_weapon_categories``, the same on every page; told apart on white and on black."""
PARTY_COLOURS = ("#3b7dd8", "#e0643c", "#1f9e89", "#8e5bb5", "#d9a514", "#c565a4", "#5fb0c9", "#a8894b")
"""Colours of the greatest parties of a chart; the next ones are grey."""
OTHERS = "#8a8f98"
"""Colour of all other parties together."""
HEIGHT = 260

Spec = Any
"""A chart of Altair: its methods are generated, and their types too wide to say more."""

SHORT = (
    "abs({0}) >= 1e9 ? format({0} / 1e9, ',.3~r') + ' bn' : "
    "abs({0}) >= 1e6 ? format({0} / 1e6, ',.3~r') + ' m' : format({0}, ',.4~r')"
)
"""Large numbers as people say them; d3's own short form calls a thousandth "m", nothing "0k" and 20,000 "2e+4"."""
AMOUNTS = alt.Axis(labelExpr=SHORT.format("datum.value"), tickMinStep=1, tickCount=5)

ROWS = alt.NamedData(name="rows")
SHADE = alt.NamedData(name="shade")


def build_charts() -> dict[str, dict[str, Any]]:
    """Return the specification of each kind of chart.

    Raises:
        altair.SchemaValidationError: one isn't valid Vega-Lite.
    """
    return {name: build().to_dict() for name, build in CHARTS.items()}


def write_script() -> str:
    """Return a script that sets ``window.atlasCharts``."""
    return f"window.atlasCharts = {json.dumps(build_charts(), separators=(',', ':'))};\n"


def _shade() -> Spec:
    """Years in which the sources published little: a bar there is low because few looked."""
    return (
        alt.Chart(SHADE)
        .mark_rect(opacity=0.45, color="gap", tooltip=None)
        .transform_calculate(start="datum.year - 0.5", end="datum.year + 0.5")
        .encode(x=alt.X("start:Q").scale(zero=False, nice=False), x2="end:Q")
    )


def _years(field: str) -> alt.X:
    axis = alt.Axis(format="d", tickMinStep=1, grid=False, labelOverlap=True)
    return alt.X(f"{field}:Q", axis=axis, title=None).scale(zero=False, nice=False, padding=8)


def _by_year() -> Spec:
    """Stacked bars: an amount by year and weapon category."""
    bars = (
        alt.Chart(ROWS)
        .mark_bar(stroke=None)
        .transform_calculate(start="datum.year - 0.42", end="datum.year + 0.42")
        .encode(
            x=_years("start"),
            x2="end:Q",
            y=alt.Y("sum(amount):Q", title=None, axis=AMOUNTS),
            color=alt.Color("category:N", title=None).scale(
                domain=list(CATEGORY_COLOURS), range=list(CATEGORY_COLOURS.values())
            ),
            tooltip=[
                alt.Tooltip("year:Q", title="Year", format="d"),
                alt.Tooltip("category:N", title="Category"),
                alt.Tooltip("sum(amount):Q", title="Amount", format=",.4~r"),
            ],
            detail="year:Q",
        )
    )
    return alt.layer(_shade(), bars).properties(width="container", height=HEIGHT)


def _shares() -> Spec:
    """Lines: an amount by party and last year of a window."""
    hover = alt.selection_point(fields=["party"], on="pointerover", name="hover", empty=True)
    base = alt.Chart(ROWS).encode(
        x=_years("end_year"),
        y=alt.Y("amount:Q", title=None, axis=alt.Axis(labelExpr=SHORT.format("datum.value"), tickCount=6)),
        color=alt.Color("party:N", title=None, sort=None).scale(range=list(PARTY_COLOURS)),
        opacity=alt.condition(hover, alt.value(1), alt.value(0.2)),
        tooltip=[
            alt.Tooltip("party:N", title="Party"),
            alt.Tooltip("start_year:Q", title="From", format="d"),
            alt.Tooltip("end_year:Q", title="To", format="d"),
            alt.Tooltip("amount:Q", title="Amount", format=",.3~r"),
        ],
    )
    lines = base.mark_line(strokeWidth=2.2)
    points = base.mark_point(filled=True, size=26).add_params(hover)
    return alt.layer(_shade(), lines, points).properties(width="container", height=HEIGHT)


def _ranking() -> Spec:
    """Bars from left to right: the greatest parties, each with its amount."""
    base = alt.Chart(ROWS).encode(
        y=alt.Y("party:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=150)),
        x=alt.X("amount:Q", title=None, axis=None),
        tooltip=[alt.Tooltip("party:N", title="Party"), alt.Tooltip("amount:Q", title="Amount", format=",.4~r")],
    )
    bars = base.mark_bar(height={"band": 0.72}, cornerRadiusEnd=2, color="accent")
    labels = (
        base.mark_text(align="left", dx=4).transform_calculate(told=SHORT.format("datum.amount")).encode(text="told:N")
    )
    return alt.layer(bars, labels).properties(width="container", height=HEIGHT)


def _sales() -> Spec:
    """Circles: who got a weapon when, by recipient and year, the colour is the supplier's."""
    return (
        alt.Chart(ROWS)
        .mark_circle(opacity=0.85, stroke="paper", strokeWidth=1)
        .encode(
            x=_years("year"),
            y=alt.Y("recipient:N", title=None, axis=alt.Axis(grid=True, labelLimit=150)),
            size=alt.Size("amount:Q", title=None, legend=None).scale(range=[40, 420]),
            color=alt.Color("party:N", title=None, sort=None).scale(range=[*PARTY_COLOURS[:7], OTHERS]),
            tooltip=[
                alt.Tooltip("supplier:N", title="Supplier"),
                alt.Tooltip("recipient:N", title="Recipient"),
                alt.Tooltip("year:Q", title="Year", format="d"),
                alt.Tooltip("deals:Q", title="Deals"),
                alt.Tooltip("quantity:Q", title="Units told", format=",.4~r"),
            ],
        )
        .properties(width="container", height=HEIGHT)
    )


def _coverage() -> Spec:
    """Stacked bars: what each source brought, month by month."""
    return (
        alt.Chart(ROWS)
        .mark_bar()
        .encode(
            x=alt.X("month:T", title=None, axis=alt.Axis(grid=False, labelOverlap=True)),
            x2="month_end:T",
            y=alt.Y("sum(amount):Q", title=None, axis=AMOUNTS),
            color=alt.Color("source:N", title=None).scale(range=list(PARTY_COLOURS)),
            tooltip=[
                alt.Tooltip("source:N", title="Source"),
                alt.Tooltip("month:T", title="Month", format="%B %Y"),
                alt.Tooltip("sum(amount):Q", title="Amount", format=","),
            ],
        )
        .properties(width="container", height=HEIGHT)
    )


def _flows() -> Spec:
    """The map: countries by what they trade, arcs from supplier to recipient, a dot where one has no shape."""
    world = alt.NamedData(name="world")
    land = alt.Chart(world).mark_geoshape(fill="land", stroke="paper", strokeWidth=0.5)
    trade = (
        alt.Chart(world)
        .mark_geoshape(stroke="paper", strokeWidth=0.5, cursor="pointer")
        .transform_lookup(
            lookup="id",
            from_=alt.LookupData(alt.NamedData(name="totals"), key="code", fields=["name", "amount", "href"]),
        )
        .transform_filter("isValid(datum.amount)")
        .encode(
            color=alt.Color("amount:Q", title=None).scale(type="symlog", scheme="tealblues"),
            tooltip=[alt.Tooltip("name:N", title="Country"), alt.Tooltip("amount:Q", title="Amount", format=",.4~r")],
            href="href:N",
        )
    )
    arcs = (
        alt.Chart(alt.NamedData(name="arcs"))
        .mark_geoshape(filled=False, strokeCap="round", cursor="pointer")
        .encode(
            stroke=alt.Stroke(
                "properties.party:N", title=None, sort=None, legend=alt.Legend(symbolType="stroke")
            ).scale(range=[*PARTY_COLOURS[:7], OTHERS]),
            strokeWidth=alt.StrokeWidth("properties.amount:Q", legend=None).scale(type="sqrt", range=[0.6, 7]),
            strokeOpacity=alt.value(0.72),
            tooltip=[
                alt.Tooltip("properties.supplier:N", title="Supplier"),
                alt.Tooltip("properties.recipient:N", title="Recipient"),
                alt.Tooltip("properties.amount:Q", title="Amount", format=",.4~r"),
            ],
            href="properties.href:N",
        )
    )
    dots = (
        alt.Chart(alt.NamedData(name="dots"))
        .mark_circle(color="ink", opacity=0.8, stroke="paper", strokeWidth=0.5)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            size=alt.Size("amount:Q", legend=None).scale(type="sqrt", range=[8, 140]),
            tooltip=[
                alt.Tooltip("name:N", title="Recipient"),
                alt.Tooltip("amount:Q", title="Amount", format=",.4~r"),
            ],
            href="href:N",
        )
    )
    return (
        alt.layer(land, trade, arcs, dots)
        .resolve_scale(color="independent", size="independent", strokeWidth="independent")
        .project(type="equalEarth")
        .properties(width="container", height=HEIGHT * 2)
    )


CHARTS: dict[str, Callable[[], Spec]] = {
    "by_year": _by_year,
    "shares": _shares,
    "ranking": _ranking,
    "sales": _sales,
    "coverage": _coverage,
    "flows": _flows,
}
"""Kinds of charts by the name that a page calls them by."""
