"""Gate on reviewers' decisions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import great_expectations as gx
import pyarrow as pa
import pyarrow.compute as pc

from expectations.batch import Batch, BatchFacts
from expectations.custom.marts import ExpectReferenceToExist
from expectations.custom.reviews import (
    ExpectCorrectionToHaveItsForm,
    ExpectDayNotToBeAhead,
    ExpectDecisionsNotToVanish,
    ExpectReviewToNameItsTarget,
)
from expectations.history import read_history
from expectations.load_wide import expect_clock_not_to_run_back
from expectations.structural import build_structural_expectations
from expectations.wording import must, should
from warehouse import clock, lake
from warehouse.contracts import REVIEWS, TRANSFER_CLAIMS
from warehouse.parquet import read_rows
from warehouse.reference import read_seed

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

    from warehouse.lake import StagedLoad
    from warehouse.settings import Settings

KEY = "line"
"""Findings name the line of the file, which a reviewer can go to."""
HAS_CLAIM = "reference_has_claim_id"
_YEAR = r"(19[4-9]\d|20\d\d)"
_FLAG = "true|false"


def build_batch(settings: Settings, staged: StagedLoad) -> Batch:
    """Say beside each decision whether its claim is in the lake."""
    history = read_history(settings.data, REVIEWS, None)
    facts = BatchFacts(
        load_id=staged.load_id,
        rows=staged.rows,
        validated_at=clock.now(),
        former=history.former_rows,
        newest_load_at=history.newest_load_at,
    )
    own = read_rows(staged.table.schema, staged.paths, columns=["claim_id"])["claim_id"]
    known = lake.read_current(settings.data, TRANSFER_CLAIMS.name, columns=["claim_id"])["claim_id"].combine_chunks()
    flags = pc.and_(pc.is_valid(own), pc.is_in(own, value_set=known))
    return Batch.of_load(facts, staged, references=pa.table({HAS_CLAIM: flags}))


def build_suite(facts: BatchFacts) -> gx.ExpectationSuite:
    """Return the suite for one load of decisions."""
    return gx.ExpectationSuite(
        name="reviews",
        expectations=[*build_structural_expectations(REVIEWS, reference_columns=(HAS_CLAIM,)), *_build_own(facts)],
    )


def build_forms() -> dict[str, str]:
    """Return the form of each field's values; ``null`` stands where the field may be unknown."""
    countries = "|".join(re.escape(code) for code in read_seed("countries")["country_code"].to_pylist())
    currencies = "|".join(read_seed("currencies")["currency_code"].to_pylist())
    lists = {
        name: "|".join(TRANSFER_CLAIMS.column(name).allowed)
        for name in ("weapon_category", "status", "value_type", "condition", "deal_type")
    }
    forms = {
        **lists,
        "supplier_code": countries,
        "recipient_code": countries,
        "value_currency": currencies,
        "quantity": r"[1-9]\d{0,8}",
        "value": r"\d{1,15}(\.\d+)?",
        "order_year": _YEAR,
        "delivery_year_first": _YEAR,
        "delivery_year_last": _YEAR,
        "is_background": _FLAG,
        "is_domestic": _FLAG,
        "weapon_designation": r"\S.*",
        "weapon_family": r"\S.*",
    }
    never_null = ("weapon_category", "status", "is_background", "is_domestic", "weapon_designation", "weapon_family")
    return {name: form if name in never_null else f"{form}|null" for name, form in forms.items()}


def _build_own(facts: BatchFacts) -> list[Expectation]:
    return [
        ExpectReviewToNameItsTarget(
            column_list=["claim_id", "deal_key"],
            **must("A decision on nothing can't be applied.", is_waivable=False),
        ),
        ExpectCorrectionToHaveItsForm(
            column_list=["verdict", "field", "value"],
            forms=build_forms(),
            **must(
                "A value that its column can't hold would be lost without a word.",
                source="the contract of transfer_claims and the reference seeds.",
                is_waivable=False,
            ),
        ),
        ExpectDayNotToBeAhead(
            column_list=["reviewed_on", "line"],
            today=f"{facts.validated_at:%Y-%m-%d}",
            **must(
                "The latest decision counts, so one dated ahead would silence all that follow.",
                source="the day of the validation, UTC.",
                is_waivable=False,
            ),
        ),
        ExpectReferenceToExist(
            column_list=["claim_id", HAS_CLAIM],
            target="raw.transfer_claims.claim_id",
            **should("The claim is gone: its article or the extractor has changed. The decision waits in ops."),
        ),
        ExpectDecisionsNotToVanish(
            before=int(facts.former[0]) if facts.former else 0,
            now=facts.rows,
            share=0.5,
            fewest=10,
            **should(
                "The file holds all decisions ever taken: one that was cut off brings rejected claims back.",
                source="own judgement: decisions are taken back one by one, not by the half.",
            ),
        ),
        expect_clock_not_to_run_back(facts),
    ]
