"""What may be removed from a data directory, and why: found first, listed, then removed.

Rows of the lake, reviews, quarantine, history and the kept releases are never among it. A file that no manifest names
stays for the grace time after it was first seen so, since somebody may be reading it; one that a kept release or a
candidate pins stays as long as they do, so that each can be built again.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from warehouse import clock
from warehouse.errors import LakeError
from warehouse.files import write_json
from warehouse.lake import EMPTY_FILE
from warehouse.manifests import read_manifest, read_manifest_file
from warehouse.staging import staging_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory

UNREFERENCED_FILE = "unreferenced.json"
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
    """

    path: Path
    why: str
    size: int


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
    known = _read_known(folder / UNREFERENCED_FILE)
    now = clock.now()
    removals, staying = [], {}
    for path in sorted(folder.glob("v*/**/*.parquet")):
        name = path.relative_to(folder).as_posix()
        if path.name == EMPTY_FILE or name in named:
            continue
        since = known.get(name, now.isoformat())
        if now - datetime.fromisoformat(since) >= grace:
            removals.append(_of(path, f"no manifest names it since {since[:10]}"))
        else:
            staying[name] = since
    return removals, staying


def _list_named(data: DataDirectory, table: Table) -> set[str]:
    pinned = (
        *data.releases.glob(f"*/{table.name}.manifest.json"),
        *data.candidates.glob(f"*/{table.name}.manifest.json"),
        *data.releases.glob(f".*/{table.name}.manifest.json"),
    )
    manifests = (read_manifest(data, table), *(read_manifest_file(path, table) for path in pinned))
    return {name for manifest in manifests for entry in manifest.promoted for name in entry.files}


def _read_known(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
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
            remove(removals)
            note = data.raw / table.name / UNREFERENCED_FILE
            if staying or note.exists():
                write_json(note, staying)
            for folder in {one.path.parent for one in removals}:
                if folder.name.startswith("load=") and not any(folder.iterdir()):
                    folder.rmdir()
    return removals


def find_candidates(data: DataDirectory, age: timedelta | None) -> Iterator[Removal]:
    """Yield old candidates; the newest finished one stays, whatever its age. The caller holds the locks."""
    folders = sorted(path for path in data.candidates.glob("*") if path.is_dir())
    finished = [path for path in folders if (path / "inputs.json").exists()]
    for folder in folders:
        if folder not in finished[-1:] and _is_older(folder, age):
            yield _of(folder, f"candidate older than {_tell(age)}")


def find_reports(data: DataDirectory, age: timedelta | None) -> Iterator[Removal]:
    """Yield old pages of validations; their results stay in ``ops.validation_results``."""
    yield from _find_old(data.reports.glob("validation/**/*.html"), age, "report")


def find_logs(data: DataDirectory, age: timedelta | None) -> Iterator[Removal]:
    """Yield old logs of runs, of services and of Airflow's tasks, and old days of lineage."""
    logs = (*data.logs.glob("**/*"), *(data.airflow / "logs").glob("**/*"), *data.lineage.glob("*"))
    yield from _find_old((path for path in logs if path.suffix in (".log", ".json", ".jsonl")), age, "log")


def find_archives(data: DataDirectory, age: timedelta | None) -> Iterator[Removal]:
    """Yield raw responses of old loads, where a setting asks for it."""
    yield from _find_old(data.archive.glob("*/load=*/*.warc.gz"), age, "archived responses")


def find_leftovers(data: DataDirectory, grace: timedelta) -> Iterator[Removal]:
    """Yield files that a killed process wrote aside and never put into place."""
    places = (data.raw, data.ops, data.history, data.quarantine, data.archive, data.reviews, data.reports)
    for place in places:
        aside = (path for path in place.glob("**/.*") if not path.name.endswith(".lock"))
        yield from _find_old(aside, max(grace, _LEAST_AGE_OF_LEFTOVERS), "left by a killed process,")


def remove(removals: Iterable[Removal]) -> None:
    """Remove files and folders; one that is gone already is fine."""
    for one in removals:
        if one.path.is_dir():
            # out of sight in one step: half a folder would look like a whole one
            doomed = one.path.rename(one.path.with_name(f".{one.path.name}.removed"))
            shutil.rmtree(doomed)
        else:
            one.path.unlink(missing_ok=True)


def expire_archives(removals: Iterable[Removal], age: timedelta | None) -> None:
    """Remove archived responses, and leave a note of it in their place."""
    for one in removals:
        note = {"removed": one.path.name, "bytes": one.size, "at": clock.now().isoformat(), "older_than": _tell(age)}
        write_json(one.path.with_name(EXPIRED_FILE), note)
        remove([one])


def _find_old(paths: Iterable[Path], age: timedelta | None, what: str) -> Iterator[Removal]:
    for path in sorted(path for path in paths if path.is_file() and _is_older(path, age)):
        yield _of(path, f"{what} older than {_tell(age)}")


def _is_older(path: Path, age: timedelta | None) -> bool:
    if age is None:
        return False
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False  # a load at work has put it into place
    # a time in the future, after the clock went back, is no age
    return clock.now() - written >= age


def _tell(age: timedelta | None) -> str:
    return "for ever" if age is None else f"{age / timedelta(days=1):g} days"


def _of(path: Path, why: str) -> Removal:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return Removal(path, why, sum(one.stat().st_size for one in files))


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
