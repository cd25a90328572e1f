"""Expectations on a load as a whole that the suites of all loads share: its volume and its clock."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from expectations.custom.batches import ExpectClockNotToRunBack, ExpectFigureToBeUsual
from expectations.wording import must, should

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

    from expectations.batch import BatchFacts

CLOCK_GRACE = datetime.timedelta(minutes=10)
"""Own judgement: machines that keep their time are within ten minutes of each other."""


def build_load_expectations(facts: BatchFacts, *, figure: str) -> list[Expectation]:
    """Return the expectations on volume and clock.

    Args:
        facts: what is known of the load and of former ones.
        figure: what is counted, in words.
    """
    return [
        ExpectFigureToBeUsual(
            figure=figure,
            value=facts.rows / max(facts.per, 1),
            former=facts.former,
            **should(
                "A load far larger or smaller than usual means that a source, a list or a rule has changed.",
                source="beyond three interquartile ranges a value is far out (Tukey, Exploratory Data Analysis, 1977).",
            ),
        ),
        expect_clock_not_to_run_back(facts),
    ]


def expect_clock_not_to_run_back(facts: BatchFacts) -> Expectation:
    """Return the expectation that now is not before the table's newest load."""
    newest = facts.newest_load_at
    return ExpectClockNotToRunBack(
        now=facts.validated_at.isoformat(timespec="seconds"),
        newest=newest.isoformat(timespec="seconds") if newest else None,
        seconds_behind=max((newest - facts.validated_at).total_seconds(), 0.0) if newest else 0.0,
        grace=CLOCK_GRACE.total_seconds(),
        **must(
            "Loads are ordered by time: with a clock that ran back, an older version would replace a newer one.",
            source="own judgement: machines that keep their time are within ten minutes of each other.",
        ),
    )
