"""Expectations on a load as a whole: its size, its clock, what became of its pages."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST_LOADS = 8
"""Fewer former loads have no quartiles worth the name."""
WIDTH = 3.0
"""Fences lie three interquartile ranges out: a value beyond is far out (Tukey, Exploratory Data Analysis, 1977)."""
LEAST_SPREAD = math.log(2)
"""A source that always brings the same number may bring eight times as much or an eighth before anybody is told."""


class ExpectFigureToBeUsual(BatchExpectation):
    """A figure of this load lies within the far fences of the same figure in former loads, on a logarithmic scale.

    With fewer than eight former loads it holds: there is nothing to compare with.

    Attributes:
        figure: what is counted, in words.
        value: this load's figure.
        former: the figure of former loads, newest first, at most 28.
    """

    figure: str
    value: float
    former: tuple[float, ...]
    description: str | None = "The load is about as large as the last 28 of its source."
    success_keys: ClassVar[tuple[str, ...]] = ("figure", "value", "former")

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        if len(self.former) < FEWEST_LOADS:
            told = f"{self.figure}: {self.value:,.3g}; only {len(self.former)} former loads to compare with"
            return {"success": True, "result": {"observed_value": told}}
        low, high = find_fences(self.former)
        median = statistics.median(self.former)
        told = f"{self.figure}: {self.value:,.3g}; usual {median:,.3g}, expected {low:,.3g} to {high:,.3g}"
        return {"success": low <= self.value <= high, "result": {"observed_value": told}}


def find_fences(former: Sequence[float]) -> tuple[float, float]:
    """Return the far fences of positive numbers, computed on their logarithms.

    Args:
        former: at least two numbers; zero counts as 0.01.

    >>> [round(fence, 1) for fence in find_fences([10] * 28)]
    [1.2, 80.0]
    """
    logs = [math.log(max(number, 0.01)) for number in former]
    first, _, third = statistics.quantiles(logs, n=4, method="inclusive")
    spread = max(third - first, LEAST_SPREAD)
    return math.exp(first - WIDTH * spread), math.exp(third + WIDTH * spread)


class ExpectClockNotToRunBack(BatchExpectation):
    """The machine's clock is not behind the moment at which the table's newest load was promoted.

    Attributes:
        now: time of the validation, ISO 8601.
        newest: when the newest load was promoted, ISO 8601, or None before the first.
        seconds_behind: how far the clock is behind; 0 where it isn't.
        grace: seconds that machines may differ by.
    """

    now: str
    newest: str | None
    seconds_behind: float
    grace: float
    description: str | None = "The clock has not gone back since the last load."
    success_keys: ClassVar[tuple[str, ...]] = ("now", "newest", "seconds_behind", "grace")

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        told = f"it is {self.now}; the newest load is of {self.newest or 'no time: there is none'}"
        return {"success": self.seconds_behind <= self.grace, "result": {"observed_value": told}}


class ExpectMostPagesToBeUsable(BatchExpectation):
    """Most of the pages that a load looked at became articles.

    Attributes:
        refused: pages that did not.
        articles: pages that did.
        share: greatest share of refused pages, 0 to 1.
        fewest: with fewer pages it holds: a share of few means nothing.
    """

    refused: int
    articles: int
    share: float
    fewest: int
    description: str | None = "Most pages of the load became articles."
    success_keys: ClassVar[tuple[str, ...]] = ("refused", "articles", "share", "fewest")

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        pages = self.refused + self.articles
        is_fine = pages < self.fewest or self.refused <= self.share * pages
        return {"success": is_fine, "result": {"observed_value": f"{self.refused} of {pages} pages were refused"}}
