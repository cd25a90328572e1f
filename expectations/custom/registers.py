"""Expectations on registers of arms transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from expectations.custom.rows import RowExpectation, RowMetricProvider, as_mask, row_rule

if TYPE_CHECKING:
    import pandas as pd


class ProductMetric(RowMetricProvider):
    """Whether a row's total is its number of units times what one unit counts."""

    condition_metric_name = "armsledger.total_is_product"
    condition_value_keys = ("slack", "share")

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, slack: float, share: float, **_: Any) -> pd.Series:
        units, each, total = (columns[name].astype("float64") for name in columns.columns)
        product = units * each
        limit = (product * share).clip(lower=slack)
        return as_mask((total - product).abs() <= limit) | product.isna() | total.isna()


class ExpectTotalToBeProduct(RowExpectation):
    """A total is the number of units times what one unit counts, but for rounding. Columns: units, each, total.

    Attributes:
        slack: difference that rounding explains, in the total's unit.
        share: likewise, as a share of the product, where that is more.
    """

    slack: float
    share: float
    map_metric: ClassVar[str] = "armsledger.total_is_product"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "slack", "share")
    description: str | None = "The total is the number of units times what one unit counts."


class DiscountMetric(RowMetricProvider):
    """Whether a used weapon counts the register's share of a new one."""

    condition_metric_name = "armsledger.used_counts_less"
    condition_value_keys = ("shares", "slack")

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, shares: dict[str, float], slack: float, **_: Any) -> pd.Series:
        condition, new, unit = (columns[name] for name in columns.columns)
        expected = new.astype("float64") * condition.astype(object).map(shares).astype("float64")
        limit = (expected * slack).clip(lower=0.01)  # cells have two decimals
        return as_mask((unit.astype("float64") - expected).abs() <= limit) | expected.isna() | unit.isna()


class ExpectUsedWeaponsToCountLess(RowExpectation):
    """A used weapon counts a fixed share of a new one. Columns: condition, TIV of a new unit, TIV of a unit.

    Attributes:
        shares: condition -> share of a new unit.
        slack: difference that rounding explains, as a share.
    """

    shares: dict[str, float]
    slack: float
    map_metric: ClassVar[str] = "armsledger.used_counts_less"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "shares", "slack")
    description: str | None = "A used weapon counts its share of a new one."
