"""The gates. Here 1 and 2: a staged load is validated, then promoted, or set aside in part or whole.

Gate 3 is in ``candidate_gate``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.candidate_gate import settle_candidate
from expectations.findings import Finding, Subject, Tally, build_crash, conclude, settle_empty
from expectations.history import read_history
from expectations.judgement import LOAD_THRESHOLD, Judgement, Waivers, judge
from warehouse import lake, ops, reviews, waivers
from warehouse.contracts import REVIEWS, raw_table
from warehouse.parquet import iterate_rows
from warehouse.row_quarantine import COUNT_ATTRIBUTE, BadRow, GateRun, set_rows_aside

if TYPE_CHECKING:
    from expectations.findings import Outcome
    from expectations.history import History
    from warehouse.lake import StagedLoad
    from warehouse.receipts import AuditReceipt
    from warehouse.settings import DataDirectory, Settings


@dataclass(frozen=True)
class Validation:
    """What a gate says of a load.

    Attributes:
        receipt: the verdict.
        set_aside: rows that must leave the load before it may pass, by number.
    """

    receipt: AuditReceipt
    set_aside: dict[int, BadRow]


def validate_load(settings: Settings, table: str, load_id: str) -> Validation:
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
    began = time.monotonic()
    staged = lake.read_staged(settings.data, table, load_id)
    source_id = staged.attributes.get("source_id")
    history = read_history(settings.data, staged.table, source_id)
    subject = Subject(staged.subject, staged.fingerprint, load_id, source_id)
    if staged.rows == 0:
        all_set_aside = staged.attributes.get(COUNT_ATTRIBUTE, 0)
        return Validation(settle_empty(settings, subject, _describe_empty(staged, history), all_set_aside), {})
    staged.require_unchanged()
    judgement = _judge(settings, staged)
    tally = Tally(
        rows_in=staged.rows,
        rows_set_aside=len(judgement.set_aside),
        rows_waived=len(judgement.waived),
        seconds=time.monotonic() - began,
        circumstance=_describe_circumstance(staged, history),
    )
    return Validation(conclude(settings, subject, [judgement.outcome], tally=tally), judgement.set_aside)


def settle_load(settings: Settings, table: str, load_id: str) -> AuditReceipt:
    """Validate one staged load, then promote it or set it aside in quarantine; single bad rows alone go there.

    A second gate on the same load, and who stages it anew, wait meanwhile.

    Args:
        settings: settings.
        table: raw table.
        load_id: load in staging.

    Returns:
        The verdict, bound to what was promoted or refused.

    Raises:
        LakeError: the load isn't in staging or its files are damaged.
        ContractError: no raw table has this name.
    """
    with lake.load_lock(settings.data, raw_table(table), load_id):
        return _settle(settings, table, load_id)


def was_settled(data: DataDirectory, table: str, load_id: str) -> bool:
    """Whether a gate let this load pass, by what it told: another run of the same date may have been quicker."""
    if load_id in lake.list_staged(data, table) or lake.is_quarantined(data, table, load_id):
        return False
    told = ops.read(data, "validations", columns=["load_id", "table_name", "verdict"])
    verdicts = told.filter((pc.field("load_id") == load_id) & (pc.field("table_name") == table))["verdict"].to_pylist()
    return bool(verdicts) and verdicts[-1] != "failed"


def _settle(settings: Settings, table: str, load_id: str) -> AuditReceipt:
    data = settings.data
    validation = validate_load(settings, table, load_id)
    receipt = validation.receipt
    staged = lake.read_staged(data, table, load_id)
    if staged.rows == 0:
        lake.settle_empty(data, table, load_id)
    elif not receipt.has_passed:
        lake.quarantine(data, table, load_id, receipt)
    else:
        if validation.set_aside:
            rest = set_rows_aside(
                data, staged, validation.set_aside, GateRun(receipt.validation_id, receipt.report_path)
            )
            # what is left broke nothing: rules of rows hold for each row by itself
            receipt = replace(receipt, fingerprint=rest.fingerprint)
        lake.promote(data, table, load_id, receipt)
        waivers.note_returned(data, staged)
    if staged.table is REVIEWS and receipt.has_passed:
        reviews.drop_superseded(data, load_id)
    return receipt


def _judge(settings: Settings, staged: StagedLoad) -> Judgement:
    name = staged.table.name

    def read_rows(numbers: list[int]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = _take(staged, numbers).to_pylist()
        return rows

    try:
        outcome = _run(settings, staged)
        known = Waivers(staged.table, waivers.read_waivers(settings.data, name), read_rows)
        return judge(outcome, known, LOAD_THRESHOLD, is_reviewed=waivers.REVIEWED_ATTRIBUTE in staged.attributes)
    except MemoryError:
        # it says nothing about the load, which goes on waiting
        raise
    except Exception as error:  # whatever a suite raises, the load must not get through
        return Judgement(build_crash(name, name, staged.rows, error))


def _run(settings: Settings, staged: StagedLoad) -> Outcome:
    # Great Expectations takes seconds to import: only a load with rows pays for it
    from expectations import engine  # noqa: PLC0415
    from expectations.suites import LOAD_SUITES  # noqa: PLC0415

    module = LOAD_SUITES[staged.table.name]
    batch = module.build_batch(settings, staged)
    # what people look a row up by, where that isn't the table's key
    key = getattr(module, "KEY", staged.table.key)
    return engine.run_suite(module.build_suite(batch.facts), batch, table_name=staged.table.name, key=key)


def _take(staged: StagedLoad, numbers: list[int]) -> pa.Table:
    """Read single rows of a load, batch by batch."""
    found, first, wanted = [], 0, iter(sorted(numbers))
    number = next(wanted, None)
    for batch in iterate_rows(staged.table.schema, staged.paths, batch_rows=50_000):
        places = []
        while number is not None and number < first + batch.num_rows:
            places.append(number - first)
            number = next(wanted, None)
        if places:
            found.append(batch.take(pa.array(places, pa.int64())))
        first += batch.num_rows
    return pa.Table.from_batches(found)


def _describe_circumstance(staged: StagedLoad, history: History) -> str | None:
    told = []
    if waivers.RETURNED_ATTRIBUTE in staged.attributes:
        told.append("rows that reviewers released come back")
    elif waivers.REVIEWED_ATTRIBUTE in staged.attributes:
        told.append("a reviewer released the load")
    elif history.is_first:
        told.append("first load ever: there is nothing to compare with")
    elif history.is_first_of_source and staged.attributes.get("source_id"):
        told.append("first load of its source: volume and freshness have nothing to compare with")
    if staged.rows == 1:
        told.append("one row: shares mean nothing")
    return "; ".join(told) or None


def _describe_empty(staged: StagedLoad, history: History) -> Finding | str:
    """Say why nothing came in: a warning where the source has vanished, or all decisions of reviewers have."""
    silence = history.describe_silence() if staged.attributes.get("source_id") else None
    if silence:
        return _warn_of_empty(
            staged,
            "source_has_not_vanished",
            detail=silence,
            reason="A source that fell silent makes a fall of news look like a fall of trade.",
            number_source="own judgement: a month, and ten times the usual pause.",
        )
    if staged.table is REVIEWS and history.former_rows:
        return _warn_of_empty(
            staged,
            "decisions_have_not_vanished",
            detail=f"reviews.csv is gone or empty: the {history.former_rows[0]} decisions that it had are taken back",
            reason="A file that was lost brings rejected claims back.",
            number_source=None,
        )
    return "empty load: nothing new came in"


def _warn_of_empty(
    staged: StagedLoad, expectation: str, *, detail: str, reason: str, number_source: str | None
) -> Finding:
    return Finding(
        suite=staged.table.name,
        table_name=staged.table.name,
        expectation=expectation,
        column=None,
        severity="warning",
        is_success=False,
        unexpected_count=None,
        element_count=None,
        detail=detail,
        reason=reason,
        number_source=number_source,
        action="reported",
    )


__all__ = ["Validation", "settle_candidate", "settle_load", "validate_load"]
