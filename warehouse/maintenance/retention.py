"""What may be removed from a data directory, and why: found first, listed, then removed.

Rows of the lake, reviews, quarantine, history and the kept releases are never among it. A file that no manifest names
stays for the grace time after it was first seen so, since somebody may be reading it; one that a kept release or a
candidate pins stays as long as they do, so that each can be built again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from warehouse import clock
from warehouse.errors import LakeError
from warehouse.lake import EMPTY_FILE
from warehouse.manifests import read_manifest, read_manifest_file
from warehouse.staging import staging_lock
from warehouse.storage.base import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory

UNREFERENCED_FILE = "unreferenced.json"
FINISHED_FILE = "inputs.json"
"""A candidate is finished when it has this one."""
EXPIRED_FILE = "expired.json"
"""Left in the place of a load's responses, so that the load isn't taken for one that was never read."""
_LEAST_AGE_OF_LEFTOVERS = timedelta(days=1)
"""A file that is being written is younger; no single file takes a day."""


@dataclass(frozen=True)
class Removal:
    """One thing to remove.

    Attributes:
        path: file or folder.
        why: reason, in words.
        size: bytes.
        is_here: whether it lies on this machine alone, also where the data directory is a bucket.
    """

    path: Path
    why: str
    size: int
    is_here: bool = False


def find_unreferenced(data: DataDirectory, table: Table, grace: timedelta) -> tuple[list[Removal], dict[str, str]]:
    """Return a raw table's files that nothing names for longer than the grace time.

    The caller holds the table's `staging_lock` and the locks of builds and of publishing: no promotion or build is
    between finding its files and naming them.

    Returns:
        Files to remove, and for each unreferenced file that stays since when it is, ISO 8601, UTC.

    Raises:
        LakeError: a manifest is damaged, so that nobody knows what it names; nothing is removed then.
    """
    folder = data.raw / table.name
    named = _list_named(data, table)
    known = _read_known(data, folder / UNREFERENCED_FILE)
    now = clock.now()
    removals, staying = [], {}
    for kept in data.storage.list_files(folder, "v*/*.parquet"):
        name = kept.path.relative_to(folder).as_posix()
        if kept.path.name == EMPTY_FILE or name in named:
            continue
        since = known.get(name, now.isoformat())
        if now - datetime.fromisoformat(since) >= grace:
            removals.append(Removal(kept.path, f"no manifest names it since {since[:10]}", kept.size))
        else:
            staying[name] = since
    return removals, staying


def _list_named(data: DataDirectory, table: Table) -> set[str]:
    pinned = {
        folder / name
        for folder in (data.releases, data.candidates)
        for name in data.storage.names(folder, f"*/{table.name}.manifest.json")
    }
    data.storage.fetch(pinned)
    pinned.update(data.releases.glob(f".*/{table.name}.manifest.json"))  # one that is being written here
    manifests = (read_manifest(data, table), *(read_manifest_file(path, table) for path in pinned))
    return {name for manifest in manifests for entry in manifest.promoted for name in entry.files}


def _read_known(data: DataDirectory, path: Path) -> dict[str, str]:
    content = data.storage.read(path)
    try:
        return {} if content is None else dict(json.loads(content))
    except (ValueError, TypeError) as error:
        raise LakeError(f"{path}: not readable ({error}); remove it: the grace time then begins anew") from error


def remove_unreferenced(data: DataDirectory, table: Table, grace: timedelta, *, is_dry_run: bool) -> list[Removal]:
    """Remove a raw table's files that nothing names any more; the caller holds the locks of builds and publishing.

    Raises:
        LakeError: as `find_unreferenced` does.
    """
    with staging_lock(data, table):
        removals, staying = find_unreferenced(data, table, grace)
        if not is_dry_run:
            remove(data, removals)
            note = data.raw / table.name / UNREFERENCED_FILE
            if staying or data.storage.exists(note):
                data.storage.write_json(note, staying)
            for folder in {one.path.parent for one in removals}:
                if folder.name.startswith("load=") and folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
    return removals


def find_candidates(data: DataDirectory, age: timedelta | None) -> Iterator[Removal]:
    """Yield old candidates; the newest finished one stays, whatever its age. The caller holds the locks."""
    finished = [name.split("/")[0] for name in data.storage.names(data.candidates, f"*/{FINISHED_FILE}")]
    for folder, written_at, size in _list_candidates(data):
        if folder.name not in finished[-1:] and _is_past(written_at, age):
            yield Removal(folder, f"candidate older than {_tell(age)}", size)


def _list_candidates(data: DataDirectory) -> Iterator[tuple[Path, datetime, int]]:
    """Yield each candidate with when it was last written and its bytes; on a disk an empty one is a folder, too."""
    files: dict[Path, list[Kept]] = {}
    for kept in data.storage.list_files(data.candidates, "*/*"):
        files.setdefault(data.candidates / kept.path.relative_to(data.candidates).parts[0], []).append(kept)
    if not data.storage.is_remote:
        for folder in (path for path in data.candidates.glob("*") if path.is_dir()):
            written_at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            files[folder] = [replace(kept, written_at=written_at) for kept in files.get(folder, ())]
            files[folder].append(Kept(folder, 0, written_at))
    for folder, found in sorted(files.items()):
        yield folder, max(kept.written_at for kept in found), sum(kept.size for kept in found)


def find_reports(data: DataDirectory, age: timedelta | None) -> Iterator[Removal]:
    """Yield old pages of validations; their results stay in ``ops.validation_results``."""
    yield from _find_kept(data.storage.list_files(data.reports, "validation/*.html"), age, "report")


def find_logs(data: DataDirectory, age: timedelta | None) -> Iterator[Removal]:
    """Yield old logs of runs, of services and of Airflow's tasks, and old days of lineage."""
    logs = (*data.logs.glob("**/*"), *(data.airflow / "logs").glob("**/*"), *data.lineage.glob("*"))
    yield from _find_old((path for path in logs if path.suffix in (".log", ".json", ".jsonl")), age, "log")


