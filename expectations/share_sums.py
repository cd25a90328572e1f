"""Adds up the shares of each world, of each party's imports and exports: the parts of a whole are the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from warehouse import database

if TYPE_CHECKING:
    from pathlib import Path

_FIVE_YEARS = ("evidence_source", "edition", "basis", "end_year")
_WINDOW = (*_FIVE_YEARS, "window_years")


@dataclass(frozen=True)
class _Whole:
    """Shares of one mart that make up a whole where these columns are equal."""

    mart: str
    shares: tuple[str, ...]
    columns: tuple[str, ...]


_WHOLES = (
    _Whole("rpt_supplier_shares_5y", ("deal_share", "value_share", "tiv_share", "market_share"), _FIVE_YEARS),
    _Whole("rpt_recipient_shares_5y", ("deal_share", "value_share", "tiv_share", "market_share"), _FIVE_YEARS),
    _Whole("rpt_top_traders", ("market_share",), (*_WINDOW, "trade_role")),
    _Whole("rpt_supplier_recipient_network", ("recipient_import_share",), (*_WINDOW, "recipient_code")),
    _Whole("rpt_supplier_recipient_network", ("supplier_export_share",), (*_WINDOW, "supplier_code")),
    _Whole("rpt_category_mix", ("category_share",), (*_WINDOW, "trade_role", "country_code")),
)


def sum_shares(path: Path) -> pa.Table:
    """Sum up the shares of a candidate's reports.

    Args:
        path: the candidate's database.

    Returns:
        One row per whole of which any part is known: ``figure`` names it, ``summed_share`` is what its parts come to,
        ``whole`` is 1.
    """
    tables = [_sum_one(path, whole, share) for whole in _WHOLES for share in whole.shares]
    return pa.concat_tables(tables)


def _sum_one(path: Path, whole: _Whole, share: str) -> pa.Table:
    rows = database.read_relation(path, f"marts.{whole.mart}", (*whole.columns, share))
    summed = rows.group_by(list(whole.columns)).aggregate([(share, "sum")])
    summed = summed.filter(pc.is_valid(summed[f"{share}_sum"]))
    names = [pc.fill_null(pc.cast(summed[column], pa.string()), "-") for column in whole.columns]
    figures = pc.binary_join_element_wise(f"{whole.mart}.{share}", *names, " ")
    return pa.table(
        {
            "figure": pc.cast(figures, pa.string()),
            "summed_share": pc.cast(summed[f"{share}_sum"], pa.float64()),
            "whole": pa.array([1.0] * summed.num_rows, pa.float64()),
        }
    )
