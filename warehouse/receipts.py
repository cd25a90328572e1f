"""The verdict of a gate, bound to the exact content that it validated."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from warehouse.errors import GateError
from warehouse.storage import LOCAL

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.storage import Storage

RECEIPT_FILE = "receipt.json"
"""Where a receipt lies, in the folder of what it is about."""
Verdict = Literal["passed", "failed"]


@dataclass(frozen=True)
class AuditReceipt:
    """What a gate says about a load or a candidate. Promotion and publishing refuse without a passing one.

    Attributes:
        subject: ``<table>/load=<id>`` or ``candidate/<build id>``.
        fingerprint: sha256 of the content that was validated.
        validation_id: run of the gate, as in ``ops.validation_results``.
        verdict: passed or failed; a crash of the suite is failed.
        failures: critical expectations that didn't hold, one line each.
        warnings: other expectations that didn't hold, one line each.
        report_path: report relative to the data directory, or None.
        issued_at: ISO 8601, UTC.
        set_aside: critical expectations that single rows broke, which were set aside while the rest passed.
        rows_set_aside: number of these rows.
    """

    subject: str
    fingerprint: str
    validation_id: str
    verdict: Verdict
    failures: tuple[str, ...]
    warnings: tuple[str, ...]
    report_path: str | None
    issued_at: str
    set_aside: tuple[str, ...] = ()
    rows_set_aside: int = 0

    @property
    def has_passed(self) -> bool:
        """Whether the content may go on."""
        return self.verdict == "passed"

    def require(self, *, subject: str, fingerprint: str) -> None:
        """Check that this receipt lets exactly this content pass.

        Raises:
            GateError: it is for something else, for other content, or not a pass.
        """
        if self.subject != subject:
            raise GateError(f"{subject}: the receipt is for {self.subject}; run the gate on it")
        if self.fingerprint != fingerprint:
            raise GateError(f"{subject}: the content has changed since the gate saw it; run the gate again")
        if not self.has_passed:
            raise GateError(f"{subject}: the gate refused it: {'; '.join(self.failures)}")

    def write(self, path: Path, *, storage: Storage = LOCAL) -> None:
        """Write the receipt as JSON, in one step."""
        storage.write_json(path, dataclasses.asdict(self))

    @classmethod
    def read(cls, path: Path) -> AuditReceipt:
        """Read a receipt.

        Raises:
            GateError: the file is missing or isn't a receipt.
        """
        try:
            fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            lists = ("failures", "warnings", "set_aside")
            fields |= {name: tuple(fields.get(name, ())) for name in lists}
            return cls(**fields)
        except FileNotFoundError as error:
            raise GateError(f"{path}: no receipt; run the gate first (python -m expectations)") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise GateError(f"{path}: not a receipt ({error}); run the gate again") from error


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
