"""Expectations on two columns of a row that must stand in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import great_expectations.expectations as gxe

from expectations.wording import should

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation


def expect_at_least(greater: str, lesser: str, **wording: Any) -> Expectation:
    """Expect a column's value to be at least that of another; a row in which one of them is NULL holds.

    Args:
        greater: column with the greater value.
        lesser: column with the lesser value.
        **wording: severity and reason, as `must` and `should` give them.
    """
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=greater,
        column_B=lesser,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        **wording,
    )


def expect_order_before_delivery(reason: str) -> Expectation:
    """Expect deliveries to begin in the order year or later, with a warning for this reason."""
    return expect_at_least(
        "delivery_year_first",
        "order_year",
        **should(
            reason,
            source="in the public arms-transfer register the lag from order to first delivery is never negative.",
        ),
    )
