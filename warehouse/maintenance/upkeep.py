"""One run of maintenance: small files are put together, what nobody needs is removed, and both are told."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from warehouse import clock, lake
from warehouse.contracts import RAW_TABLES
from warehouse.errors import ArmsledgerError, LakeError
from warehouse.files import write_json
from warehouse.maintenance import merging, retention
from warehouse.maintenance.compaction import Compacted, compact_table
from warehouse.maintenance.retention import Removal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.maintenance.merging import Merge
    from warehouse.maintenance.settings import Upkeep
    from warehouse.settings import DataDirectory


@dataclass
class Outcome:
    """What a run of maintenance did, or would do.

    Attributes:
        is_dry_run: whether nothing was changed.
        compacted: loads whose rows moved into one file.
        merged: files of facts and history that became one.
        removed: what was removed.
        problems: what could not be done, one line each; the rest was done all the same.
    """

    is_dry_run: bool
    compacted: list[Compacted] = field(default_factory=list)
    merged: list[Merge] = field(default_factory=list)
    removed: list[Removal] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def maintain(data: DataDirectory, upkeep: Upkeep, *, is_dry_run: bool = False) -> Outcome:
    """Compact the lake and remove what nobody needs any more, beside whoever reads or loads at the time.

    A table that can't be done, since a file of it is damaged, is told among the problems; the others go on. Killed at
    any point, the next run goes on.

    Raises:
        LakeError: another maintenance of this data directory is running.
    """
    lake.initialise(data)
    outcome = Outcome(is_dry_run)
    with _alone(data):
        for table in RAW_TABLES:
            with _told(outcome):
                outcome.compacted += compact_table(data, table, upkeep, is_dry_run=is_dry_run)
        for folder in merging.list_folders(data):
            with _told(outcome):
                _merge(data, folder, upkeep, outcome)
        _remove_pinned(data, upkeep, outcome)
        _remove_old(data, upkeep, outcome)
        if not is_dry_run:
            _write_list(data, outcome)
    return outcome


def describe(data: DataDirectory, outcome: Outcome) -> Iterator[str]:
    """Yield what was done, or would be, one line for each thing and one for the sum."""
    told = "would be " if outcome.is_dry_run else ""
    for one in outcome.compacted:
        made = f", now {one.made}" if one.made else ""
        what = f"{len(one.files)} files of {len(one.loads)} loads, {one.rows:,} rows"
        yield f"raw/{one.table}: {told}compacted: {what}{made}"
    for merge in outcome.merged:
        made = f", now {merge.made}" if merge.made else ""
        yield f"{merge.folder.relative_to(data.root)}: {told}merged: {len(merge.files)} files{made}"
    for removal in outcome.removed:
        yield f"{removal.path.relative_to(data.root)}: {told}removed: {removal.why}, {removal.size:,} bytes"
    freed = sum(removal.size for removal in outcome.removed) / 2**20
    yield f"{len(outcome.removed)} {told}removed, {freed:,.1f} MiB; {len(outcome.problems)} problems"


@contextlib.contextmanager
def _alone(data: DataDirectory) -> Iterator[None]:
    busy = f"another maintenance of {data.address()} is running; wait until it has ended"
    with data.storage.exclusive(data.root / ".maintain.lock", busy=busy):
        yield


@contextlib.contextmanager
def _told(outcome: Outcome) -> Iterator[None]:
    try:
        yield
    except LakeError as error:
        outcome.problems.append(str(error))


def _merge(data: DataDirectory, folder: merging.Folder, upkeep: Upkeep, outcome: Outcome) -> None:
    covered = merging.list_covered(folder, upkeep.grace)
    removals = [Removal(path, "its rows are in a merged file", path.stat().st_size) for path in covered]
    outcome.removed += removals
    if not outcome.is_dry_run:
        # the index is written before the files go, and names them still
        merging.forget_covered(folder, covered)
        retention.remove(data, removals)
    merged = merging.merge_folder(folder, upkeep, is_dry_run=outcome.is_dry_run)
    if merged:
        outcome.merged.append(merged)


def _remove_pinned(data: DataDirectory, upkeep: Upkeep, outcome: Outcome) -> None:
    """Remove old candidates and files that no manifest names, while no build or publish may be about to name them."""
    with contextlib.ExitStack() as locks, _told_busy(outcome):
        for name, what in ((".build.lock", "a build"), (".publish.lock", "a publish")):
            busy = f"{what} is running, so no candidate and no file of raw/ was removed this time"
            locks.enter_context(data.storage.exclusive(data.warehouse / name, busy=busy))
        candidates = list(retention.find_candidates(data, upkeep.candidates))
        _remove(data, outcome, candidates)
        for table in RAW_TABLES:
            with _told(outcome):
                outcome.removed += retention.remove_unreferenced(
                    data, table, upkeep.grace, is_dry_run=outcome.is_dry_run
                )


@contextlib.contextmanager
def _told_busy(outcome: Outcome) -> Iterator[None]:
    try:
        yield
    except ArmsledgerError as error:
        outcome.problems.append(str(error))


def _remove_old(data: DataDirectory, upkeep: Upkeep, outcome: Outcome) -> None:
    _remove(data, outcome, list(retention.find_reports(data, upkeep.reports)))
    _remove(data, outcome, list(retention.find_logs(data, upkeep.logs)))
    _remove(data, outcome, list(retention.find_leftovers(data, upkeep.grace)))
    archives = list(retention.find_archives(data, upkeep.archives))
    outcome.removed += archives
    if not outcome.is_dry_run:
        retention.expire_archives(data, archives, upkeep.archives)


def _remove(data: DataDirectory, outcome: Outcome, removals: list[Removal]) -> None:
    outcome.removed += removals
    if not outcome.is_dry_run:
        retention.remove(data, removals)


def _write_list(data: DataDirectory, outcome: Outcome) -> Path | None:
    """Keep the list of what was done among the logs, where something was."""
    if not (outcome.compacted or outcome.merged or outcome.removed):
        return None
    path = data.logs / f"maintenance-{clock.compact(clock.now())}.json"
    root = data.root
    write_json(
        path,
        {
            "compacted": [
                {"table": one.table, "made": one.made, "rows": one.rows, "loads": one.loads, "files": one.files}
                for one in outcome.compacted
            ],
            "merged": [
                {"folder": str(one.folder.relative_to(root)), "made": one.made, "files": one.files}
                for one in outcome.merged
            ],
            "removed": [
                {"path": str(one.path.relative_to(root)), "why": one.why, "bytes": one.size} for one in outcome.removed
            ],
            "problems": outcome.problems,
        },
    )
    return path


__all__ = ["Outcome", "maintain"]
