"""Expectations on reviewers' decisions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation

from expectations.custom.rows import RowExpectation, RowMetricProvider, as_mask, row_rule

if TYPE_CHECKING:
    import pandas as pd


class TargetMetric(RowMetricProvider):
    """Whether a row names what it decides on."""

    condition_metric_name = "armsledger.review_has_target"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        claim, deal = (columns[name] for name in columns.columns)
        return claim.notna() | deal.notna()


class ExpectReviewToNameItsTarget(RowExpectation):
    """A decision names a claim or a deal. Columns: claim, deal."""

    map_metric: ClassVar[str] = "armsledger.review_has_target"
    description: str | None = "Each decision names a claim or a deal."


class CorrectionMetric(RowMetricProvider):
    """Whether a correction has a field and a value of the field's form, and another verdict has neither."""

    condition_metric_name = "armsledger.correction_has_its_form"
    condition_value_keys = ("forms",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, forms: dict[str, str], **_: Any) -> pd.Series:
        verdict, field, value = (columns[name] for name in columns.columns)
        patterns = {name: re.compile(pattern) for name, pattern in forms.items()}

        def is_fine(decided: Any, name: Any, told: Any) -> bool:
            if not isinstance(decided, str):
                return True  # a verdict that isn't told is told by another expectation
            if decided != "correct":
                return not isinstance(name, str) and not isinstance(told, str)
            return (
                isinstance(name, str)
                and isinstance(told, str)
                and (name not in patterns or patterns[name].fullmatch(told) is not None)
            )

        rows = zip(*(column.astype(object) for column in (verdict, field, value)), strict=True)
        return type(verdict)([is_fine(*row) for row in rows], index=verdict.index, dtype=bool)


class ExpectCorrectionToHaveItsForm(RowExpectation):
    """A correction has a field and a value of that field's form; an acceptance or rejection has neither.

    Columns: verdict, field, value.

    Attributes:
        forms: field -> regular expression that its values match from start to end.
    """

    forms: dict[str, str]
    map_metric: ClassVar[str] = "armsledger.correction_has_its_form"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "forms")
    description: str | None = "A correction has a field and a value of its form; other verdicts have neither."


class DayMetric(RowMetricProvider):
    """Whether a day, written YYYY-MM-DD, isn't ahead."""

    condition_metric_name = "armsledger.day_not_ahead"
    condition_value_keys = ("today",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, today: str, **_: Any) -> pd.Series:
        day = columns[columns.columns[0]]
        return day.isna() | as_mask(day <= today)


class ExpectDayNotToBeAhead(RowExpectation):
    """A day is not after today. Columns: day, written YYYY-MM-DD, and any other.

    Attributes:
        today: the day of the validation, written likewise.
    """

    today: str
    map_metric: ClassVar[str] = "armsledger.day_not_ahead"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "today")
    description: str | None = "No decision is dated ahead."


class ExpectDecisionsNotToVanish(BatchExpectation):
    """The file has not lost most of the decisions that it had when it was read last.

    Attributes:
        before: decisions then.
        now: decisions now.
        share: least share of them that must be there, 0 to 1.
        fewest: of fewer decisions then it holds: a share of few means nothing.
    """

    before: int
    now: int
    share: float
    fewest: int
    description: str | None = "Most decisions of the last time are still in the file."
    success_keys: ClassVar[tuple[str, ...]] = ("before", "now", "share", "fewest")

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        is_fine = self.before < self.fewest or self.now >= self.share * self.before
        return {"success": is_fine, "result": {"observed_value": f"{self.now} decisions, {self.before} before"}}
