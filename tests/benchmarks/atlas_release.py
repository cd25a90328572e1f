"""A published release of any number of deals, with a register beside the news: what the atlas's benchmark looks at."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from claims_lake import CLAIMS_PER_DEAL, write_lake
from register_files import generate_old

from extract.trade_registers.importing import import_register
from warehouse import build, lake, releases
from warehouse.receipts import RECEIPT_FILE, AuditReceipt
from warehouse.settings import DataDirectory, Settings

if TYPE_CHECKING:
    from warehouse.lake import StagedLoad

DEALS_PER_REGISTER_DEAL = 5
"""SIPRI's register has some 25,000 deals since 1950; so many stand beside 100,000 of the news."""


def publish_release(root: Path, deals: int) -> Settings:
    """Build and publish a release of at least so many deals in an empty folder.

    The gates are left out: they have benchmarks of their own, and generated claims have no articles to quote.

    Args:
        root: data directory.
        deals: deals of the news.
    """
    settings = Settings(DataDirectory(root), root / "sources.toml")
    write_lake(settings.data, deals * CLAIMS_PER_DEAL)
    with tempfile.TemporaryDirectory() as folder:
        for edition in ("2023", "2024"):
            path = Path(folder) / f"register-{edition}.csv"
            path.write_text(generate_old(deals // DEALS_PER_REGISTER_DEAL, seed=int(edition)), encoding="iso-8859-1")
            load_id = import_register(settings, "sipri", path, edition=edition).load_id
            staged = lake.read_staged(settings.data, "register_deliveries", load_id)
            lake.promote(settings.data, "register_deliveries", load_id, _pass(staged))
    candidate = build.build(settings)
    _pass(candidate).write(candidate.folder / RECEIPT_FILE)
    releases.publish(settings, candidate)
    return settings


def _pass(subject: StagedLoad | build.Candidate) -> AuditReceipt:
    moment = "2026-01-01T00:00:00+00:00"
    return AuditReceipt(subject.subject, subject.fingerprint, "v", "passed", (), (), None, moment)
