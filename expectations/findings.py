"""What the checks of a gate found, and how that becomes a verdict."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from expectations import pages
from warehouse import clock, ops
from warehouse.errors import ArmsledgerError
from warehouse.receipts import AuditReceipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from warehouse.settings import Settings

Severity = Literal["critical", "warning"]
Tool = Literal["great_expectations", "dbt"]
Action = Literal["refused", "set_aside", "waived", "reported"]


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
        reason: why the expectation is there.
        number_source: where its number comes from.
        action: what followed where it did not hold.
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
    reason: str | None = None
    number_source: str | None = None
    action: Action | None = None

    @property
    def label(self) -> str:
        """Name of the expectation with its columns, as quarantine and waivers have it."""
        return f"{self.expectation}({self.column or ''})"

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
class RowFault:
    """Rows that broke one critical expectation.

    Attributes:
        label: the expectation, as `Finding.label` has it.
        rows: numbers of the rows in the batch, from 0.
        is_waivable: whether a reviewer may let such a row pass.
    """

    label: str
    rows: np.ndarray
    is_waivable: bool


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
        faults: rows that broke critical expectations.
    """

    suite: str
    table_name: str
    rows: int
    findings: tuple[Finding, ...]
    sections: str
    summary: dict[str, Any]
    faults: tuple[RowFault, ...] = ()


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
        source_id: source of an articles load, or None.
    """

    name: str
    fingerprint: str
    load_id: str
    source_id: str | None = None

    @property
    def table_name(self) -> str:
        """Table of the load, or ``candidate``."""
        return self.name.partition("/")[0]


@dataclass(frozen=True)
class Tally:
    """What a validation counted.

    Attributes:
        rows_in: rows that were validated.
        rows_set_aside: rows that go to quarantine while the rest passes.
        rows_waived: rows that pass under a waiver.
        seconds: duration.
        circumstance: what was special about the load, in plain words, or None.
    """

    rows_in: int
    rows_set_aside: int = 0
    rows_waived: int = 0
    seconds: float = 0.0
    circumstance: str | None = None


def conclude(
    settings: Settings,
    subject: Subject,
    outcomes: Sequence[Outcome],
    *,
    tally: Tally,
    other_findings: Sequence[Finding] = (),
) -> AuditReceipt:
    """Issue the verdict: record each result in ``ops.validation_results`` and write the report.

    A report that can't be written doesn't change the verdict; it becomes a warning.

    Args:
        settings: settings.
        subject: what was validated.
        outcomes: the suites that ran, at least one.
        tally: what was counted.
        other_findings: results of other tools, dbt's for instance.
    """
    moment = clock.now()
    validation_id = f"{clock.compact(moment)}-{uuid.uuid4().hex[:8]}"
    # what dbt couldn't build explains what the suites miss, so it is told first
    findings = [
        _with_default_action(finding)
        for finding in (*other_findings, *(finding for outcome in outcomes for finding in outcome.findings))
    ]
    report_path: str | None = pages.page_path(subject.name, validation_id)
    grouped = {
        action: [finding for finding in findings if finding.action == action]
        for action in ("refused", "set_aside", "waived", "reported")
    }
    refused, aside, told = grouped["refused"], grouped["set_aside"], [*grouped["waived"], *grouped["reported"]]
    page = pages.Page(
        subject=subject.name,
        validation_id=validation_id,
        issued_at=moment,
        verdict="failed" if refused else "passed",
        failures=_as_page_lines(refused),
        set_aside=_as_page_lines(aside),
        warnings=_as_page_lines(told),
        checks=len(findings),
        tally=tally,
        parts=_order_parts(outcomes),
        summary=[outcome.summary for outcome in outcomes],
    )
    complaints = []
    try:
        pages.write_page(settings.data, page)
    except Exception as error:  # a report is for the reader, the verdict must stand without it
        report_path = None
        complaints.append(f"the report could not be written: {type(error).__name__}: {error}")
    receipt = AuditReceipt(
        subject=subject.name,
        fingerprint=subject.fingerprint,
        validation_id=validation_id,
        verdict=page.verdict,
        failures=_as_lines(refused, report_path),
        warnings=(*_as_lines(told, report_path), *complaints),
        report_path=report_path,
        issued_at=moment.isoformat(),
        set_aside=_as_lines(aside, report_path),
        rows_set_aside=tally.rows_set_aside,
    )
    _record(settings, subject, receipt, findings, tally)
    return receipt


def settle_empty(
    settings: Settings, subject: Subject, circumstance: Finding | str, rows_set_aside: int = 0
) -> AuditReceipt:
    """Pass a load without rows, and record why nothing came in; Great Expectations isn't needed for that.

    Args:
        settings: settings.
        subject: the load.
        circumstance: what is special about it, in plain words, or a warning.
        rows_set_aside: rows that an earlier gate took out of it.
    """
    moment = clock.now()
    findings = [circumstance] if isinstance(circumstance, Finding) else []
    receipt = AuditReceipt(
        subject=subject.name,
        fingerprint=subject.fingerprint,
        validation_id=f"{clock.compact(moment)}-{uuid.uuid4().hex[:8]}",
        verdict="passed",
        failures=(),
        warnings=_as_lines(findings, None),
        report_path=None,
        issued_at=moment.isoformat(),
        rows_set_aside=rows_set_aside,
    )
    told = circumstance if isinstance(circumstance, str) else f"empty load: {circumstance.detail}"
    _record(settings, subject, receipt, findings, Tally(0, circumstance=told))
    return receipt


def _record(
    settings: Settings, subject: Subject, receipt: AuditReceipt, findings: Sequence[Finding], tally: Tally
) -> None:
    broken = [finding for finding in findings if not finding.is_success]
    critical = sum(finding.severity == "critical" for finding in broken)
    ops.append(
        settings.data,
        "validation_results",
        [_as_fact(finding, receipt.validation_id, subject.load_id) for finding in findings],
    )
    fact = {
        "validation_id": receipt.validation_id,
        "load_id": subject.load_id,
        "table_name": subject.table_name,
        "source_id": subject.source_id,
        "verdict": _name_verdict(receipt, tally),
        "circumstance": tally.circumstance,
        "rows_in": tally.rows_in,
        "rows_out": tally.rows_in - tally.rows_set_aside if receipt.has_passed else 0,
        "rows_quarantined": tally.rows_set_aside if receipt.has_passed else tally.rows_in,
        "rows_waived": tally.rows_waived,
        "checks": len(findings),
        "failures": critical,
        "warnings": len(receipt.warnings),
        "seconds": tally.seconds,
        "report_path": receipt.report_path,
    }
    ops.append(settings.data, "validations", [fact])


def _name_verdict(receipt: AuditReceipt, tally: Tally) -> str:
    if not receipt.has_passed:
        return "failed"
    if tally.rows_in == 0 and not receipt.report_path:
        return "empty" if not receipt.warnings else "warned"
    if tally.rows_set_aside:
        return "rows_set_aside"
    return "warned" if receipt.warnings else "passed"


def _with_default_action(finding: Finding) -> Finding:
    if finding.is_success or finding.action:
        return finding
    return replace(finding, action="refused" if finding.severity == "critical" else "reported")


def _as_lines(findings: Sequence[Finding], report_path: str | None) -> tuple[str, ...]:
    lines = [finding.as_line(report_path) for finding in findings if not finding.is_consequence]
    untold = len(findings) - len(lines)
    if untold:
        lines.append(f"{untold} further checks could not run because of other failures; see ops.validation_results")
    return tuple(lines)


def _as_page_lines(findings: Sequence[Finding]) -> tuple[pages.Line, ...]:
    told = [finding for finding in findings if not finding.is_consequence]
    reasons = [finding.reason for finding in told] + [None] * (len(findings) > len(told))
    return tuple(pages.Line(text, why) for text, why in zip(_as_lines(findings, None), reasons, strict=True))


def _order_parts(outcomes: Sequence[Outcome]) -> tuple[pages.Part, ...]:
    """Put suites in which something did not hold first: a candidate has dozens, and they fill many screens."""
    ordered = sorted(outcomes, key=lambda outcome: all(finding.is_success for finding in outcome.findings))
    return tuple(pages.Part(outcome.suite, outcome.rows, outcome.sections) for outcome in ordered)


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
        "suite": finding.suite,
        "action": finding.action,
        "reason": finding.reason,
        "number_source": finding.number_source,
    }
