"""Expectations on claims of arms transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from expectations.custom.rows import RowExpectation, RowMetricProvider, as_mask, row_rule

if TYPE_CHECKING:
    import pandas as pd


class PartiesMetric(RowMetricProvider):
    """Whether a row's parties differ, or are one state and the row says domestic."""

    condition_metric_name = "armsledger.parties_differ"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        supplier, recipient, domestic = (columns[name] for name in columns.columns)
        is_same = as_mask(supplier == recipient)
        return is_same == as_mask(domestic)


class ExpectPartiesToDifferUnlessDomestic(RowExpectation):
    """Supplier and recipient are the same if and only if the claim is marked domestic.

    Columns: supplier's code, recipient's code, the domestic flag. A party that is not told differs from all others.
    """

    map_metric: ClassVar[str] = "armsledger.parties_differ"
    description: str | None = "Supplier and recipient differ, unless the claim is marked as domestic."


class CurrencyMetric(RowMetricProvider):
    """Whether a row that tells a value tells its currency."""

    condition_metric_name = "armsledger.value_has_currency"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        least, greatest, currency = (columns[name] for name in columns.columns)
        return as_mask((least.isna() & greatest.isna()) | currency.notna())


class ExpectValueToHaveCurrency(RowExpectation):
    """A claim that tells a value tells its currency. Columns: least value, greatest value, currency."""

    map_metric: ClassVar[str] = "armsledger.value_has_currency"
    description: str | None = "A value stands with its currency."


class EvidenceLengthMetric(RowMetricProvider):
    """Whether a row's offsets are as far apart as its evidence is long, in characters."""

    condition_metric_name = "armsledger.evidence_length"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        text, start, end = (columns[name] for name in columns.columns)
        return as_mask(end - start == text.str.len())


class ExpectEvidenceLengthToMatchOffsets(RowExpectation):
    """The evidence is as long as its offsets say. Columns: evidence, first character, character after it."""

    map_metric: ClassVar[str] = "armsledger.evidence_length"
    description: str | None = "The evidence is exactly as long as its offsets say."


class EvidenceMetric(RowMetricProvider):
    """Whether a row's evidence is what its article has at the offsets."""

    condition_metric_name = "armsledger.evidence_in_article"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        return as_mask(columns[columns.columns[2]])


class ExpectEvidenceToStandInItsArticle(RowExpectation):
    """The evidence is, character for character, what the article has at the offsets.

    Columns: evidence, what the article has there instead (looked up by the gate), whether the two are equal or the
    article is unknown. A claim of an unknown article is left to `ExpectArticleToBeInTheLake`, so that each fault is
    told once.
    """

    map_metric: ClassVar[str] = "armsledger.evidence_in_article"
    description: str | None = "The evidence stands in its article, exactly at its offsets."


class ArticleMetric(RowMetricProvider):
    """Whether a row's article is among the current articles."""

    condition_metric_name = "armsledger.article_in_lake"

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, **_: Any) -> pd.Series:
        article, is_known = (columns[name] for name in columns.columns)
        return article.notna() & as_mask(is_known)


class ExpectArticleToBeInTheLake(RowExpectation):
    """The article of a claim is current in raw/articles. Columns: article, whether it is known (looked up)."""

    map_metric: ClassVar[str] = "armsledger.article_in_lake"
    description: str | None = "The article of each claim is in the lake."


class QuantityMetric(RowMetricProvider):
    """Whether a row's quantity is at most what is plausible for its category."""

    condition_metric_name = "armsledger.quantity_fits_category"
    condition_value_keys = ("maxima",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, maxima: dict[str, int], **_: Any) -> pd.Series:
        category, quantity = (columns[name] for name in columns.columns)
        limit = category.astype(object).map(maxima)
        number = quantity.astype("float64")
        return (number <= limit) | number.isna() | limit.isna()


class ExpectQuantityToFitItsCategory(RowExpectation):
    """The quantity of a claim is at most what is plausible for its category.

    Columns: category, greatest quantity.

    Attributes:
        maxima: category -> greatest plausible number of units; a category that isn't named has no limit.
    """

    maxima: dict[str, int]
    map_metric: ClassVar[str] = "armsledger.quantity_fits_category"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "maxima")
    description: str | None = "The number of units is plausible for the category."


class UnitValueMetric(RowMetricProvider):
    """Whether a row's value per unit lies within what is plausible for its category."""

    condition_metric_name = "armsledger.unit_value_fits_category"
    condition_value_keys = ("limits",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, limits: dict[str, list[float]], **_: Any) -> pd.Series:
        category, value = (columns[name] for name in columns.columns)
        names = category.astype(object)
        least, greatest = (names.map({name: pair[place] for name, pair in limits.items()}) for place in (0, 1))
        number = value.astype("float64")
        return number.isna() | least.isna() | ((number >= least) & (number <= greatest))


class ExpectUnitValueToFitItsCategory(RowExpectation):
    """The price of one unit is plausible for the category.

    Columns: category, value per unit in US dollars (worked out by the gate; NULL where value, number or rate is not
    told).

    Attributes:
        limits: category -> least and greatest plausible price of one unit, US dollars; a category that isn't named has
            none.
    """

    limits: dict[str, tuple[float, float]]
    map_metric: ClassVar[str] = "armsledger.unit_value_fits_category"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "limits")
    description: str | None = "The price of one unit is plausible for the category."


class OrderYearMetric(RowMetricProvider):
    """Whether a row's order isn't told before it was made."""

    condition_metric_name = "armsledger.order_not_after_publication"
    condition_value_keys = ("statuses",)

    @row_rule
    def _pandas(cls, columns: pd.DataFrame, *, statuses: list[str], **_: Any) -> pd.Series:
        ordered, published, status = (columns[name] for name in columns.columns)
        is_made = status.isin(list(statuses))
        return ordered.isna() | published.isna() | ~as_mask(is_made) | as_mask(ordered <= published)


class ExpectOrderNotAfterPublication(RowExpectation):
    """No article tells of an order as made in a year after its publication.

    Columns: order year, year of the article's publication (looked up by the gate), status.

    Attributes:
        statuses: statuses in which an order has been made.
    """

    statuses: tuple[str, ...]
    map_metric: ClassVar[str] = "armsledger.order_not_after_publication"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "statuses")
    description: str | None = "No order is told as made in a year after the article."
