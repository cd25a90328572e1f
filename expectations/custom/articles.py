"""Expectations on articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation

from expectations.custom.rows import RowExpectation, RowMetricProvider, as_mask, row_rule

if TYPE_CHECKING:
    import pandas as pd


class PublicationMetric(RowMetricProvider):
    """Whether a row was published at most some hours after it was fetched."""

    condition_metric_name = "armsledger.published_before_fetch"
    condition_value_keys = ("hours",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, hours: float, **_: Any) -> pd.Series:
        import pandas as pd  # noqa: PLC0415 - loaded by Great Expectations long before a metric runs

        published, fetched = (columns[name] for name in columns.columns)
        return as_mask(published <= fetched + pd.Timedelta(hours=hours)) | published.isna() | fetched.isna()


class ExpectPublicationNotAfterFetch(RowExpectation):
    """An article was published before it was fetched, with some hours of grace for clocks and time zones.

    Columns: publication time, fetch time.

    Attributes:
        hours: grace.
    """

    hours: float
    map_metric: ClassVar[str] = "armsledger.published_before_fetch"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "hours")
    description: str | None = "No article was published after it was fetched."


class NewTextMetric(RowMetricProvider):
    """Whether a row's text is new to the lake."""

    condition_metric_name = "armsledger.text_is_new"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        return as_mask(columns[columns.columns[1]])


class ExpectTextToBeNew(RowExpectation):
    """The lake has not this text under another address. Columns: text hash, whether it is new (looked up)."""

    map_metric: ClassVar[str] = "armsledger.text_is_new"
    description: str | None = "No text is in the lake already under another address."


class ExpectNewestArticleToBeFresh(BatchExpectation):
    """The newest article of a load is not much older than the fetch: a source that fell silent shows up.

    Attributes:
        published: column with publication times.
        fetched: column with fetch times.
        days: greatest age of the newest article at the time of the fetch.
    """

    published: str
    fetched: str
    days: float
    description: str | None = "The newest article is recent at the time of the fetch."
    success_keys: ClassVar[tuple[str, ...]] = ("published", "fetched", "days")

    def get_validation_dependencies(self, execution_engine: Any = None, runtime_configuration: Any = None) -> Any:
        """Ask for the greatest value of both columns."""
        from great_expectations.validator.metric_configuration import MetricConfiguration  # noqa: PLC0415

        dependencies = super().get_validation_dependencies(execution_engine, runtime_configuration)
        for column in (self.published, self.fetched):
            dependencies.set_metric_configuration(
                f"column.max {column}", MetricConfiguration("column.max", {"column": column}, {})
            )
        return dependencies

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        newest, fetched = (metrics[f"column.max {column}"] for column in (self.published, self.fetched))
        age = (fetched - newest).total_seconds() / 86400
        return {
            "success": age <= self.days,
            "result": {"observed_value": f"newest article {newest:%Y-%m-%d}, {age:.0f} days before the fetch"},
        }