def find_archives(data: DataDirectory, age: timedelta | None) -> Iterator[Removal]:
    """Yield raw responses of old loads, where a setting asks for it."""
    yield from _find_kept(data.storage.list_files(data.archive, "*/load=*/*.warc.gz"), age, "archived responses")


def find_leftovers(data: DataDirectory, grace: timedelta) -> Iterator[Removal]:
    """Yield files that a killed process wrote aside and never put into place."""
    places = (data.raw, data.ops, data.history, data.quarantine, data.archive, data.reviews, data.reports)
    for place in places:
        aside = (path for path in place.glob("**/.*") if not path.name.endswith(".lock"))
        yield from _find_old(aside, max(grace, _LEAST_AGE_OF_LEFTOVERS), "left by a killed process,")


def remove(data: DataDirectory, removals: Iterable[Removal]) -> None:
    """Remove files and folders; one that is gone already is fine."""
    for one in removals:
        if one.is_here:
            one.path.unlink(missing_ok=True)
        elif one.path.is_relative_to(data.candidates):
            # out of sight in one step: half a folder would look like a whole one
            data.storage.remove_folder(one.path, marker=FINISHED_FILE)
        else:
            data.storage.remove(one.path)


def expire_archives(data: DataDirectory, removals: Iterable[Removal], age: timedelta | None) -> None:
    """Remove archived responses, and leave a note of it in their place."""
    for one in removals:
        note = {"removed": one.path.name, "bytes": one.size, "at": clock.now().isoformat(), "older_than": _tell(age)}
        data.storage.write_json(one.path.with_name(EXPIRED_FILE), note)
        remove(data, [one])


def _find_kept(found: Iterable[Kept], age: timedelta | None, what: str) -> Iterator[Removal]:
    for kept in found:
        if _is_past(kept.written_at, age):
            yield Removal(kept.path, f"{what} older than {_tell(age)}", kept.size)


def _find_old(paths: Iterable[Path], age: timedelta | None, what: str) -> Iterator[Removal]:
    for path in sorted(path for path in paths if path.is_file() and _is_older(path, age)):
        yield Removal(path, f"{what} older than {_tell(age)}", path.stat().st_size, is_here=True)


def _is_older(path: Path, age: timedelta | None) -> bool:
    if age is None:
        return False
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False  # a load at work has put it into place
    return _is_past(written, age)


def _is_past(written_at: datetime, age: timedelta | None) -> bool:
    # a time in the future, after the clock went back, is no age
    return age is not None and clock.now() - written_at >= age


def _tell(age: timedelta | None) -> str:
    return "for ever" if age is None else f"{age / timedelta(days=1):g} days"


__all__ = [
    "EXPIRED_FILE",
    "Removal",
    "expire_archives",
    "find_archives",
    "find_candidates",
    "find_leftovers",
    "find_logs",
    "find_reports",
    "remove",
    "remove_unreferenced",
]
