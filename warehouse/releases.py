"""Releases: a candidate that passed gate 3 becomes the published database in one atomic step."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from warehouse import clock, database, ops
from warehouse.contracts import RAW_TABLES
from warehouse.errors import GateError, ReleaseError
from warehouse.files import exclusive, place, sync, write_json
from warehouse.receipts import RECEIPT_FILE, AuditReceipt, file_sha256

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from warehouse.build import Candidate
    from warehouse.settings import DataDirectory, Settings

RELEASE_FILE = "release.json"
DATABASE_FILE = "armsledger.duckdb"
_UNFINISHED = ".writing-"


@dataclass(frozen=True)
class Release:
    """One published release.

    Attributes:
        release_id: release; sorts by time.
        published_at: ISO 8601, UTC.
        code_version: version of the project that built it.
        input_fingerprint: hash of everything it was built from.
        inputs: loads of each raw table, the dbt project's hash.
        row_counts: rows by ``schema.table``.
        warnings: warnings of gate 3.
        is_current: whether the published database is this release.
    """

    release_id: str
    published_at: str
    code_version: str
    input_fingerprint: str
    inputs: dict[str, Any]
    row_counts: dict[str, int]
    warnings: tuple[str, ...]
    is_current: bool


def publish(settings: Settings, candidate: Candidate) -> Release:
    """Make a candidate the published database; one that is published already stays so.

    The release is written aside in full; replacing the published file is the one step that counts. A process
    killed before it leaves the old release current; one killed after it is completed by the next publish.

    Args:
        settings: settings.
        candidate: candidate with a passing receipt in its folder.

    Raises:
        GateError: gate 3 hasn't passed exactly this file, or the published release is built from newer loads.
        ReleaseError: the new database would be incomplete.
    """
    data = settings.data
    with exclusive(data.warehouse / ".publish.lock"):
        _refuse_log(data.published)
        current = current_release_id(data)
        _finish_interrupted(data, current)
        receipt = AuditReceipt.read(candidate.folder / RECEIPT_FILE)
        receipt.require(subject=candidate.subject, fingerprint=candidate.fingerprint)
        if current is not None and _is_made_from(data, current, receipt):
            _drop_old_releases(data, keep=settings.kept_releases, current=current)
            return read_release(data, current)
        _refuse_older_inputs(data, candidate, current)
        folder, release_id = _write_release(data, candidate, receipt, newest=max([*_kept_ids(data), current or ""]))
        _refuse_log(data.published)
        place(folder / DATABASE_FILE, data.published)
        _finish_release(data, folder, release_id)
        _drop_old_releases(data, keep=settings.kept_releases, current=release_id)
    return read_release(data, release_id)


def is_up_to_date(data: DataDirectory, input_fingerprint: str) -> bool:
    """Whether the published release was built from exactly these inputs, and its publishing ran to its end."""
    current = current_release_id(data)
    if current is None or not (data.releases / current).is_dir():
        return False
    manifest = _manifest_of(data, current)
    return bool(manifest and manifest["input_fingerprint"] == input_fingerprint)


def current_release_id(data: DataDirectory) -> str | None:
    """Return the id of the published release, read from the published database itself; None where there is none.

    Raises:
        ReleaseError: the published database is damaged, or somebody has opened it for writing.
    """
    if not data.published.exists():
        return None
    try:
        newest = database.query(data.published, "select max(release_id) as release_id from ops.releases")
    except ReleaseError as error:
        raise ReleaseError(
            f"{error}. If a program has it open for writing, end it; if the file is damaged, move it away: "
            f"the kept releases are in {data.releases}, and python -m warehouse publish makes a new one"
        ) from error
    return newest["release_id"][0].as_py()  # type: ignore[no-any-return]


def list_releases(data: DataDirectory) -> list[Release]:
    """Return the kept releases, newest first."""
    current = current_release_id(data)
    return [_as_release(data, release_id, current) for release_id in reversed(_kept_ids(data))]


def read_release(data: DataDirectory, release_id: str) -> Release:
    """Return one kept release.

    Raises:
        ReleaseError: it isn't kept; the message lists those that are.
    """
    return _as_release(data, release_id, current_release_id(data))


def database_of(data: DataDirectory, release_id: str | None) -> Path:
    """Return the database file of a release, or the published one."""
    if release_id is None:
        return data.published
    read_release(data, release_id)
    return data.releases / release_id / DATABASE_FILE


def _kept_ids(data: DataDirectory) -> list[str]:
    return sorted(path.parent.name for path in data.releases.glob(f"[!.]*/{RELEASE_FILE}"))


def _as_release(data: DataDirectory, release_id: str, current: str | None) -> Release:
    manifest = _manifest_of(data, release_id)
    if manifest is None:
        kept = ", ".join(_kept_ids(data)) or "none"
        raise ReleaseError(f"no release {release_id} in {data.releases}; kept are: {kept}")
    return Release(**{**manifest, "warnings": tuple(manifest["warnings"])}, is_current=release_id == current)


def _next_moment(newest: str) -> datetime:
    """Return now, or the second after the newest release where the clock isn't past it: ids must sort by time."""
    if not newest:
        return clock.now()
    taken = datetime.strptime(newest.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return max(clock.now(), taken + timedelta(seconds=1))


def _write_release(
    data: DataDirectory, candidate: Candidate, receipt: AuditReceipt, *, newest: str
) -> tuple[Path, str]:
    moment = _next_moment(newest)
    release_id = f"{clock.compact(moment)}-{candidate.inputs['fingerprint'][:8]}"
    folder = data.releases / f"{_UNFINISHED}{release_id}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target = folder / DATABASE_FILE
    shutil.copyfile(candidate.database, target)
    if file_sha256(target) != receipt.fingerprint:
        raise GateError(f"{candidate.subject}: the content changed while it was copied; run the gate again")
    counts = database.count_rows(target, ("marts",))
    row = {
        "release_id": release_id,
        "published_at": moment,
        "code_version": candidate.inputs["code_version"],
        "input_fingerprint": candidate.inputs["fingerprint"],
        "articles": counts.get("marts.dim_articles", 0),
        "claims": counts.get("marts.fct_transfer_claims", 0),
        "deals": counts.get("marts.fct_deals", 0),
        "warnings": len(receipt.warnings),
    }
    with database.write_database(target) as connection:
        _bring_ops_up_to_date(connection, data, ops.as_rows("releases", [row]))
    target.chmod(0o444)
    sync(target)
    for table in RAW_TABLES:
        source = candidate.manifest(table.name)
        if source.exists():
            shutil.copyfile(source, folder / source.name)
    if candidate.docs.exists():
        shutil.copyfile(candidate.docs, folder / "dbt_docs.html")
    receipt.write(folder / RECEIPT_FILE)
    write_json(
        folder / RELEASE_FILE,
        {
            "release_id": release_id,
            "published_at": moment.isoformat(),
            "code_version": row["code_version"],
            "input_fingerprint": row["input_fingerprint"],
            "inputs": candidate.inputs,
            "row_counts": database.count_rows(target, ("marts", "ops")),
            "warnings": list(receipt.warnings),
        },
    )
    return folder, release_id


def _bring_ops_up_to_date(connection: duckdb.DuckDBPyConnection, data: DataDirectory, release: pa.Table) -> None:
    """Add to schema ``ops`` what happened after dbt read it: gate 3's own results, and this release's row."""
    for name in ("loads", "validations", "validation_results", "releases"):
        rows = ops.read(data, name)
        key = ops.ops_table(name).key
        connection.register("facts", rows)
        connection.execute(
            f"insert into ops.{name} by name select * from facts where {key} not in (select {key} from ops.{name})"
        )
        connection.unregister("facts")
    connection.register("facts", release)
    connection.execute("insert into ops.releases by name select * from facts")
    connection.unregister("facts")


def _refuse_log(published: Path) -> None:
    log = published.with_name(f"{published.name}.wal")
    if log.exists():
        raise ReleaseError(
            f"{log}: somebody wrote to the published database, which is for reading only; end that program and "
            "move the log away"
        )


def _finish_release(data: DataDirectory, folder: Path, release_id: str) -> None:
    folder.rename(data.releases / release_id)
    sync(data.releases)
    _note_release(data, release_id)


def _note_release(data: DataDirectory, release_id: str) -> None:
    # read from the release's own file: where this process has the published path open, DuckDB shows it the old one
    own = database.query(
        data.releases / release_id / DATABASE_FILE, "select * from ops.releases where release_id = ?", [release_id]
    )
    ops.append(data, "releases", own.to_pylist(), once=f"published-{release_id}")
    fact = {"load_id": release_id, "table_name": "release", "stage": "publish", "outcome": "published"}
    ops.append(data, "loads", [fact], once=f"published-{release_id}")


def _finish_interrupted(data: DataDirectory, current: str | None) -> None:
    """Complete the publish of a process that was killed after the swap; clear what one left that was killed before."""
    for folder in sorted(data.releases.glob(f"{_UNFINISHED}*")):
        release_id = folder.name.removeprefix(_UNFINISHED)
        if release_id == current:
            _finish_release(data, folder, release_id)
        else:
            shutil.rmtree(folder)
    if current is not None and (data.releases / current / DATABASE_FILE).exists():
        _note_release(data, current)


def _is_made_from(data: DataDirectory, release_id: str, receipt: AuditReceipt) -> bool:
    path = data.releases / release_id / RECEIPT_FILE
    if not path.exists():
        return False
    known = AuditReceipt.read(path)
    return (known.subject, known.fingerprint) == (receipt.subject, receipt.fingerprint)


def _refuse_older_inputs(data: DataDirectory, candidate: Candidate, current: str | None) -> None:
    manifest = _manifest_of(data, current) if current else None
    if manifest is None:
        return
    known = candidate.inputs["tables"]
    for name, table in manifest["inputs"]["tables"].items():
        if name in known and known[name]["sequence"] < table["sequence"]:
            raise GateError(
                f"{candidate.subject} was built from older loads of {name} than release {current}; "
                "run python -m warehouse build again"
            )


def _manifest_of(data: DataDirectory, release_id: str) -> dict[str, Any] | None:
    for folder in (data.releases / release_id, data.releases / f"{_UNFINISHED}{release_id}"):
        path = folder / RELEASE_FILE
        if path.is_file():
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return document
    return None


def _drop_old_releases(data: DataDirectory, *, keep: int, current: str) -> None:
    for release_id in _kept_ids(data)[:-keep]:
        if release_id != current:
            # out of sight in one step; the next publish clears what a killed one leaves of it
            doomed = (data.releases / release_id).rename(data.releases / f"{_UNFINISHED}{release_id}")
            shutil.rmtree(doomed)


__all__ = [
    "Release",
    "current_release_id",
    "database_of",
    "is_up_to_date",
    "list_releases",
    "publish",
    "read_release",
]
