"""What the checks of a gate found, and how that becomes a verdict."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from expectations import pages
from warehouse import clock, ops
from warehouse.errors import ArmsledgerError
from warehouse.receipts import AuditReceipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.settings import Settings

Severity = Literal["critical", "warning"]
Tool = Literal["great_expectations", "dbt"]


@dataclass(frozen=True)
class Finding:
    """The result of one expectation or one dbt test.

    Attributes:
        suite: suite, or the dbt model.
        table_name: table or model that was checked.
        expectation: expectation type, or name of the dbt test.
        column: column, or columns with commas between, or None for a whole table.
        severity: critical stops the load, warning is reported.
        is_success: whether it held.
        unexpected_count: rows that broke it, or None where it isn't about rows.
        element_count: rows that were checked, or None.
        detail: what was observed or which keys failed; empty where all is well.
        tool: what checked.
        is_consequence: whether it could not be checked because of another failure; told in sum, recorded one by one.
    """

    suite: str
    table_name: str
    expectation: str
    column: str | None
    severity: Severity
    is_success: bool
    unexpected_count: int | None
    element_count: int | None
    detail: str
    tool: Tool = "great_expectations"
    is_consequence: bool = False

    def as_line(self, report_path: str | None) -> str:
        """Say in one line what failed, on which rows, and where to read more."""
        where = f"({self.column})" if self.column else ""
        rows = ""
        if self.unexpected_count is not None:
            total = f" of {self.element_count}" if self.element_count is not None else ""
            noun = "row" if self.unexpected_count == 1 and not total else "rows"
            rows = f" {self.unexpected_count}{total} {noun};"
        link = f" [{report_path}]" if report_path else ""
        return f"{self.suite}: {self.expectation}{where}:{rows} {self.detail or 'did not hold'}{link}"


@dataclass(frozen=True)
class Outcome:
    """One suite's run over one table.

    Attributes:
        suite: suite.
        table_name: table that was checked.
        rows: rows that were checked.
        findings: one for each expectation.
        sections: the expectations as HTML, written by Great Expectations' own renderers; empty after a crash.
        summary: the results at level SUMMARY, JSON values; empty after a crash.
    """

    suite: str
    table_name: str
    rows: int
    findings: tuple[Finding, ...]
    sections: str
    summary: dict[str, Any]


def build_crash(suite: str, table_name: str, rows: int, error: BaseException) -> Outcome:
    """Turn a crash of a suite into a failed outcome; the exception's text becomes the detail."""
    text = " ".join(str(error).split())[:500]
    kind = "could not run" if isinstance(error, ArmsledgerError) else f"crashed: {type(error).__name__}"
    finding = Finding(
        suite=suite,
        table_name=table_name,
        expectation="suite_runs",
        column=None,
        severity="critical",
        is_success=False,
        unexpected_count=None,
        element_count=rows,
        detail=f"the suite {kind}: {text}",
    )
    return Outcome(suite, table_name, rows, (finding,), "", {})


@dataclass(frozen=True)
class Subject:
    """What a gate looks at.

    Attributes:
        name: ``<table>/load=<id>`` or ``candidate/<build id>``, as in the receipt.
        fingerprint: sha256 of the content.
        load_id: load or build, as in ``ops``.
    """

    name: str
    fingerprint: str
    load_id: str


def conclude(
    settings: Settings, subject: Subject, outcomes: Sequence[Outcome], *, other_findings: Sequence[Finding] = ()
) -> AuditReceipt:
    """Issue the verdict: record each result in ``ops.validation_results`` and write the report.

    A report that can't be written doesn't change the verdict; it becomes a warning.

    Args:
        settings: settings.
        subject: what was validated.
        outcomes: the suites that ran, at least one.
        other_findings: results of other tools, dbt's for instance.
    """
    moment = clock.now()
    validation_id = f"{clock.compact(moment)}-{uuid.uuid4().hex[:8]}"
    # what dbt couldn't build explains what the suites miss, so it is told first
    findings = [*other_findings, *(finding for outcome in outcomes for finding in outcome.findings)]
    ops.append(
        settings.data, "validation_results", [_as_fact(finding, validation_id, subject.load_id) for finding in findings]
    )
    report_path: str | None = pages.page_path(subject.name, validation_id)
    failed = [finding for finding in findings if not finding.is_success]
    critical = [finding for finding in failed if finding.severity == "critical"]
    warning = [finding for finding in failed if finding.severity == "warning"]
    page = pages.Page(
        subject=subject.name,
        validation_id=validation_id,
        issued_at=moment,
        verdict="failed" if critical else "passed",
        failures=_as_lines(critical, None),
        warnings=_as_lines(warning, None),
        checks=len(findings),
        parts=tuple(pages.Part(outcome.suite, outcome.rows, outcome.sections) for outcome in outcomes),
        summary=[outcome.summary for outcome in outcomes],
    )
    complaints = []
    try:
        pages.write_page(settings.data, page)
    except Exception as error:  # a report is for the reader, the verdict must stand without it
        report_path = None
        complaints.append(f"the report could not be written: {type(error).__name__}: {error}")
    return AuditReceipt(
        subject=subject.name,
        fingerprint=subject.fingerprint,
        validation_id=validation_id,
        verdict=page.verdict,
        failures=_as_lines(critical, report_path),
        warnings=(*_as_lines(warning, report_path), *complaints),
        report_path=report_path,
        issued_at=moment.isoformat(),
    )


def _as_lines(findings: Sequence[Finding], report_path: str | None) -> tuple[str, ...]:
    lines = [finding.as_line(report_path) for finding in findings if not finding.is_consequence]
    untold = len(findings) - len(lines)
    if untold:
        lines.append(f"{untold} further checks could not run because of other failures; see ops.validation_results")
    return tuple(lines)


def _as_fact(finding: Finding, validation_id: str, load_id: str) -> dict[str, Any]:
    return {
        "validation_id": validation_id,
        "load_id": load_id,
        "table_name": finding.table_name,
        "tool": finding.tool,
        "expectation": finding.expectation,
        "column_name": finding.column,
        "severity": finding.severity,
        "is_success": finding.is_success,
        "unexpected_count": finding.unexpected_count,
        "element_count": finding.element_count,
        "detail": finding.detail or None,
    }
