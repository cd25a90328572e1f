"""Recomputes the country-year figures from the deals, independently of dbt, by the rule of ARCHITECTURE.md.

Basis ``ordered`` counts deals whose furthest status is ordered or delivered, in their order year. Basis ``delivered``
counts delivered deals, in their delivery years; a quantity over several years is spread evenly. A deal without the year
goes to the unknown year (NULL). Proposed, approved and cancelled deals are out; background deals are in.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GRAIN = ("supplier_code", "recipient_code", "transfer_year", "weapon_category", "basis")
MEASURES = ("deal_count", "quantity", "quantity_unknown_deal_count", "value_usd", "value_unknown_deal_count")
DEAL_COLUMNS = (
    "supplier_code",
    "recipient_code",
    "weapon_category",
    "deal_status",
    "order_year",
    "delivery_year_first",
    "delivery_year_last",
    "quantity_ordered",
    "quantity_delivered",
    "value_usd",
)
_Part = tuple["float | None", "float | None"]


def compare_country_years(deals: pa.Table, figures: pa.Table) -> pa.Table:
    """Put the mart's figures beside those recomputed from the deals.

    Args:
        deals: `DEAL_COLUMNS` of ``fct_deals``.
        figures: `GRAIN` and `MEASURES` of ``fct_country_year_transfers``.

    Returns:
        One row per grain that either side has: ``figure`` names it, then each measure and, with the prefix
        ``recomputed_``, the gate's own. A side that lacks the grain has NULL.
    """
    recomputed = {grain: _sum_up(parts) for grain, parts in _collect(deals).items()}
    told = {tuple(row[name] for name in GRAIN): row for row in figures.to_pylist() if not _is_of_register(row)}
    rows = []
    for grain in sorted({*recomputed, *told}, key=str):
        theirs, ours = told.get(grain, {}), recomputed.get(grain, {})
        row: dict[str, Any] = {"figure": _name(grain)}
        for measure in MEASURES:
            row[measure] = theirs.get(measure)
            row[f"recomputed_{measure}"] = ours.get(measure)
        rows.append(row)
    numbers = [pa.field(f"{side}{measure}", pa.float64()) for measure in MEASURES for side in ("", "recomputed_")]
    return pa.Table.from_pylist(rows, schema=pa.schema([pa.field("figure", pa.string()), *numbers]))


def _collect(deals: pa.Table) -> dict[tuple[Any, ...], list[_Part]]:
    parts: dict[tuple[Any, ...], list[_Part]] = defaultdict(list)
    for deal in deals.to_pylist():
        for basis, year, part in _spread(deal):
            parts[(deal["supplier_code"], deal["recipient_code"], year, deal["weapon_category"], basis)].append(part)
    return parts


def _spread(deal: dict[str, Any]) -> Iterator[tuple[str, int | None, _Part]]:
    """Yield basis, year and the deal's quantity and value that fall into it."""
    if deal["deal_status"] in ("ordered", "delivered"):
        yield "ordered", deal["order_year"], (deal["quantity_ordered"], deal["value_usd"])
    if deal["deal_status"] == "delivered":
        first, last = deal["delivery_year_first"], deal["delivery_year_last"]
        years: Sequence[int | None] = [None] if first is None else range(first, (last or first) + 1)
        for year in years:
            part = _divide(deal["quantity_delivered"], len(years)), _divide(deal["value_usd"], len(years))
            yield "delivered", year, part


def _divide(amount: float | None, parts: int) -> float | None:
    return None if amount is None else amount / parts


def _sum_up(parts: list[_Part]) -> dict[str, float | None]:
    quantities = [quantity for quantity, _ in parts if quantity is not None]
    values = [value for _, value in parts if value is not None]
    return {
        "deal_count": len(parts),
        "quantity": math.fsum(quantities) if quantities else None,
        "quantity_unknown_deal_count": len(parts) - len(quantities),
        "value_usd": math.fsum(values) if values else None,
        "value_unknown_deal_count": len(parts) - len(values),
    }


def _is_of_register(row: dict[str, Any]) -> bool:
    """Whether a row is there for a register's figures only, so that the news tell nothing in it."""
    return row["deal_count"] == 0 and row["quantity"] is None and row["value_usd"] is None


def _name(grain: tuple[Any, ...]) -> str:
    supplier, recipient, year, category, basis = grain
    return f"{supplier} to {recipient}, {'year unknown' if year is None else year}, {category}, {basis}"
