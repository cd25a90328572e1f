"""Releases: a candidate that passed gate 3 becomes the published database in one atomic step."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from warehouse import clock, database, history, ops
from warehouse.contracts import RAW_TABLES
from warehouse.disk import full_disk_as
from warehouse.errors import GateError, ReleaseError
from warehouse.files import sync, write_json
from warehouse.mart_files import write_mart_files
from warehouse.receipts import RECEIPT_FILE, AuditReceipt, file_sha256
from warehouse.shelf import DATABASE_FILE, RELEASE_FILE, UNFINISHED, open_shelf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from warehouse.build import Candidate
    from warehouse.settings import DataDirectory, Settings

_OPS_MOMENTS = {
    "loads": "occurred_at",
    "validations": "occurred_at",
    "validation_results": "occurred_at",
    "releases": "published_at",
}
"""Table of schema ``ops`` that changes between a build and its release -> column that tells when."""


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
        GateError: gate 3 hasn't passed exactly this file, or the published release is built from newer loads, or
            another release was published since the candidate was built.
        ReleaseError: the new database would be incomplete, or the disk is full.
    """
    data = settings.data
    shelf = open_shelf(data)
    with data.storage.exclusive(data.warehouse / ".publish.lock"):
        _refuse_log(data.published)
        current = shelf.current_id()
        _finish_interrupted(data)
        receipt = AuditReceipt.read(candidate.folder / RECEIPT_FILE)
        receipt.require(subject=candidate.subject, fingerprint=candidate.fingerprint)
        if current is not None and _is_made_from(data, current, receipt):
            _drop_old_releases(data, keep=settings.kept_releases, current=current)
            return read_release(data, current)
        if "rebuilt" in candidate.inputs:
            raise GateError(
                f"{candidate.subject} was built again from what release {candidate.inputs['rebuilt']} pins, to compare "
                "with it; run python -m warehouse build for one that can be published"
            )
        _refuse_older_inputs(data, candidate, current)
        _refuse_older_history(data, candidate)
        with full_disk_as(ReleaseError, data.releases), _cleared_on_failure(data):
            folder, release_id = _write_release(
                data, candidate, receipt, newest=max([*shelf.kept_ids(), current or ""])
            )
        _refuse_log(data.published)
        shelf.make_current(folder, release_id, instead_of=current)
        _tell_release(data, release_id)
        _drop_old_releases(data, keep=settings.kept_releases, current=release_id)
    return read_release(data, release_id)


def roll_back(data: DataDirectory, release_id: str) -> Release:
    """Make a kept release the published one again, older or newer, in one step; the others stay kept.

    What the releases since then said stays in the lake's history, so that their keys resolve in later releases. The
    same inputs aren't built again; the next change of the lake or of the models brings a new release.

    Args:
        data: data directory.
        release_id: a kept release.

    Raises:
        ReleaseError: it isn't kept, or its database is damaged.
    """
    shelf = open_shelf(data)
    with data.storage.exclusive(data.warehouse / ".publish.lock"):
        _refuse_log(data.published)
        current = shelf.current_id()
        _finish_interrupted(data)
        _as_release(data, release_id, current)
        if current != release_id:
            _require_own_database(data, release_id)
            # told first: killed in between, the fact stands for the attempt
            fact = {
                "load_id": release_id,
                "table_name": "release",
                "stage": "publish",
                "outcome": "rolled_back",
                "reason": f"in place of {current or 'none'}",
            }
            ops.append(data, "loads", [fact])
            shelf.bring_back(release_id, instead_of=current)
    return read_release(data, release_id)


def finish_interrupted(data: DataDirectory) -> None:
    """Complete a publish that was killed after the swap; its changes are in the lake's history then.

    Raises:
        ReleaseError: as `current_release_id` does.
    """
    with data.storage.exclusive(data.warehouse / ".publish.lock"):
        _finish_interrupted(data)


def is_up_to_date(data: DataDirectory, input_fingerprint: str) -> bool:
    """Whether there is nothing to build: the published release was built from exactly these inputs.

    A release that was cut off while it was published doesn't count. One that was rolled back does: building it again
    would bring back what somebody has just taken away.
    """
    shelf = open_shelf(data)
    current = shelf.current_id()
    if current is None or not shelf.is_finished(current):
        return False
    manifest = _manifest_of(data, current)
    if manifest and manifest["input_fingerprint"] == input_fingerprint:
        return True
    told = ops.read(data, "releases").select(["release_id", "input_fingerprint"]).to_pylist()
    return any(row["release_id"] > current and row["input_fingerprint"] == input_fingerprint for row in told)


def current_release_id(data: DataDirectory) -> str | None:
    """Return the id of the published release; None where there is none.

    Raises:
        ReleaseError: the published database is damaged, or somebody has opened it for writing.
    """
    return open_shelf(data).current_id()


def find_published(data: DataDirectory) -> Path | None:
    """Return the published database as a file of this machine, for reading only; None before the first release.

    Raises:
        ReleaseError: its release isn't there any more.
        StorageError: it can't be brought here.
    """
    return open_shelf(data).find_published()


def list_releases(data: DataDirectory) -> list[Release]:
    """Return the kept releases, newest first."""
    shelf = open_shelf(data)
    current = shelf.current_id()
    return [_as_release(data, release_id, current) for release_id in reversed(shelf.kept_ids())]


def read_release(data: DataDirectory, release_id: str) -> Release:
    """Return one kept release.

    Raises:
        ReleaseError: it isn't kept; the message lists those that are.
    """
    return _as_release(data, release_id, current_release_id(data))


