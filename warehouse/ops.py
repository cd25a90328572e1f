"""Facts about runs: every stage appends, dbt reads them into schema ``ops`` of the published database."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse import appended, clock
from warehouse.contracts import OPS_TABLES
from warehouse.errors import ContractError
from warehouse.observing import runs
from warehouse.observing.facts import tell
from warehouse.parquet import read_rows, write_empty, write_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory


EMPTY_FILE = "0-empty.parquet"
CLOCK_MARGIN = timedelta(days=1)
"""Files this much older are read, too, where facts since a moment are asked for: machines' clocks differ."""
_MOMENT = "%Y%m%dT%H%M%S%fZ"


def ops_table(name: str) -> Table:
    """Return the contract of an ops table.

    Raises:
        ContractError: no ops table has this name.
    """
    for table in OPS_TABLES:
        if table.name == name:
            return table
    raise ContractError(f"no ops table {name!r}; there are: {', '.join(t.name for t in OPS_TABLES)}")


def as_rows(name: str, facts: Sequence[dict[str, Any]]) -> pa.Table:
    """Shape facts as rows of an ops table; event, moment and run are filled in where absent.

    Args:
        name: ops table.
        facts: one dict per row; nullable columns may be left out.

    Raises:
        ContractError: a fact has an unknown field, lacks one that must be told, or has a value that the contract
            doesn't allow. No gate comes after this one, so values are checked here.
    """
    table = ops_table(name)
    names = {column.name for column in table.columns}
    filled, run = [], runs.current()
    for fact in facts:
        row: dict[str, Any] = dict.fromkeys(names)
        if "event_id" in names:
            row["event_id"] = uuid.uuid4().hex
        if "occurred_at" in names:
            row["occurred_at"] = clock.now()
        if "run_id" in names and run is not None:
            row["run_id"], row["task"] = run.run_id, run.task
        unknown = fact.keys() - names
        if unknown:
            raise ContractError(f"ops.{name}: unknown fields {sorted(unknown)}")
        row.update(fact)
        absent = [c.name for c in table.columns if not c.nullable and row[c.name] is None]
        if absent:
            raise ContractError(f"ops.{name}: fields {absent} must be told")
        for column in table.columns:
            if column.allowed and row[column.name] is not None and row[column.name] not in column.allowed:
                raise ContractError(
                    f"ops.{name}.{column.name}: {row[column.name]!r} is none of {', '.join(column.allowed)}; "
                    "the contract is warehouse/contracts/ops.py"
                )
        filled.append(row)
    try:
        return pa.Table.from_pylist(filled, schema=table.schema)
    except (pa.ArrowException, OverflowError) as error:
        raise ContractError(f"ops.{name}: a field has the wrong type: {error}") from error


def append(data: DataDirectory, name: str, facts: Sequence[dict[str, Any]], *, once: str | None = None) -> None:
    """Append facts to an ops table, as one Parquet file that appears whole.

    Args:
        data: data directory.
        name: ops table.
        facts: as for `as_rows`; none writes nothing.
        once: names the event; if it was told before, nothing is written, so that a step that was killed can run again.

    Raises:
        ContractError: as `as_rows` does.
    """
    if not facts:
        return
    rows = as_rows(name, facts)
    folder = data.ops / name
    file = f"{_next_moment(data, folder)}-{once or uuid.uuid4().hex[:12]}.parquet"
    if once is not None:
        file = data.storage.claim(folder, once, file)
        if _was_told(data, folder / file, once):
            return
    write_rows(folder / file, rows, storage=data.storage)
    tell(data, name, rows.to_pylist())


def _was_told(data: DataDirectory, path: Path, once: str) -> bool:
    # the file first: one that compaction merges in between is in the index by then
    return data.storage.exists(path) or any(
        once in merged.holds for merged in appended.read_index(path.parent, storage=data.storage).merged
    )


def _next_moment(data: DataDirectory, folder: Path) -> str:
    """Return now, or what follows the newest file where the clock isn't past it: names must sort as facts came."""
    now = f"{clock.now():{_MOMENT}}"
    newest = max((name.partition("-")[0] for name in data.storage.names(folder, "[1-9]*.parquet")), default="")
    if now > newest:
        return now
    return f"{datetime.strptime(newest, _MOMENT) + timedelta(microseconds=1):{_MOMENT}}"


def event_of(path: Path) -> str | None:
    """Return the name of the event that a file tells once; None where it was told without a name."""
    event = path.stem.partition("-")[2]
    return None if not event or re.fullmatch("[0-9a-f]{12}", event) else event


def files(data: DataDirectory, name: str, *, since: datetime | None = None) -> list[Path]:
    """Return the Parquet files of an ops table, oldest first; the first one always exists and has no rows.

    Args:
        data: data directory.
        name: ops table.
        since: only files that may have facts of this moment or later. A file's name begins with the moment at which
            its newest fact was appended.
    """
    folder = data.ops / name
    empty = folder / EMPTY_FILE
    write_empty(empty, ops_table(name).schema, storage=data.storage)
    first = f"{(since - CLOCK_MARGIN).astimezone(UTC):{_MOMENT}}" if since else ""
    merged, single = appended.current_files(folder, storage=data.storage)
    found = [
        empty,
        *(folder / one.name for one in merged if one.newest >= first),
        *(path for path in single if path.name >= first and path != empty),
    ]
    data.storage.fetch(found)
    return found


def read(
    data: DataDirectory, name: str, *, columns: Sequence[str] | None = None, since: datetime | None = None
) -> pa.Table:
    """Read the facts of an ops table, in the order in which they were appended.

    Args:
        data: data directory.
        name: ops table.
        columns: only these columns, or all.
        since: open only the files that may have facts of this moment or later, so that what is asked after each load
            costs the same after years; facts from up to `CLOCK_MARGIN` before it, or more, are among them.

    Raises:
        LakeError: a file is damaged; the message names it.
    """
    return read_rows(ops_table(name).schema, files(data, name, since=since), columns=columns)
