"""Releases: a candidate that passed gate 3 becomes the published database in one atomic step."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse import clock, database, ops
from warehouse.contracts import RAW_TABLES
from warehouse.errors import GateError, ReleaseError
from warehouse.files import exclusive, sync_file, write_json
from warehouse.receipts import AuditReceipt, file_sha256

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
    """Make a candidate the published database.

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
        _finish_interrupted(data)
        receipt = AuditReceipt.read(candidate.folder / "receipt.json")
        receipt.require(subject=candidate.subject, fingerprint=candidate.fingerprint)
        _refuse_older_inputs(data, candidate)
        folder, release_id = _write_release(data, candidate, receipt)
        _replace_published(folder / DATABASE_FILE, data.published)
        _finish_release(data, folder, release_id)
        _drop_old_releases(data, keep=settings.kept_releases)
    return read_release(data, release_id)


def is_up_to_date(data: DataDirectory, input_fingerprint: str) -> bool:
    """Whether the published release was built from exactly these inputs."""
    current = current_release_id(data)
    if current is None:
        return False
    manifest = _manifest_of(data, current)
    return bool(manifest and manifest["input_fingerprint"] == input_fingerprint)


def current_release_id(data: DataDirectory) -> str | None:
    """Return the id of the published release, read from the published database itself; None where there is none."""
    if not data.published.exists():
        return None
    newest = database.query(data.published, "select max(release_id) as release_id from ops.releases")
    return newest["release_id"][0].as_py()  # type: ignore[no-any-return]


def list_releases(data: DataDirectory) -> list[Release]:
    """Return the kept releases, newest first."""
    ids = sorted((path.parent.name for path in data.releases.glob(f"[!.]*/{RELEASE_FILE}")), reverse=True)
    return [read_release(data, release_id) for release_id in ids]


def read_release(data: DataDirectory, release_id: str) -> Release:
    """Return one kept release.

    Raises:
        ReleaseError: it isn't kept; the message lists those that are.
    """
    manifest = _manifest_of(data, release_id)
    if manifest is None:
        kept = sorted(path.parent.name for path in data.releases.glob(f"[!.]*/{RELEASE_FILE}"))
        raise ReleaseError(f"no release {release_id} in {data.releases}; kept are: {', '.join(kept) or 'none'}")
    return Release(
        **{**manifest, "warnings": tuple(manifest["warnings"])}, is_current=release_id == current_release_id(data)
    )


def database_of(data: DataDirectory, release_id: str | None) -> Path:
    """Return the database file of a release, or the published one."""
    if release_id is None:
        return data.published
    read_release(data, release_id)
    return data.releases / release_id / DATABASE_FILE


def _write_release(data: DataDirectory, candidate: Candidate, receipt: AuditReceipt) -> tuple[Path, str]:
    moment = clock.now()
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
    sync_file(target)
    for table in RAW_TABLES:
        source = data.raw / table.name / "manifest.json"
        if source.exists():
            shutil.copyfile(source, folder / f"{table.name}.manifest.json")
    if candidate.docs.exists():
        shutil.copyfile(candidate.docs, folder / "dbt_docs.html")
    receipt.write(folder / "receipt.json")
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
    for name in ("loads", "validation_results", "releases"):
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


def _replace_published(source: Path, target: Path) -> None:
    aside = target.with_name(f".{target.name}.next")
    aside.unlink(missing_ok=True)
    os.link(source, aside)
    log = target.with_name(f"{target.name}.wal")
    if log.exists():
        raise ReleaseError(
            f"{log}: somebody wrote to the published database; move the log away, it is for reading only"
        )
    aside.replace(target)


def _finish_release(data: DataDirectory, folder: Path, release_id: str) -> None:
    folder.rename(data.releases / release_id)
    own = database.query(data.published, "select * from ops.releases where release_id = ?", [release_id])
    if release_id not in ops.read(data, "releases")["release_id"].to_pylist():
        ops.append(data, "releases", own.to_pylist())
        ops.append(
            data,
            "loads",
            [{"load_id": release_id, "table_name": "release", "stage": "publish", "outcome": "published"}],
        )


def _finish_interrupted(data: DataDirectory) -> None:
    """Complete the publish of a process that was killed after the swap; clear what one left that was killed before."""
    current = current_release_id(data)
    for folder in sorted(data.releases.glob(f"{_UNFINISHED}*")):
        release_id = folder.name.removeprefix(_UNFINISHED)
        if release_id == current:
            _finish_release(data, folder, release_id)
        else:
            shutil.rmtree(folder)
    if current is not None and current not in ops.read(data, "releases")["release_id"].to_pylist():
        own = database.query(data.published, "select * from ops.releases where release_id = ?", [current])
        ops.append(data, "releases", own.to_pylist())


def _refuse_older_inputs(data: DataDirectory, candidate: Candidate) -> None:
    current = current_release_id(data)
    manifest = _manifest_of(data, current) if current else None
    if manifest is None:
        return
    for name, table in manifest["inputs"]["tables"].items():
        if candidate.inputs["tables"][name]["sequence"] < table["sequence"]:
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


def _drop_old_releases(data: DataDirectory, *, keep: int) -> None:
    current = current_release_id(data)
    kept = sorted((path.parent for path in data.releases.glob(f"[!.]*/{RELEASE_FILE}")), reverse=True)
    for folder in kept[keep:]:
        if folder.name != current:
            shutil.rmtree(folder)


__all__ = [
    "Release",
    "current_release_id",
    "database_of",
    "is_up_to_date",
    "list_releases",
    "publish",
    "read_release",
]
