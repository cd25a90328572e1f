"""Gate 3 on the reports: shares, dependence, mix, concentration, reconciliation, restatements, former keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import great_expectations.expectations as gxe

from expectations.custom.columns import ExpectValuesToBeWithinLimits
from expectations.custom.marts import ExpectNumbersToAgree, ExpectPartiesOfADealToDiffer
from expectations.pairs import expect_at_least
from expectations.wording import must, should

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

BASES = ("ordered", "delivered")
ROLES = ("supplier", "recipient")
WINDOWS = (1, 5)
"""Years of a window: one, and the five by which this field speaks of trends."""


def build_shares() -> list[Expectation]:
    """Shares of suppliers, or of recipients, in five years."""
    return [
        *_expect_told("evidence_source", "basis", "end_year", "deal_count", "deal_share", "share_rank"),
        _expect_basis(),
        expect_at_least("end_year", "start_year", **must("A window that ends before it starts holds no year.")),
        _expect_some("deal_count", "A party without any deal in the window has no place in its list."),
        expect_at_least(
            "deal_count",
            "deal_count_moving_average",
            **must(
                "A mean of five years is at most their sum.", source="five years are summed, and their mean is a fifth."
            ),
        ),
    ]


def build_network() -> list[Expectation]:
    """Who depends on whom."""
    return [
        *_expect_told("evidence_source", "basis", "window_years", "end_year", "supplier_code", "recipient_code"),
        *_expect_told("deal_count", "category_count", "supplier_rank"),
        _expect_basis(),
        _expect_windows(),
        _expect_some("deal_count", "A pair without any deal in the window is no flow."),
        _expect_some("category_count", "Each flow is of some category of weapons."),
        ExpectPartiesOfADealToDiffer(
            column_list=["supplier_code", "recipient_code"],
            **should("A party that supplies itself is no transfer; a register may hold such a row."),
        ),
    ]


def build_traders() -> list[Expectation]:
    """Suppliers and recipients by rank."""
    return [
        *_expect_told("trade_role", "evidence_source", "basis", "window_years", "end_year", "country_code"),
        *_expect_told("deal_count", "share_rank", "partner_count"),
        _expect_basis(),
        _expect_windows(),
        _expect_roles(),
        _expect_some("partner_count", "Whoever trades has a partner, be it the unknown one."),
    ]


def build_mix() -> list[Expectation]:
    """Categories of what a party supplies or receives."""
    return [
        *_expect_told("trade_role", "evidence_source", "basis", "window_years", "end_year", "country_code"),
        *_expect_told("weapon_category", "deal_count"),
        _expect_basis(),
        _expect_windows(),
        _expect_roles(),
        _expect_some("deal_count", "A category without any deal has no place in a mix."),
    ]


def build_concentration() -> list[Expectation]:
    """Herfindahl index of each market."""
    return [
        *_expect_told(
            "trade_role", "evidence_source", "basis", "window_years", "end_year", "party_count", "deal_count"
        ),
        _expect_basis(),
        _expect_windows(),
        _expect_roles(),
        _expect_some("deal_count", "A market without any deal has no concentration."),
    ]


def build_reconciliation() -> list[Expectation]:
    """News deals beside those of a register."""
    return [
        *_expect_told("reconciliation_status", "reconciliation_reason", "supplier_code", "recipient_code"),
        gxe.ExpectColumnValuesToBeInSet(
            column="reconciliation_status",
            value_set=["matched", "only_in_news", "only_in_register"],
            **must("A fourth outcome would be in no analyst's count."),
        ),
    ]


def build_coverage() -> list[Expectation]:
    """Articles, claims and deals of a source in a week."""
    return [
        *_expect_told("source_id", "week_start_date", "article_count", "claim_count"),
        expect_at_least("article_count", "reprint_count", **must("Reprints are some of the articles.")),
        expect_at_least("claim_count", "domestic_claim_count", **must("Domestic claims are some of the claims.")),
        expect_at_least("deal_count", "new_deal_count", **must("New deals are some of the deals that are told.")),
    ]


def build_restatements() -> list[Expectation]:
    """Figures that a release changed."""
    return [
        *_expect_told("release_id", "supplier_code", "recipient_code", "weapon_category", "change", "reason"),
        _expect_basis(),
        gxe.ExpectColumnValuesToBeInSet(
            column="change", value_set=["added", "changed", "removed"], **must("A figure comes, changes or goes.")
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="reason",
            value_set=["claims", "register", "method"],
            **must("Each restatement says whether facts, a register's edition or the method moved it."),
        ),
    ]


def build_restated_claims() -> list[Expectation]:
    """Claims behind a restatement."""
    return _expect_told("restatement_key", "claim_key", "change")


def build_deal_keys() -> list[Expectation]:
    """Keys of all releases."""
    return _expect_told("resolution", "first_release_id")


def build_share_sums() -> list[Expectation]:
    """Parts of a whole."""
    return [
        ExpectNumbersToAgree(
            column_list=["summed_share", "whole"],
            tolerance=1e-6,
            **must(
                "Shares that don't add up to one whole have lost or doubled a party.",
                source="sums of doubles in another order differ in the last digits only.",
            ),
        )
    ]


def _expect_told(*columns: str) -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToNotBeNull(column=column, **must("A row that doesn't say what it counts can't be read."))
        for column in columns
    ]


def _expect_some(column: str, reason: str) -> Expectation:
    return ExpectValuesToBeWithinLimits(column=column, min_value=1, **must(reason, source="one is the least."))


def _expect_basis() -> Expectation:
    return gxe.ExpectColumnValuesToBeInSet(
        column="basis", value_set=list(BASES), **must("A third basis would be added to the others.")
    )


def _expect_windows() -> Expectation:
    return gxe.ExpectColumnValuesToBeInSet(
        column="window_years",
        value_set=list(WINDOWS),
        **must(
            "A window of another length would be added to those of one and five years.",
            source="single years, and the five-year blocks by which this field speaks of trends.",
        ),
    )


def _expect_roles() -> Expectation:
    return gxe.ExpectColumnValuesToBeInSet(
        column="trade_role", value_set=list(ROLES), **must("A third role would be added to the others.")
    )
