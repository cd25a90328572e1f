"""Gate 1: expectations on a load of articles."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import great_expectations as gx
import great_expectations.expectations as gxe
import pyarrow as pa
import pyarrow.compute as pc

from expectations.batch import Batch, BatchFacts
from expectations.custom.articles import (
    ExpectNewestArticleToBeFresh,
    ExpectPublicationNotAfterFetch,
    ExpectTextToBeNew,
)
from expectations.custom.batches import ExpectMostPagesToBeUsable
from expectations.custom.columns import ExpectValuesToBeWithinLimits
from expectations.history import read_history
from expectations.load_wide import CLOCK_GRACE, build_load_expectations
from expectations.structural import build_structural_expectations
from expectations.wording import must, should
from warehouse import clock, lake
from warehouse.contracts import ARTICLES
from warehouse.parquet import read_rows

if TYPE_CHECKING:
    from warehouse.lake import StagedLoad
    from warehouse.settings import Settings

FIRST_DAY = datetime.datetime(1945, 1, 1, tzinfo=datetime.UTC)
NEW_TEXT = "reference_is_text_new"
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
        former=history.former_rows,
        refused=staged.attributes.get("refused", 0),
        newest_load_at=history.newest_load_at,
    )
    return Batch.of_load(facts, staged, references=_look_up_texts(settings, staged))


def _look_up_texts(settings: Settings, staged: StagedLoad) -> pa.Table:
    """Say of each article whether the lake has its text already, under another address."""
    own = read_rows(staged.table.schema, staged.paths, columns=["article_id", "text_hash"])
    known = lake.read_current(settings.data, ARTICLES.name, columns=["article_id", "text_hash"])
    others = known.filter(pc.invert(pc.is_in(known["article_id"], value_set=own["article_id"].combine_chunks())))
    return pa.table({NEW_TEXT: pc.invert(pc.is_in(own["text_hash"], value_set=others["text_hash"].combine_chunks()))})


def build_suite(facts: BatchFacts) -> gx.ExpectationSuite:
    """Return the suite for one load of articles."""
    return gx.ExpectationSuite(
        name="articles",
        expectations=[
            *build_structural_expectations(ARTICLES, reference_columns=(NEW_TEXT,)),
            *_build_content(facts),
            *_build_times(facts),
            *build_load_expectations(facts, figure="articles in a load of this source"),
            *_build_volume(facts),
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


def _build_volume(facts: BatchFacts) -> list[gxe.Expectation]:
    return [
        ExpectMostPagesToBeUsable(
            refused=facts.refused,
            articles=facts.rows,
            share=0.5,
            fewest=10,
            **should(
                "A source that was redesigned yields pages without text or date.",
                source="own judgement: of the bundled sources' pages, none is refused.",
            ),
        ),
        ExpectTextToBeNew(
            column_list=["text_hash", NEW_TEXT],
            **should("A text that came in under another address is a reprint, or its source has new addresses."),
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
        ExpectValuesToBeWithinLimits(
            column="published_at",
            min_value=FIRST_DAY,
            **must(
                "A date before the period covered is misread.",
                source="order and delivery years of claims begin in 1945 by contract.",
            ),
        ),
        ExpectValuesToBeWithinLimits(
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
