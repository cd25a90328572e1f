"""Gate 1: expectations on a load of articles."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.batch import Batch, BatchFacts
from expectations.custom.articles import ExpectNewestArticleToBeFresh, ExpectPublicationNotAfterFetch
from expectations.history import read_history
from expectations.structural import build_structural_expectations
from expectations.wording import must, should
from warehouse import clock
from warehouse.contracts import ARTICLES

if TYPE_CHECKING:
    from warehouse.lake import StagedLoad
    from warehouse.settings import Settings

FIRST_DAY = datetime.datetime(1945, 1, 1, tzinfo=datetime.UTC)
CLOCK_GRACE = datetime.timedelta(minutes=10)
SHORTEST_TEXT = 200
"""Characters."""


def build_batch(settings: Settings, staged: StagedLoad) -> Batch:
    """Return the staged rows as they are; articles refer to nothing else."""
    history = read_history(settings.data, ARTICLES, staged.attributes.get("source_id"))
    facts = BatchFacts(
        load_id=staged.load_id,
        rows=staged.rows,
        validated_at=clock.now(),
        is_first_of_source=history.is_first_of_source,
        former_rows=history.former_rows,
        newest_load_at=history.newest_load_at,
    )
    return Batch.of_load(facts, staged)


def build_suite(facts: BatchFacts) -> gx.ExpectationSuite:
    """Return the suite for one load of articles."""
    return gx.ExpectationSuite(
        name="articles",
        expectations=[
            *build_structural_expectations(ARTICLES),
            *_build_content(facts),
            *_build_times(facts),
            *([] if facts.is_first_of_source else _build_freshness()),
        ],
    )


def _build_content(facts: BatchFacts) -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="load_id",
            value_set=[facts.load_id],
            **must("A row of another load would be retired and replayed with the wrong one."),
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="title",
            regex=r"\S",
            **must("A blank headline means that the page was misread."),
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="text",
            regex=r"\S",
            **must("A blank text means that the page was misread."),
        ),
        gxe.ExpectColumnValueLengthsToBeBetween(
            column="text",
            min_value=SHORTEST_TEXT,
            **should(
                "A very short text is a teaser, a paywall notice or a misread page.",
                source="the shortest of the 160 articles of the development set has 366 characters; about half of it.",
            ),
        ),
        gxe.ExpectColumnValuesToBeUnique(
            column="text_hash",
            **should("One text under two addresses of a source: its canonical URLs are not stable."),
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="language",
            value_set=["en"],
            **should("The extractor reads English; texts in other languages yield no claims."),
        ),
    ]


def _build_times(facts: BatchFacts) -> list[gxe.Expectation]:
    return [
        ExpectPublicationNotAfterFetch(
            column_list=["published_at", "fetched_at"],
            hours=24,
            **must(
                "A date in the future is misread, and years of orders are derived from it.",
                source="no two time zones are more than 26 hours apart; a day covers pages dated by the day.",
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="published_at",
            min_value=FIRST_DAY,
            **must(
                "A date before the period covered is misread.",
                source="order and delivery years of claims begin in 1945 by contract.",
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="fetched_at",
            max_value=facts.validated_at + CLOCK_GRACE,
            **must(
                "A fetch in the future means that a clock is wrong.",
                source="own judgement: machines that keep their time are within ten minutes of each other.",
            ),
        ),
    ]


def _build_freshness() -> list[gxe.Expectation]:
    return [
        ExpectNewestArticleToBeFresh(
            published="published_at",
            fetched="fetched_at",
            days=90,
            **should(
                "A source that fell silent or moved brings only old articles.",
                source="own judgement: a publisher that writes nothing for a quarter is gone.",
            ),
        ),
    ]
