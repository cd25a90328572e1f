"""Gate 2: expectations on a load of claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import great_expectations as gx
import great_expectations.expectations as gxe
import pyarrow as pa

from expectations import claim_references, evidence
from expectations.batch import Batch, BatchFacts
from expectations.claim_references import SEEDS, UNIT_VALUE
from expectations.custom.claims import (
    ExpectArticleToBeInTheLake,
    ExpectEvidenceLengthToMatchOffsets,
    ExpectEvidenceToStandInItsArticle,
    ExpectOrderNotAfterPublication,
    ExpectPartiesToDifferUnlessDomestic,
    ExpectQuantityToFitItsCategory,
    ExpectUnitValueToFitItsCategory,
    ExpectValueToHaveCurrency,
)
from expectations.custom.marts import ExpectReferenceToExist
from expectations.evidence import EVIDENCE_COLUMN, FOUND_COLUMN, KNOWN_COLUMN, PUBLISHED_COLUMN
from expectations.history import read_history, read_yields
from expectations.load_wide import build_load_expectations
from expectations.pairs import expect_at_least, expect_order_before_delivery
from expectations.structural import build_structural_expectations
from expectations.wording import must, should
from warehouse import clock
from warehouse.contracts import TRANSFER_CLAIMS
from warehouse.parquet import read_rows

if TYPE_CHECKING:
    from warehouse.lake import StagedLoad
    from warehouse.settings import Settings

DEVELOPMENT_SET = "the development set of 160 articles with 626 labelled events"

QUANTITY_MAXIMA = {
    "air_defence": 600,
    "aircraft": 3_000,
    "armoured_vehicle": 15_000,
    "artillery": 5_000,
    "engine": 2_500,
    "missile": 35_000,
    "satellite": 20,
    "sensor": 400,
    "ship": 150,
    "small_arms": 6_000_000,
}
"""Units. Categories with few labelled quantities (anti_submarine, naval_weapon, other) have no limit."""

UNIT_VALUES_USD = {
    "air_defence": (40_000.0, 24e9),
    "aircraft": (230_000.0, 6.4e9),
    "armoured_vehicle": (77_000.0, 350e6),
    "artillery": (370_000.0, 110e6),
    "missile": (36_000.0, 11e9),
    "ship": (5.7e6, 12e9),
    "small_arms": (50.0, 25_000.0),
}
"""Least and greatest US dollars for one unit. Categories with fewer than three labelled prices have no limits."""

REFERENCES = (EVIDENCE_COLUMN, FOUND_COLUMN, KNOWN_COLUMN, PUBLISHED_COLUMN, *SEEDS, UNIT_VALUE)
FEW_ROWS = 30
"""Below this, one row moves a rate by more than three points, so rates are not looked at."""


def build_batch(settings: Settings, staged: StagedLoad) -> Batch:
    """Put beside each claim what its article has at the offsets of the evidence."""
    history = read_history(settings.data, TRANSFER_CLAIMS, None)
    articles, former = read_yields(settings.data, inputs=staged.attributes.get("inputs", ()))
    facts = BatchFacts(
        load_id=staged.load_id,
        rows=staged.rows,
        validated_at=clock.now(),
        former=former if articles else (),
        per=articles,
        newest_load_at=history.newest_load_at,
    )
    claims = read_rows(staged.table.schema, staged.paths, columns=sorted({*evidence.NEEDED, *claim_references.NEEDED}))
    return Batch.of_load(facts, staged, references=look_up(settings, claims))


def look_up(settings: Settings, claims: pa.Table) -> pa.Table:
    """Return the reference columns of claims, in the order of `REFERENCES`."""
    parts = (evidence.look_up_evidence(settings.data, claims), claim_references.look_up_references(claims))
    return pa.table({name: part[name] for part in parts for name in part.column_names})


def build_suite(facts: BatchFacts) -> gx.ExpectationSuite:
    """Return the suite for one load of claims."""
    return gx.ExpectationSuite(
        name="transfer_claims",
        expectations=[
            *build_structural_expectations(TRANSFER_CLAIMS, reference_columns=REFERENCES),
            *_build_evidence(facts),
            *_build_logic(),
            *_build_references(),
            *_build_years(),
            *_build_plausibility(facts),
            *build_load_expectations(facts, figure="claims per article"),
        ],
    )


def _build_evidence(facts: BatchFacts) -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="load_id",
            value_set=[facts.load_id],
            **must("A row of another load would be retired and replayed with the wrong one."),
        ),
        ExpectArticleToBeInTheLake(
            column_list=["article_id", KNOWN_COLUMN],
            **must("A claim without its article leads back to nothing."),
        ),
        ExpectEvidenceLengthToMatchOffsets(
            column_list=["evidence_text", "evidence_start", "evidence_end"],
            **must("Offsets of another length point beside the sentence."),
        ),
        ExpectEvidenceToStandInItsArticle(
            column_list=["evidence_text", EVIDENCE_COLUMN, FOUND_COLUMN],
            **must("Every number must lead back to the sentence that states it."),
        ),
    ]


def _build_logic() -> list[gxe.Expectation]:
    return [
        ExpectPartiesToDifferUnlessDomestic(
            column_list=["supplier_code", "recipient_code", "is_domestic"],
            **must("A state that supplies itself is domestic procurement, not a transfer."),
        ),
        expect_at_least("quantity_max", "quantity_min", **must("A range whose ends are swapped is misread.")),
        expect_at_least("value_max", "value_min", **must("A range whose ends are swapped is misread.")),
        ExpectValueToHaveCurrency(
            column_list=["value_min", "value_max", "value_currency"],
            **must("A number without a currency can't be compared with any other."),
        ),
    ]


def _build_references() -> list[gxe.Expectation]:
    return [
        ExpectReferenceToExist(
            column_list=[column, name],
            target=f"seed {seed}.{key}",
            **must("A code that no reference table has would be counted as unknown, silently.", is_waivable=False),
        )
        for name, (column, seed, key) in SEEDS.items()
    ]


def _build_years() -> list[gxe.Expectation]:
    return [
        ExpectOrderNotAfterPublication(
            column_list=["order_year", PUBLISHED_COLUMN, "status"],
            statuses=("ordered", "delivered"),
            **should("An order that is made in a year to come is planned at most, or its year is that of a delivery."),
        ),
        expect_at_least("delivery_year_last", "delivery_year_first", **must("Deliveries can't end before they begin.")),
        expect_order_before_delivery("Deliveries before the order mean that years of two deals are mixed."),
    ]


def _build_plausibility(facts: BatchFacts) -> list[gxe.Expectation]:
    expectations: list[gxe.Expectation] = [
        ExpectQuantityToFitItsCategory(
            column_list=["weapon_category", "quantity_max"],
            maxima=QUANTITY_MAXIMA,
            **should(
                "A calibre, a price or a model number read as a quantity is far too large.",
                source=f"ten times the greatest quantity of the category in {DEVELOPMENT_SET}, rounded up.",
            ),
        )
    ]
    expectations.append(
        ExpectUnitValueToFitItsCategory(
            column_list=["weapon_category", UNIT_VALUE],
            limits=UNIT_VALUES_USD,
            **should(
                "Millions read as billions, or the value of a whole package told for one item, show in the price.",
                source="a tenth of the least and ten times the greatest unit price of the category among the labelled "
                f"deals of {DEVELOPMENT_SET} that are not held back for validation, rounded.",
            ),
        )
    )
    if facts.rows < FEW_ROWS:
        return expectations
    for column, told, rate in (
        ("supplier_code", 0.9, 0.998),
        ("recipient_code", 0.9, 0.997),
        ("quantity_max", 0.4, 0.68),
    ):
        expectations.append(
            gxe.ExpectColumnProportionOfNonNullValuesToBeBetween(
                column=column,
                min_value=told,
                **should(
                    "A sudden lack of parties or numbers means that the extractor misses a new wording.",
                    source=f"told in {rate:.1%} of the events of {DEVELOPMENT_SET}; this is well below.",
                ),
            )
        )
    return expectations