def database_of(data: DataDirectory, release_id: str | None) -> Path:
    """Return the database file of a release, or the published one, on this machine; before the first, its place."""
    if release_id is None:
        return find_published(data) or data.published
    read_release(data, release_id)
    path = data.releases / release_id / DATABASE_FILE
    data.storage.fetch([path])
    return path


def _as_release(data: DataDirectory, release_id: str, current: str | None) -> Release:
    manifest = _manifest_of(data, release_id)
    if manifest is None:
        kept = ", ".join(open_shelf(data).kept_ids()) or "none"
        raise ReleaseError(f"no release {release_id} in {data.storage.address(data.releases)}; kept are: {kept}")
    return Release(**{**manifest, "warnings": tuple(manifest["warnings"])}, is_current=release_id == current)


def _write_release(
    data: DataDirectory, candidate: Candidate, receipt: AuditReceipt, *, newest: str
) -> tuple[Path, str]:
    moment = clock.after(newest.partition("-")[0]) if newest else clock.now()
    release_id = f"{clock.compact(moment)}-{candidate.inputs['fingerprint'][:8]}"
    folder = data.releases / f"{UNFINISHED}{release_id}"
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
        history.name_release(connection, candidate.folder, folder, release_id)
    target.chmod(0o444)
    sync(target)
    for table in RAW_TABLES:
        source = candidate.manifest(table.name)
        if source.exists():
            shutil.copyfile(source, folder / source.name)
    if candidate.docs.exists():
        shutil.copyfile(candidate.docs, folder / "dbt_docs.html")
    write_mart_files(target, folder)
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


@contextlib.contextmanager
def _cleared_on_failure(data: DataDirectory) -> Iterator[None]:
    """Remove what a failure leaves of a release that isn't published: on a full disk its room is needed."""
    try:
        yield
    except Exception:
        for folder in data.releases.glob(f"{UNFINISHED}*"):
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _bring_ops_up_to_date(connection: duckdb.DuckDBPyConnection, data: DataDirectory, release: pa.Table) -> None:
    """Add to schema ``ops`` what happened after dbt read it: gate 3's own results, and this release's row."""
    for name, moment in _OPS_MOMENTS.items():
        ((newest,),) = connection.execute(f"select epoch_ms(max({moment})) from ops.{name}").fetchall()
        rows = ops.read(data, name, since=datetime.fromtimestamp(newest / 1000, UTC) if newest is not None else None)
        key = ops.ops_table(name).key
        connection.register("facts", rows)
        connection.execute(
            f"insert into ops.{name} by name select * from facts where {key} not in (select {key} from ops.{name})"
        )
        connection.unregister("facts")
    connection.register("facts", release)
    connection.execute("insert into ops.releases by name select * from facts")
    connection.unregister("facts")


def _require_own_database(data: DataDirectory, release_id: str) -> None:
    path = data.releases / release_id / DATABASE_FILE
    data.storage.fetch([path])
    (newest,) = database.query(path, "select max(release_id) as release_id from ops.releases").to_pylist()
    if newest["release_id"] != release_id:
        raise ReleaseError(f"{path} holds release {newest['release_id']}; restore the file, or choose another release")


def _refuse_log(published: Path) -> None:
    log = published.with_name(f"{published.name}.wal")
    if log.exists():
        raise ReleaseError(
            f"{log}: somebody wrote to the published database, which is for reading only; end that program and "
            "move the log away"
        )


def _tell_release(data: DataDirectory, release_id: str) -> None:
    """Tell the changes and the facts of a release that is published; telling them again changes nothing."""
    data.storage.fetch([data.releases / release_id / DATABASE_FILE])
    history.append_changes(data, data.releases / release_id, release_id)
    _note_release(data, release_id)
    open_shelf(data).finish(release_id)


def _note_release(data: DataDirectory, release_id: str) -> None:
    # read from the release's own file: where this process has the published path open, DuckDB shows it the old one
    own = database.query(
        data.releases / release_id / DATABASE_FILE, "select * from ops.releases where release_id = ?", [release_id]
    )
    ops.append(data, "releases", own.to_pylist(), once=f"published-{release_id}")
    fact = {"load_id": release_id, "table_name": "release", "stage": "publish", "outcome": "published"}
    ops.append(data, "loads", [fact], once=f"published-{release_id}")


def _finish_interrupted(data: DataDirectory) -> None:
    """Complete the publish of a process that was killed after the swap; clear what one left that was killed before."""
    for release_id in open_shelf(data).settle_interrupted():
        _tell_release(data, release_id)


def _is_made_from(data: DataDirectory, release_id: str, receipt: AuditReceipt) -> bool:
    path = data.releases / release_id / RECEIPT_FILE
    data.storage.fetch([path])
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


def _refuse_older_history(data: DataDirectory, candidate: Candidate) -> None:
    newest, known = history.newest_release(data), candidate.inputs.get("history")
    if newest != known:
        raise GateError(
            f"{candidate.subject} was built after release {known or 'none'}, but {newest} was published since, and "
            "keys of deals and restatements follow from the release before; run python -m warehouse build again"
        )


def _manifest_of(data: DataDirectory, release_id: str) -> dict[str, Any] | None:
    for folder in open_shelf(data).folders_of(release_id):
        path = folder / RELEASE_FILE
        data.storage.fetch([path])
        if path.is_file():
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return document
    return None


def _drop_old_releases(data: DataDirectory, *, keep: int, current: str) -> None:
    shelf = open_shelf(data)
    shelf.drop([release_id for release_id in shelf.kept_ids()[:-keep] if release_id != current])


__all__ = [
    "Release",
    "current_release_id",
    "database_of",
    "find_published",
    "finish_interrupted",
    "is_up_to_date",
    "list_releases",
    "publish",
    "read_release",
    "roll_back",
]
