"""Expectations on one column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import great_expectations.expectations as gxe
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)

from expectations.custom.rows import as_mask

if TYPE_CHECKING:
    import pandas as pd


class LimitsMetric(ColumnMapMetricProvider):
    """Whether a value lies within limits, compared column-wise."""

    condition_metric_name = "armsledger.values_within_limits"
    condition_value_keys = ("min_value", "max_value", "strict_min", "strict_max")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, *, min_value: Any = None, max_value: Any = None, **_: Any) -> pd.Series:
        is_within = column.notna()
        if min_value is not None:
            is_within &= as_mask(column >= min_value)
        if max_value is not None:
            is_within &= as_mask(column <= max_value)
        return is_within


class ExpectValuesToBeWithinLimits(gxe.ExpectColumnValuesToBeBetween):
    """A number or time lies within limits; NULL passes.

    The built-in expectation calls Python for each value of a column that is backed by Arrow: a third of the time of
    validating a million claims. This one compares whole columns; all else, its drawing too, is the built-in's.
    """

    map_metric: ClassVar[str] = "armsledger.values_within_limits"
