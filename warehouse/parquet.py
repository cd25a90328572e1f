"""Parquet files: written whole, read by a contract's schema, and named when they are damaged."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pq

from warehouse.disk import full_disk_as
from warehouse.errors import ArmsledgerError, LakeError
from warehouse.memory import is_shortage, out_of_memory, require_room_for_threads
from warehouse.receipts import file_sha256
from warehouse.storage import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.storage import Storage


def write_rows(path: Path, rows: pa.Table, *, storage: Storage = LOCAL) -> None:
    """Write rows as one file that appears whole, in place of one with its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with full_disk_as(LakeError, path):
        pq.write_table(rows, aside, compression="zstd")
    storage.settle(aside, path)


def write_empty(path: Path, schema: pa.Schema, *, storage: Storage = LOCAL) -> None:
    """Write a zero-row file, unless one with these columns is there already."""
    try:
        if pq.read_schema(path).equals(schema):
            return
    except FileNotFoundError:
        pass
    except (pa.ArrowException, OSError):
        # it holds nothing that could be lost
        path.unlink()
    write_rows(path, schema.empty_table(), storage=storage)


@dataclass(frozen=True)
class Part:
    """A file of which only some rows count.

    Attributes:
        path: Parquet file.
        column: column that tells which rows count.
        values: its values in the rows that count.
    """

    path: Path
    column: str
    values: tuple[str, ...]


def read_rows(schema: pa.Schema, files: Sequence[Path | Part], *, columns: Sequence[str] | None = None) -> pa.Table:
    """Read files in their order; a column that an older file lacks is NULL there.

    Args:
        schema: columns and types wanted.
        files: Parquet files, whole or parts.
        columns: only these columns, or all.

    Raises:
        LakeError: a file is damaged or missing; the message names it.
        OutOfMemoryError: there is too little memory to read it.
    """
    wanted = list(columns) if columns else None
    empty = _relaxed(schema).empty_table()
    tables = [empty.select(wanted) if wanted else empty]
    for is_part, group in itertools.groupby(files, key=lambda file: isinstance(file, Part)):
        for some in ([one] for one in group) if is_part else (list(group),):
            tables.append(_read_whole(schema, some, wanted))
    return pa.concat_tables(tables)


def _read_whole(schema: pa.Schema, files: Sequence[Path | Part], columns: list[str] | None) -> pa.Table:
    require_room_for_threads(_path_of(files[0]))
    try:
        return _dataset(schema, files).to_table(columns=columns, filter=_which(files[0]))
    except (pa.ArrowException, OSError) as error:
        _name_damaged(schema, files)
        raise _damaged(_path_of(files[0]).parent, error) from error


def iterate_rows(schema: pa.Schema, files: Sequence[Path | Part], *, batch_rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of files in their order, in batches of at most ``batch_rows``; memory stays flat.

    Raises:
        LakeError: a file is damaged or missing; the message names it.
    """
    for path in files:
        require_room_for_threads(_path_of(path))
        try:
            # one batch ahead keeps the memory of a long text column small
            dataset = _dataset(schema, [path])
            for batch in dataset.to_batches(batch_size=batch_rows, batch_readahead=1, filter=_which(path)):
                if batch.num_rows:
                    yield batch
        except (pa.ArrowException, OSError) as error:
            raise _damaged(_path_of(path), error) from error


def find_difference(table: Table, path: Path) -> str | None:
    """Say in which column a file differs from a contract, or None; a column that may be NULL can be absent.

    Raises:
        LakeError: the file is damaged.
    """
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error
    for column in table.columns:
        place = schema.get_field_index(column.name)
        if place < 0:
            if not column.nullable:
                return f"lacks column {column.name}, which must be told"
        elif not _is_alike(schema.field(place).type, column.type):
            return f"column {column.name} is {schema.field(place).type}, not {column.type}"
    return None


def _is_alike(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether two types hold the same values; how a list's items or a moment's fractions are written doesn't matter."""
    if pa.types.is_timestamp(wanted):
        return bool(pa.types.is_timestamp(found))
    if pa.types.is_list(wanted):
        return bool(pa.types.is_list(found) and found.value_type == wanted.value_type)
    return bool(found == wanted)


def fingerprint(folder: Path, names: Sequence[str]) -> str:
    """Return the sha256 over the names and bytes of files of one folder.

    Raises:
        LakeError: a file is missing.
    """
    try:
        lines = [f"{name} {file_sha256(folder / name)}" for name in sorted(names)]
    except FileNotFoundError as error:
        raise LakeError(f"{error.filename} is missing; restore it from a backup or stage the load again") from error
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _dataset(schema: pa.Schema, files: Sequence[Path | Part]) -> pa_dataset.Dataset:
    return pa_dataset.dataset([str(_path_of(file)) for file in files], schema=_relaxed(schema), format="parquet")


def _path_of(file: Path | Part) -> Path:
    return file.path if isinstance(file, Part) else file


def _which(file: Path | Part) -> pc.Expression | None:
    return pc.field(file.column).isin(list(file.values)) if isinstance(file, Part) else None


def _relaxed(schema: pa.Schema) -> pa.Schema:
    return pa.schema([column.with_nullable(True) for column in schema])


def _name_damaged(schema: pa.Schema, files: Sequence[Path | Part]) -> None:
    for path in files:
        try:
            _dataset(schema, [path]).to_table()
        except (pa.ArrowException, OSError) as error:
            raise _damaged(_path_of(path), error) from error


def _damaged(path: Path, error: Exception) -> ArmsledgerError:
    if is_shortage(error):
        return out_of_memory(path, error)
    return LakeError(f"{path}: not a readable Parquet file ({error}); restore it from a backup or stage the load again")
