"""Expectations on marts and on what is recomputed from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from expectations.custom.rows import RowExpectation, RowMetricProvider, as_mask, row_rule

if TYPE_CHECKING:
    import pandas as pd


class AgreementMetric(RowMetricProvider):
    """Whether two numbers of a row agree; NULL agrees with NULL only."""

    condition_metric_name = "armsledger.numbers_agree"
    condition_value_keys = ("tolerance",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, tolerance: float, **_: Any) -> pd.Series:
        told, recomputed = (columns[name].astype("float64") for name in columns.columns)
        limit = tolerance * recomputed.abs().clip(lower=1)
        return as_mask((told - recomputed).abs() <= limit) | (told.isna() & recomputed.isna())


class ExpectNumbersToAgree(RowExpectation):
    """A number of a mart is the one that the gate recomputes by itself. NULL agrees with NULL only.

    Columns: the mart's number, the recomputed one.

    Attributes:
        tolerance: greatest difference, as a share of the recomputed number (or of 1 where that is smaller).
    """

    tolerance: float
    map_metric: ClassVar[str] = "armsledger.numbers_agree"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "tolerance")
    description: str | None = "The mart's number is the one that the gate recomputes by itself."


class ReferenceMetric(RowMetricProvider):
    """Whether a row's key exists in the table that it refers to; NULL refers to nothing."""

    condition_metric_name = "armsledger.reference_exists"
    condition_value_keys = ("target",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        key, exists = (columns[name] for name in columns.columns)
        return key.isna() | as_mask(exists)


class ExpectReferenceToExist(RowExpectation):
    """A key exists in the table that it refers to; NULL refers to nothing.

    Columns: the key, whether it exists (looked up by the gate).

    Attributes:
        target: table and column referred to.
    """

    target: str
    map_metric: ClassVar[str] = "armsledger.reference_exists"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "target")
    description: str | None = "Each key exists in the table that it refers to."


class PartyMetric(RowMetricProvider):
    """Whether a deal's parties differ; two unknown parties may be any."""

    condition_metric_name = "armsledger.deal_parties_differ"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        supplier, recipient = (columns[name] for name in columns.columns)
        return as_mask((supplier != recipient) | (supplier == "unknown"))


class ExpectPartiesOfADealToDiffer(RowExpectation):
    """Supplier and recipient of a deal differ, or both are unknown. Columns: supplier's code, recipient's code."""

    map_metric: ClassVar[str] = "armsledger.deal_parties_differ"
    description: str | None = "No deal has one state as supplier and recipient."


class FallMetric(RowMetricProvider):
    """Whether a table has not lost more than a share of its rows."""

    condition_metric_name = "armsledger.rows_not_fallen"
    condition_value_keys = ("share",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, share: float, **_: Any) -> pd.Series:
        published, candidate = (columns[name].astype("float64") for name in columns.columns)
        return as_mask(candidate >= published * (1 - share))


class ExpectRowsNotToFall(RowExpectation):
    """A table has not lost more than a share of the rows that the published release has.

    Columns: rows in the published release, rows in the candidate.

    Attributes:
        share: greatest loss, 0 to 1.
    """

    share: float
    map_metric: ClassVar[str] = "armsledger.rows_not_fallen"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "share")
    description: str | None = "No table has lost a large share of the rows of the published release."
