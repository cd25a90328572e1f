"""The gates. Here 1 and 2: a staged load is validated, then promoted or set aside; gate 3 is in ``candidate_gate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.candidate_gate import settle_candidate
from expectations.findings import Subject, build_crash, conclude
from warehouse import clock, lake
from warehouse.receipts import AuditReceipt

if TYPE_CHECKING:
    import pyarrow as pa

    from expectations.findings import Outcome
    from warehouse.lake import StagedLoad
    from warehouse.settings import Settings


def validate_load(settings: Settings, table: str, load_id: str) -> AuditReceipt:
    """Validate one staged load and record the results; the load stays where it is.

    A suite that crashes counts as failed. A load without rows passes: there is nothing to validate.

    Args:
        settings: settings.
        table: raw table.
        load_id: load in staging.

    Raises:
        LakeError: the load isn't in staging (promoted, quarantined, never staged) or its files are damaged.
        ContractError: no raw table has this name.
    """
    staged = lake.read_staged(settings.data, table, load_id)
    if staged.rows == 0:
        return _pass_empty(staged)
    rows = staged.read()
    subject = Subject(staged.subject, staged.fingerprint, load_id)
    return conclude(settings, subject, [_run(settings, staged, rows)])


def settle_load(settings: Settings, table: str, load_id: str) -> AuditReceipt:
    """Validate one staged load, then promote it or set it aside in quarantine.

    Args:
        settings: settings.
        table: raw table.
        load_id: load in staging.

    Raises:
        LakeError: the load isn't in staging or its files are damaged.
        ContractError: no raw table has this name.
    """
    receipt = validate_load(settings, table, load_id)
    if lake.read_staged(settings.data, table, load_id).rows == 0:
        lake.settle_empty(settings.data, table, load_id)
    elif receipt.has_passed:
        lake.promote(settings.data, table, load_id, receipt)
    else:
        lake.quarantine(settings.data, table, load_id, receipt)
    return receipt


def _run(settings: Settings, staged: StagedLoad, rows: pa.Table) -> Outcome:
    name = staged.table.name
    try:
        # Great Expectations takes seconds to import: only a load with rows pays for it
        from expectations import engine  # noqa: PLC0415
        from expectations.suites import LOAD_SUITES  # noqa: PLC0415

        module = LOAD_SUITES[name]
        batch = module.build_batch(settings, staged, rows)
        return engine.run_suite(module.build_suite(batch.facts), batch.rows, table_name=name, key=staged.table.key)
    except Exception as error:  # whatever a suite raises, the load must not get through
        return build_crash(name, name, rows.num_rows, error)


def _pass_empty(staged: StagedLoad) -> AuditReceipt:
    return AuditReceipt(
        subject=staged.subject,
        fingerprint=staged.fingerprint,
        validation_id=f"{clock.compact(clock.now())}-empty",
        verdict="passed",
        failures=(),
        warnings=(),
        report_path=None,
        issued_at=clock.now().isoformat(),
    )


__all__ = ["settle_candidate", "settle_load", "validate_load"]
