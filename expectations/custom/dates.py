"""Expectations on a table of days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from expectations.custom.rows import RowExpectation, RowMetricProvider, as_mask, row_rule

if TYPE_CHECKING:
    import pandas as pd


class DaysMetric(RowMetricProvider):
    """Whether the day before a row's day is there too; the first day has none before it."""

    condition_metric_name = "armsledger.day_before_is_there"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        import pandas as pd  # noqa: PLC0415 - loaded by Great Expectations long before a metric runs

        days = pd.to_datetime(columns[columns.columns[0]].astype(object))
        before = days.sort_values().diff()
        return as_mask((before <= pd.Timedelta(days=1)) | before.isna()).reindex(days.index)


class ExpectDaysToFollowEachOther(RowExpectation):
    """Between the first day and the last none is missing. Columns: day, and any other."""

    map_metric: ClassVar[str] = "armsledger.day_before_is_there"
    description: str | None = "Between the first day and the last none is missing."


class CalendarMetric(RowMetricProvider):
    """Whether a row's month and year begin on the first day of the day's month and year."""

    condition_metric_name = "armsledger.calendar_fits_day"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        import pandas as pd  # noqa: PLC0415 - loaded by Great Expectations long before a metric runs

        day, month, year = (pd.to_datetime(columns[name].astype(object)) for name in columns.columns)
        starts = (day.dt.to_period(period).dt.start_time for period in ("M", "Y"))
        is_month, is_year = (told == start for told, start in zip((month, year), starts, strict=True))
        return as_mask((is_month & is_year) | day.isna())


class ExpectMonthAndYearOfTheDay(RowExpectation):
    """Month and year of a day begin where the calendar says. Columns: day, first of its month, first of its year."""

    map_metric: ClassVar[str] = "armsledger.calendar_fits_day"
    description: str | None = "Month and year of each day begin where the calendar says."
