"""Gate 3: expectations on the marts of a candidate."""

from __future__ import annotations

import re

import great_expectations as gx
import great_expectations.expectations as gxe
import pyarrow as pa

from expectations.comparisons import FEWEST_ROWS
from expectations.country_year import MEASURES
from expectations.custom.columns import ExpectValuesToBeWithinLimits
from expectations.custom.dates import ExpectDaysToFollowEachOther, ExpectMonthAndYearOfTheDay
from expectations.custom.marts import (
    ExpectNumbersToAgree,
    ExpectPartiesOfADealToDiffer,
    ExpectReferenceToExist,
    ExpectRowsNotToFall,
)
from expectations.custom.releases import ExpectMixToBeStable, ExpectNullRateToBeStable, ExpectRowsToBeConserved
from expectations.marts import (
    CLAIM_COUNT_COLUMN,
    CONSERVATION_CHECK,
    COUNTRY_YEAR_CHECK,
    MIX_CHECK,
    NULL_RATE_CHECK,
    RELEASE_CHECK,
    SHARE_CHECK,
    Mart,
    MartBatch,
    reference_column,
)
from expectations.pairs import expect_at_least, expect_order_before_delivery
from expectations.suites import reports
from expectations.wording import must, should
from warehouse.contracts.transfer_claims import STATUSES

CONTRACT_YEARS = "order and delivery years of claims lie in 1945 to 2100 by contract."
BY_NAME: tuple[tuple[str, float, float | None, str], ...] = (
    (r".*_share", 0, 1, "a share is a part of a whole."),
    (r".*_index", 0, 1, "a Herfindahl index sums the squares of parts of a whole."),
    (r".*_(rank|position|number|line)", 1, None, "the first has number one."),
    (
        r"(previous_)?tiv|tiv_(unit|unit_new|ordered|delivered|previous_5y)",
        0,
        None,
        "TIV is a volume: 0 is under half a million, NULL is none identified.",
    ),
    (r".*_average", 0, None, "a mean of what isn't negative isn't either."),
    (r"(.*_)?year(_first|_last)?", 1945, 2100, CONTRACT_YEARS),
    (r".*_count(_previous_5y)?", 0, None, "a count can't be negative."),
    (r".*_usd|value_(min|max|amount)", 0, None, "prices are not negative."),
    (r"(.*_)?confidence", 0, 1, "confidence is a probability."),
    (r"(.*_)?quantity(_min|_max|_delivered)?", 0, None, "units can't be negative."),
    (r"quantity_ordered", 1, None, "a deal of no unit is none; NULL means that no number is told."),
    (r"evidence_(start|end)", 0, None, "offsets count characters from the beginning of the text."),
    (r"priority", 0, 1, "its weights add up to one."),
)
"""Form of a column's name -> least and greatest number, by the naming rules of the project."""
WITHOUT_LIMITS = {
    "window_years": "its two values are a list",
    "quantity_difference": "a register may tell more units than the news, or fewer",
}
"""Numbers of marts that have no form above, and why."""
NO_YEAR_OF_AN_EVENT = ("valid_from_year", "valid_to_year", "decade_start_year", "start_year")
"""Years that aren't those of a deal."""
SPREAD = {("fct_register_deliveries", "quantity_ordered")}
"""Columns that hold a year's part of a deal: a fraction of a unit is sound there."""


def build_suite(batch: MartBatch, schema: pa.Schema, *, allow_fall: bool = False) -> gx.ExpectationSuite:
    """Return the suite for one mart or one comparison.

    Args:
        batch: mart or comparison.
        schema: columns that it has.
        allow_fall: let a candidate pass that has lost most of its rows, because somebody has looked into it.
    """
    if batch.name == COUNTRY_YEAR_CHECK:
        expectations = _build_sums()
    elif batch.name == RELEASE_CHECK:
        expectations = _build_volume(allow_fall=allow_fall)
    elif batch.name in _COMPARISONS:
        expectations = _COMPARISONS[batch.name]()
    else:
        expectations = _build_mart(batch.mart or Mart(batch.name, batch.key), schema)
    return gx.ExpectationSuite(name=f"marts.{batch.name}", expectations=expectations)


def _build_mart(mart: Mart, schema: pa.Schema) -> list[gxe.Expectation]:
    expectations: list[gxe.Expectation] = []
    if not mart.may_be_empty:
        expectations.append(
            gxe.ExpectTableRowCountToBeBetween(
                min_value=1, **must("Readers take an empty table for an empty world.", source="one row is the least.")
            )
        )
    if mart.key:
        expectations += [
            gxe.ExpectColumnValuesToNotBeNull(column=mart.key, **must("The key names one row.")),
            gxe.ExpectColumnValuesToBeUnique(column=mart.key, **must("A key told twice doubles sums in joins.")),
        ]
    for column, target in mart.references.items():
        expectations.append(
            ExpectReferenceToExist(
                column_list=[column, reference_column(column)],
                target=target,
                **must("A key that leads nowhere drops its row from every join."),
            )
        )
    return [*expectations, *_build_by_name(mart.name, schema), *_OWN.get(mart.name, list)()]


def _build_by_name(mart: str, schema: pa.Schema) -> list[gxe.Expectation]:
    expectations: list[gxe.Expectation] = []
    for column in schema:
        if not _is_number(column.type) or column.name in NO_YEAR_OF_AN_EVENT:
            continue
        for form, told, greatest, source in BY_NAME:
            least = 0 if (mart, column.name) in SPREAD else told
            if re.fullmatch(form, column.name) and not column.name.startswith("reference_"):
                expectations.append(
                    ExpectValuesToBeWithinLimits(
                        column=column.name,
                        min_value=least,
                        max_value=greatest,
                        **must("A number outside these limits is a mistake of the model.", source=source),
                    )
                )
    return expectations


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _build_dates() -> list[gxe.Expectation]:
    return [
        ExpectDaysToFollowEachOther(
            column_list=["date_day", "month_start_date"],
            **must("A day that is missing takes its figures out of every metric over time."),
        ),
        ExpectMonthAndYearOfTheDay(
            column_list=["date_day", "month_start_date", "year_start_date"],
            **must("A metric by month or year would count the day's figures in another one."),
        ),
    ]


