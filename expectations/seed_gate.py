"""The gate of the reference seeds: they belong to the code, so they are validated when they or their suites change."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.batch import Batch, BatchFacts
from expectations.findings import Subject, Tally, build_crash, conclude
from warehouse import clock
from warehouse.errors import GateError
from warehouse.receipts import AuditReceipt, file_sha256
from warehouse.reference import read_seed
from warehouse.settings import SEEDS as SEED_FOLDER

if TYPE_CHECKING:
    from expectations.findings import Outcome
    from expectations.suites.seeds import Seed
    from warehouse.settings import Settings

SEEDS_RECEIPT = "seeds_receipt.json"
RULES = Path(__file__).parent
"""Suites lean on the expectations, pairs and wording beside them: a change of any is a reason to look again."""


def settle_seeds(settings: Settings) -> AuditReceipt:
    """Validate all reference seeds, unless exactly these have passed exactly these suites before.

    Args:
        settings: settings; the receipt is kept in ``warehouse/seeds_receipt.json``.
    """
    path = settings.data.warehouse / SEEDS_RECEIPT
    fingerprint = _fingerprint()
    try:
        known = AuditReceipt.read(path)
        if known.has_passed and known.fingerprint == fingerprint:
            return known
    except GateError:
        pass  # none yet, or damaged: the seeds are validated again
    began = time.monotonic()
    # Great Expectations takes seconds to import
    from expectations.suites.seeds import SEEDS  # noqa: PLC0415

    outcomes = [_run(seed) for seed in SEEDS]
    version = fingerprint[:12]
    tally = Tally(rows_in=sum(outcome.rows for outcome in outcomes), seconds=time.monotonic() - began)
    receipt = conclude(settings, Subject(f"seeds/{version}", fingerprint, version), outcomes, tally=tally)
    receipt.write(path)
    return receipt


def _run(seed: Seed) -> Outcome:
    from expectations import engine  # noqa: PLC0415
    from expectations.suites import seeds  # noqa: PLC0415

    name = f"seeds.{seed.name}"
    try:
        rows = seeds.build_rows(seed, read_seed(seed.name))
        facts = BatchFacts(load_id=seed.name, rows=rows.num_rows, validated_at=clock.now())
        batch = Batch.of_table(facts, rows)
        return engine.run_suite(seeds.build_suite(seed), batch, table_name=seed.name, key=seeds.KEY)
    except Exception as error:  # whatever a suite raises, the seeds must not get through
        return build_crash(name, seed.name, 0, error)


def _fingerprint() -> str:
    lines = [
        f"{path.name} {file_sha256(path)}"
        for path in (*sorted(SEED_FOLDER.glob("*.csv")), *sorted(RULES.rglob("*.py")))
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
