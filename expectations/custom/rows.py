"""The base of our row-wise expectations: one rule over several columns of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    MulticolumnMapMetricProvider,
    multicolumn_condition_partial,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Rule = TypeVar("Rule", bound=Callable[..., "pd.Series"])

ROW_DOMAIN = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")


class RowMetricProvider(MulticolumnMapMetricProvider):
    """A metric that says of each row whether a rule holds."""

    condition_domain_keys = ROW_DOMAIN
    condition_value_keys: tuple[str, ...] = ()


class RowExpectation(MulticolumnMapExpectation):
    """A rule that each row must hold; how NULL counts is the rule's business, so no row is left out."""

    ignore_row_if: Any = "never"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


def row_rule(rule: Rule) -> Rule:
    """Mark a metric's method as the rule: from a frame of the columns to one boolean per row."""
    return cast("Rule", multicolumn_condition_partial(engine=PandasExecutionEngine)(rule))


def as_mask(rule: pd.Series) -> pd.Series:
    """Return the rule's outcome as plain booleans; an outcome that depends on NULL is taken as not met."""
    return rule.fillna(False).astype(bool)
