"""Gate on a load of register deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.batch import Batch, BatchFacts
from expectations.custom.columns import ExpectValuesToBeWithinLimits
from expectations.custom.marts import ExpectPartiesOfADealToDiffer
from expectations.custom.registers import ExpectTotalToBeProduct, ExpectUsedWeaponsToCountLess
from expectations.history import read_history
from expectations.load_wide import CLOCK_GRACE, build_load_expectations
from expectations.pairs import expect_at_least
from expectations.structural import build_structural_expectations
from expectations.wording import must, should
from warehouse import clock
from warehouse.contracts import REGISTER_DELIVERIES

if TYPE_CHECKING:
    from warehouse.lake import StagedLoad
    from warehouse.settings import Settings

PUBLIC_COPIES = "computed from public copies of the register's exports"
FEW_ROWS = 30
"""Below this, one row moves a rate by more than three points, so rates are not looked at."""


def build_batch(settings: Settings, staged: StagedLoad) -> Batch:
    """Return the staged rows as they are; they refer to nothing else, since the import has resolved all parties."""
    history = read_history(settings.data, REGISTER_DELIVERIES, staged.attributes.get("source_id"))
    facts = BatchFacts(
        load_id=staged.load_id,
        rows=staged.rows,
        validated_at=clock.now(),
        is_first_of_source=history.is_first_of_source,
        former=history.former_rows,
        newest_load_at=history.newest_load_at,
    )
    return Batch.of_load(facts, staged)


def build_suite(facts: BatchFacts) -> gx.ExpectationSuite:
    """Return the suite for one load of register deliveries."""
    return gx.ExpectationSuite(
        name="register_deliveries",
        expectations=[
            *build_structural_expectations(REGISTER_DELIVERIES),
            *_build_logic(facts),
            *_build_totals(facts),
            *_build_plausibility(facts),
            *build_load_expectations(facts, figure="deliveries in a load of this register"),
        ],
    )


def _build_logic(facts: BatchFacts) -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="load_id",
            value_set=[facts.load_id],
            **must("A row of another load would be retired with the wrong one."),
        ),
        ExpectPartiesOfADealToDiffer(
            column_list=["supplier_code", "recipient_code"],
            **should("A register lists transfers, so one party on both sides is a name that was resolved wrongly."),
        ),
        expect_at_least(
            "delivery_year",
            "order_year",
            **should(
                "Deliveries before the order mean that columns were mixed up.",
                source=f"the lag from order to first delivery is never negative, {PUBLIC_COPIES}.",
            ),
        ),
        ExpectValuesToBeWithinLimits(
            column="delivery_year",
            max_value=facts.validated_at.year,
            **should(
                "A register tells what was delivered; a year to come is a plan, or misread.",
                source="the year of the validation, UTC.",
            ),
        ),
        ExpectValuesToBeWithinLimits(
            column="imported_at",
            max_value=facts.validated_at + CLOCK_GRACE,
            **must(
                "An import in the future means that a clock is wrong.",
                source="own judgement: machines that keep their time are within ten minutes of each other.",
            ),
        ),
    ]


def _build_totals(facts: BatchFacts) -> list[gxe.Expectation]:
    """TIV of units times their number. A total that was repeated for each year of a deal breaks it at once."""
    columns = ["quantity_delivered", "tiv_unit", "tiv_delivered"]
    expectations: list[gxe.Expectation] = [
        ExpectTotalToBeProduct(
            column_list=columns,
            slack=0.5,
            share=0.05,
            **should(
                "TIV is units times TIV of one; a row far from it is misread.",
                source=f"it holds within rounding in 99.4 % of rows, {PUBLIC_COPIES}; cells have two decimals.",
            ),
        )
    ]
    if facts.rows >= FEW_ROWS:
        expectations.append(
            ExpectTotalToBeProduct(
                column_list=columns,
                slack=0.5,
                share=0.05,
                mostly=0.9,
                **must(
                    "TIV repeated for each year of a deal would inflate the world total.",
                    source=f"it holds in 99.4 % of rows, while 44.7 % of deals have several years, {PUBLIC_COPIES}.",
                ),
            )
        )
    return expectations


def _build_plausibility(facts: BatchFacts) -> list[gxe.Expectation]:
    expectations: list[gxe.Expectation] = [
        ExpectUsedWeaponsToCountLess(
            column_list=["condition", "tiv_unit_new", "tiv_unit"],
            shares={"new": 1.0, "second_hand": 0.4, "modernised": 0.66},
            slack=0.05,
            mostly=0.9,
            **should(
                "Another share means that the condition or the TIV was misread.",
                source="SIPRI's method: used weapons count 40 %, used and modernised ones 66 % of a new one.",
            ),
        )
    ]
    if facts.rows >= FEW_ROWS:
        expectations.append(
            gxe.ExpectColumnProportionOfNonNullValuesToBeBetween(
                column="weapon_category",
                min_value=0.9,
                **should(
                    "Weapons without a category fall into `other`.",
                    source="own judgement: the newer schema tells a category in each row.",
                ),
            )
        )
    return expectations