def _build_claims() -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="evidence_text", **must("Every number must lead back to the sentence that states it.")
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="evidence_text", regex=r"\S", **must("Blank evidence is no sentence that states anything.")
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="evidence_end",
            column_B="evidence_start",
            ignore_row_if="either_value_is_missing",
            **must("Offsets must span the sentence."),
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="claim_status", value_set=list(STATUSES), **must("Deals are built from these statuses.")
        ),
    ]


def _build_deals() -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="deal_status", value_set=list(STATUSES), **must("Figures are built from these statuses.")
        ),
        ExpectPartiesOfADealToDiffer(
            column_list=["supplier_code", "recipient_code"],
            **must("Domestic procurement is no transfer and stays out of the deals."),
        ),
        ExpectNumbersToAgree(
            column_list=["claim_count", CLAIM_COUNT_COLUMN],
            tolerance=0,
            **must("A deal whose claims are lost or counted twice can't be followed back.", source="counts are exact."),
        ),
        expect_at_least(
            "delivery_year_last", "delivery_year_first", **must("A deal's quantity is spread over these years.")
        ),
        expect_order_before_delivery("Deliveries before the order mean that claims of two deals are in one."),
    ]


def _build_country_years() -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="basis", value_set=["ordered", "delivered"], **must("A third basis would be added to the others.")
        ),
        ExpectPartiesOfADealToDiffer(
            column_list=["supplier_code", "recipient_code"],
            **must("Domestic procurement is no transfer and stays out of the figures."),
        ),
        gxe.ExpectColumnProportionOfNonNullValuesToBeBetween(
            column="transfer_year",
            min_value=0.25,
            **should(
                "Figures without a year are in no time series.",
                source="an order year is told in 31 % of the 626 labelled events of the development set.",
            ),
        ),
    ]


def _build_sums() -> list[gxe.Expectation]:
    return [
        ExpectNumbersToAgree(
            column_list=[measure, f"recomputed_{measure}"],
            tolerance=1e-9,
            **must(
                "Figures that differ from the deals behind them must not be published.",
                source="sums of doubles in another order differ in the last digits only.",
            ),
        )
        for measure in MEASURES
    ]


def _build_volume(*, allow_fall: bool) -> list[gxe.Expectation]:
    columns = ["published_rows", "candidate_rows"]
    severe = should if allow_fall else must
    return [
        ExpectRowsNotToFall(
            column_list=columns,
            share=0.2,
            **should(
                "A fall of news or deals is rarer than a source or a rule that broke.",
                source="own judgement: a fifth is more than a retired source of the bundled ones brings.",
            ),
        ),
        ExpectRowsNotToFall(
            column_list=columns,
            share=0.5,
            **severe(
                "Half of the rows gone means that an input is missing; if it is meant, pass --allow-fall.",
                source="own judgement: no change of the extractor so far halved the deals.",
            ),
        ),
    ]


def _build_mixes() -> list[gxe.Expectation]:
    return [
        ExpectMixToBeStable(
            column_list=["distance", "greatest", "published_rows", "candidate_rows", "moved"],
            fewest=FEWEST_ROWS,
            **should(
                "A mix that moved at once means a new source, a lost one or a changed rule, not another world.",
                source="leaving one of the three bundled sources out moves the mix of categories or statuses by at "
                "most 0.07, that of countries by at most 0.26; 50 rows are own judgement.",
            ),
        )
    ]


def _build_null_rates() -> list[gxe.Expectation]:
    return [
        ExpectNullRateToBeStable(
            column_list=["published_null_rate", "candidate_null_rate", "published_rows", "candidate_rows"],
            difference=0.1,
            fewest=FEWEST_ROWS,
            **should(
                "A column that lost its values means that the extractor misses a wording that it knew.",
                source="leaving one of the three bundled sources out moves a NULL rate by at most 0.08; 50 rows are "
                "own judgement.",
            ),
        )
    ]


def _build_conservation() -> list[gxe.Expectation]:
    return [
        ExpectRowsToBeConserved(
            column_list=["rows_in", "rows_out", "rows_set_aside"],
            **must("A row that is neither published nor in quarantine is lost, and nobody would know."),
        )
    ]


_COMPARISONS = {
    SHARE_CHECK: reports.build_share_sums,
    MIX_CHECK: _build_mixes,
    NULL_RATE_CHECK: _build_null_rates,
    CONSERVATION_CHECK: _build_conservation,
}
_OWN = {
    "dim_dates": _build_dates,
    "fct_transfer_claims": _build_claims,
    "fct_deals": _build_deals,
    "fct_country_year_transfers": _build_country_years,
    "rpt_supplier_shares_5y": reports.build_shares,
    "rpt_recipient_shares_5y": reports.build_shares,
    "rpt_supplier_recipient_network": reports.build_network,
    "rpt_top_traders": reports.build_traders,
    "rpt_category_mix": reports.build_mix,
    "rpt_market_concentration": reports.build_concentration,
    "rpt_register_reconciliation": reports.build_reconciliation,
    "rpt_source_coverage": reports.build_coverage,
    "rpt_restatements": reports.build_restatements,
    "bridge_restatements_claims": reports.build_restated_claims,
    "dim_deal_keys": reports.build_deal_keys,
}
