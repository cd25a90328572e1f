"""Gate 3: a candidate's marts and dbt's own test results, before anything is published."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from expectations.batch import Batch, BatchFacts
from expectations.comparisons import LakeOfCandidate
from expectations.findings import Finding, Outcome, Subject, Tally, build_crash, conclude
from expectations.marts import MartBatch, list_batches
from expectations.seed_gate import settle_seeds
from warehouse import build, clock, ops, releases
from warehouse.receipts import RECEIPT_FILE

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse.build import Candidate, TestResult
    from warehouse.receipts import AuditReceipt
    from warehouse.settings import Settings


def settle_candidate(settings: Settings, build_id: str | None = None, *, allow_fall: bool = False) -> AuditReceipt:
    """Validate a candidate and leave the receipt in its folder, where ``publish`` looks for it.

    A suite that crashes, a mart that is missing and a critical dbt test that failed all refuse the candidate.

    Args:
        settings: settings.
        build_id: build, or None for the newest.
        allow_fall: let it pass although it has lost most of the rows of the published release.

    Raises:
        BuildError: there is no such candidate, or its dbt results are missing.
    """
    candidate = build.read_candidate(settings, build_id)
    receipt = _validate(settings, candidate, allow_fall=allow_fall)
    receipt.write(candidate.folder / RECEIPT_FILE, storage=settings.data.storage)
    if not receipt.has_passed:
        fact = {
            "load_id": candidate.build_id,
            "table_name": "candidate",
            "stage": "gate",
            "outcome": "failed",
            "reason": "; ".join(receipt.failures)[:2000],
        }
        ops.append(settings.data, "loads", [fact])
    return receipt


def _validate(settings: Settings, candidate: Candidate, *, allow_fall: bool) -> AuditReceipt:
    began = time.monotonic()
    fingerprint = candidate.fingerprint
    tests = build.read_test_results(candidate)
    published = releases.find_published(settings.data)
    try:
        source = LakeOfCandidate(settings.data, candidate)
        batches = list_batches(candidate.database, published, source=source)
        outcomes = [_run(batch, allow_fall=allow_fall) for batch in batches]
    except Exception as error:  # whatever goes wrong, the candidate must not get through
        outcomes = [build_crash("marts", "candidate", 0, error)]
    subject = Subject(candidate.subject, fingerprint, candidate.build_id)
    tally = Tally(
        rows_in=sum(outcome.rows for outcome in outcomes),
        seconds=time.monotonic() - began,
        circumstance=None if published else "first release ever: there is none to compare with",
    )
    others = [*(_as_finding(test) for test in tests), *_check_seeds(settings)]
    return conclude(settings, subject, outcomes, tally=tally, other_findings=others)


def _check_seeds(settings: Settings) -> list[Finding]:
    """Return one finding: whether the reference seeds, which the candidate is built with, have passed their gate."""
    try:
        receipt = settle_seeds(settings)
        detail = "; ".join((*receipt.failures, *receipt.set_aside))[:1000]
    except Exception as error:  # seeds that can't be validated must not be published
        return list(build_crash("seeds", "seeds", 0, error).findings)
    return [
        Finding(
            suite="seeds",
            table_name="seeds",
            expectation="seeds_have_passed_their_gate",
            column=None,
            severity="critical",
            is_success=not detail,
            unexpected_count=None,
            element_count=None,
            detail=detail,
            reason="Names, codes and rates of the candidate are those of the seeds.",
        )
    ]


def _run(batch: MartBatch, *, allow_fall: bool) -> Outcome:
    suite_name = f"marts.{batch.name}"
    rows: pa.Table | None = None
    try:
        # Great Expectations takes seconds to import: importing this module must not
        from expectations import engine  # noqa: PLC0415
        from expectations.suites import marts  # noqa: PLC0415

        rows = batch.read()
        suite = marts.build_suite(batch, rows.schema, allow_fall=allow_fall)
        facts = BatchFacts(load_id=batch.name, rows=rows.num_rows, validated_at=clock.now())
        return engine.run_suite(
            suite, Batch.of_table(facts, rows), table_name=batch.name, key=batch.key or rows.column_names[0]
        )
    except Exception as error:  # whatever a suite raises, the candidate must not get through
        return build_crash(suite_name, batch.name, rows.num_rows if rows is not None else 0, error)


def _as_finding(test: TestResult) -> Finding:
    # dbt says nothing of what it skips below a model that failed
    is_skipped = not test.is_success and test.message is None and test.failures is None
    return Finding(
        suite=f"dbt.{test.model}",
        table_name=test.model,
        expectation=test.name,
        column=test.column,
        severity=test.severity,
        is_success=test.is_success,
        unexpected_count=test.failures,
        element_count=None,
        detail="" if test.is_success else " ".join((test.message or "dbt could not run it").split())[:500],
        tool="dbt",
        is_consequence=is_skipped,
    )
