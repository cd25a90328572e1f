"""Expectations on how one release differs from the last, and on what became of every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from expectations.custom.rows import RowExpectation, RowMetricProvider, as_mask, row_rule

if TYPE_CHECKING:
    import pandas as pd


class MixMetric(RowMetricProvider):
    """Whether a mix has moved by no more than its limit, or has too few rows to say."""

    condition_metric_name = "armsledger.mix_is_stable"
    condition_value_keys = ("fewest",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, fewest: int, **_: Any) -> pd.Series:
        distance, greatest, before, now, _moved = (columns[name] for name in columns.columns)
        return as_mask((distance <= greatest) | (before < fewest) | (now < fewest))


class ExpectMixToBeStable(RowExpectation):
    """The shares of a column's values have not moved far since the published release.

    Columns: distance (half the sum of all differences of shares, 0 to 1), greatest distance, rows then, rows now, what
    moved most in words.

    Attributes:
        fewest: with fewer rows on either side it holds.
    """

    fewest: int
    map_metric: ClassVar[str] = "armsledger.mix_is_stable"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "fewest")
    description: str | None = "No mix of countries, categories or statuses has moved far since the published release."


class NullRateMetric(RowMetricProvider):
    """Whether a NULL rate has moved by no more than a difference, or has too few rows to say."""

    condition_metric_name = "armsledger.null_rate_is_stable"
    condition_value_keys = ("difference", "fewest")

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, difference: float, fewest: int, **_: Any) -> pd.Series:
        before, now, rows_before, rows_now = (columns[name] for name in columns.columns)
        return as_mask(((now - before).abs() <= difference) | (rows_before < fewest) | (rows_now < fewest))


class ExpectNullRateToBeStable(RowExpectation):
    """A column's share of NULL has not moved far since the published release.

    Columns: share then, share now, rows then, rows now.

    Attributes:
        difference: greatest difference of the shares, 0 to 1.
        fewest: with fewer rows on either side it holds.
    """

    difference: float
    fewest: int
    map_metric: ClassVar[str] = "armsledger.null_rate_is_stable"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "difference", "fewest")
    description: str | None = "No column's share of NULL has moved far since the published release."


class ConservationMetric(RowMetricProvider):
    """Whether rows in are rows out plus rows set aside."""

    condition_metric_name = "armsledger.rows_are_conserved"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        came, went, aside = (columns[name] for name in columns.columns)
        return as_mask(came == went + aside)


class ExpectRowsToBeConserved(RowExpectation):
    """Every row that came in went on or is set aside. Columns: rows in, rows out, rows set aside."""

    map_metric: ClassVar[str] = "armsledger.rows_are_conserved"
    description: str | None = "Rows in are rows out plus rows set aside, at each step."
