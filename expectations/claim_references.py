"""What a claim is compared with: whether its codes exist in the reference seeds, and what one unit costs in dollars."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.reference import read_seed

HAS_SUPPLIER = "reference_has_supplier_code"
HAS_RECIPIENT = "reference_has_recipient_code"
HAS_CURRENCY = "reference_has_value_currency"
UNIT_VALUE = "reference_unit_value_usd"
SEEDS = {
    HAS_SUPPLIER: ("supplier_code", "countries", "country_code"),
    HAS_RECIPIENT: ("recipient_code", "countries", "country_code"),
    HAS_CURRENCY: ("value_currency", "currencies", "currency_code"),
}
"""Reference column -> column of a claim, seed and its column that must have the value."""
NEEDED = (
    "supplier_code",
    "recipient_code",
    "value_currency",
    "value_max",
    "value_type",
    "quantity_max",
    "order_year",
)
_FIRST_YEAR, _LAST_YEAR = 1945, 2100


def look_up_references(claims: pa.Table) -> pa.Table:
    """Say of each claim whether its codes are known, and what one unit costs.

    Args:
        claims: claims with at least the columns `NEEDED`; any value may be wrong or NULL.

    Returns:
        One row per claim, in order: the flags of `SEEDS` (NULL where no code is told) and
        ``reference_unit_value_usd``, NULL where value, number of units or rate is not told, or the value is that of a
        package.
    """
    columns = {name: _exists(claims[column], seed, key) for name, (column, seed, key) in SEEDS.items()}
    return pa.table({**columns, UNIT_VALUE: _unit_value(claims)})


def _exists(codes: pa.ChunkedArray, seed: str, key: str) -> pa.ChunkedArray:
    known = read_seed(seed)[key].combine_chunks()
    return pc.if_else(pc.is_null(codes), pa.scalar(None, pa.bool_()), pc.is_in(codes, value_set=known))


def _unit_value(claims: pa.Table) -> pa.Array:
    rates = read_seed("exchange_rates")
    currencies = pc.unique(rates["currency_code"])
    table = np.full((len(currencies) + 2, _LAST_YEAR - _FIRST_YEAR + 1), np.nan)
    rows = pc.index_in(rates["currency_code"], value_set=currencies).to_numpy()
    years = rates["year"].cast(pa.int64()).to_numpy() - _FIRST_YEAR
    table[rows, years] = rates["currency_per_usd"].cast(pa.float64()).to_numpy()
    table[-2] = 1.0  # US dollars
    for row in table[: len(currencies)]:
        # prices within a tenth and ten times the known ones need no exact rate: the nearest year told will do
        known = np.flatnonzero(~np.isnan(row))
        if len(known):
            row[:] = row[known[np.abs(known[:, None] - np.arange(len(row))).argmin(axis=0)]]
    codes = pc.index_in(claims["value_currency"], value_set=currencies).fill_null(len(currencies) + 1).to_numpy()
    is_dollar = pc.equal(claims["value_currency"], "USD").fill_null(False).to_numpy()
    codes = np.where(is_dollar, len(currencies), codes)
    # an order of no told year is of about now: the newest rates stand there
    told = claims["order_year"].cast(pa.int64()).fill_null(_LAST_YEAR).to_numpy()
    places = np.clip(told, _FIRST_YEAR, _LAST_YEAR) - _FIRST_YEAR
    is_whole = pc.not_equal(claims["value_type"], "package_share").fill_null(True).to_numpy()
    value = claims["value_max"].cast(pa.float64()).fill_null(np.nan).to_numpy()
    units = claims["quantity_max"].cast(pa.float64()).fill_null(np.nan).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        price = np.where(is_whole, value / table[codes, places] / units, np.nan)
    return pa.array(price, pa.float64(), from_pandas=True)
