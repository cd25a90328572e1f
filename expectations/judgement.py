"""What follows from a suite's findings for the rows of a load: bad rows are set aside, or the load stops whole."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from expectations.findings import Finding
from warehouse.row_quarantine import BadRow, quarantine_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from expectations.findings import Outcome
    from warehouse.contracts import Table


@dataclass(frozen=True)
class Threshold:
    """How many bad rows a load may have and still go on.

    Attributes:
        share: greatest share of bad rows, 0 to 1.
        few: so many bad rows are always set aside one by one, for a share of few rows means nothing.
        source: where the numbers come from.
    """

    share: float
    few: int
    source: str

    def is_exceeded(self, bad: int, rows: int) -> bool:
        """Whether a load with so many bad rows stops whole; one without a good row always does."""
        return bad > 0 and (bad >= rows or (bad > self.few and bad > self.share * rows))


LOAD_THRESHOLD = Threshold(
    share=0.1,
    few=5,
    source="own judgement: single pages are odd, but when one row in ten is bad, a source or a rule has changed",
)


@dataclass(frozen=True)
class Waivers:
    """What reviewers let pass.

    Attributes:
        table: contract of the rows.
        by_row: expectations waived, by `quarantine_id`.
        read_rows: gives the values of rows, by their numbers.
    """

    table: Table
    by_row: Mapping[str, frozenset[str]]
    read_rows: Callable[[list[int]], list[dict[str, Any]]]

    def find(self, bad: Mapping[int, BadRow]) -> frozenset[int]:
        """Return the bad rows all of whose faults are waived."""
        if not self.by_row or not bad:
            return frozenset()
        numbers = sorted(bad)
        ids = [quarantine_id(self.table, row) for row in self.read_rows(numbers)]
        return frozenset(
            number
            for number, one in zip(numbers, ids, strict=True)
            if bad[number].is_waivable and set(bad[number].expectations) <= self.by_row.get(one, frozenset())
        )


@dataclass(frozen=True)
class Judgement:
    """What is done with the rows of a load.

    Attributes:
        outcome: the suite's outcome, each finding with the action that follows.
        set_aside: rows that go to quarantine, by number; none where the load stops whole.
        waived: rows that pass under a waiver.
    """

    outcome: Outcome
    set_aside: dict[int, BadRow] = field(default_factory=dict)
    waived: frozenset[int] = frozenset()


def judge(outcome: Outcome, waivers: Waivers, threshold: Threshold, *, is_reviewed: bool = False) -> Judgement:
    """Decide between setting rows aside and refusing the load.

    Args:
        outcome: what the suite found.
        waivers: what reviewers let pass.
        threshold: how many bad rows are too many.
        is_reviewed: whether a reviewer released the load, so that only a load without a good row stops.
    """
    bad = _collect(outcome)
    waived = waivers.find(bad)
    left = {number: row for number, row in bad.items() if number not in waived}
    is_structural = any(
        not finding.is_success and finding.severity == "critical" and finding.label not in _labels(outcome)
        for finding in outcome.findings
    )
    is_too_many = len(left) >= outcome.rows > 0 if is_reviewed else threshold.is_exceeded(len(left), outcome.rows)
    is_whole = is_structural or is_too_many
    findings = [_with_action(finding, outcome, waived, is_whole=is_whole) for finding in outcome.findings]
    if is_too_many:
        findings.append(_tell_threshold(outcome, len(left), threshold))
    judged = replace(outcome, findings=tuple(findings))
    return Judgement(judged, {} if is_whole else left, frozenset() if is_whole else waived)


def _labels(outcome: Outcome) -> set[str]:
    return {fault.label for fault in outcome.faults}


def _collect(outcome: Outcome) -> dict[int, BadRow]:
    labels: dict[int, list[str]] = {}
    hard: set[int] = set()
    for fault in outcome.faults:
        numbers = fault.rows.tolist()
        for number in numbers:
            labels.setdefault(number, []).append(fault.label)
        if not fault.is_waivable:
            hard.update(numbers)
    return {number: BadRow(tuple(told), number not in hard) for number, told in sorted(labels.items())}


def _with_action(finding: Finding, outcome: Outcome, waived: frozenset[int], *, is_whole: bool) -> Finding:
    if finding.is_success:
        return finding
    if finding.severity == "warning":
        return replace(finding, action="reported")
    rows = [fault.rows for fault in outcome.faults if fault.label == finding.label]
    if not rows:
        return replace(finding, action="refused")
    pardoned = int(np.isin(rows[0], list(waived)).sum()) if waived else 0
    if pardoned == len(rows[0]):
        return replace(finding, severity="warning", action="waived", detail=f"{finding.detail}; waived by a reviewer")
    return replace(finding, action="refused" if is_whole else "set_aside")


def _tell_threshold(outcome: Outcome, bad: int, threshold: Threshold) -> Finding:
    limit = f"more than {threshold.share:.0%}" if bad < outcome.rows else "no good row is left"
    return Finding(
        suite=outcome.suite,
        table_name=outcome.table_name,
        expectation="bad_rows_within_threshold",
        column=None,
        severity="critical",
        is_success=False,
        unexpected_count=bad,
        element_count=outcome.rows,
        detail=f"{bad} of {outcome.rows} rows are bad, {limit}: the load stops whole",
        reason="So many bad rows mean that the load as a whole can't be trusted.",
        number_source=threshold.source,
        action="refused",
    )
