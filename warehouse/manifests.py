"""Manifests: which Parquet files of a raw table are current, and the state that was committed with them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from warehouse import clock
from warehouse.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory


@dataclass(frozen=True)
class LoadEntry:
    """One promoted load.

    Attributes:
        load_id: load.
        files: Parquet files, relative to the table's folder under ``raw/``.
        rows: number of rows.
        fingerprint: content that the gate saw.
        promoted_at: ISO 8601, UTC.
        attributes: what the stage noted about the load, for instance its source or its inputs.
    """

    load_id: str
    files: tuple[str, ...]
    rows: int
    fingerprint: str
    promoted_at: str
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bundle:
    """A file that holds the rows of several loads, in place of their own files: what compaction makes.

    A load whose entry names the file has its rows there, told by their ``load_id``; rows of other loads in it don't
    count any more.

    Attributes:
        file: Parquet file, relative to the table's folder under ``raw/``.
        rows: number of rows, those that don't count included.
        sha256: of its bytes.
    """

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The current content of one raw table.

    Attributes:
        table: raw table.
        sequence: raised by one with each change.
        loads: promoted loads, oldest first.
        state: per source, what its next load must know (validators of conditional requests, pages to try again).
        bundles: files that several loads share.
        beside: promoted loads that aren't current, since those of another version of the extractor are; none is lost.
    """

    table: str
    sequence: int
    loads: tuple[LoadEntry, ...]
    state: dict[str, Any]
    bundles: tuple[Bundle, ...] = ()
    beside: tuple[LoadEntry, ...] = ()

    @property
    def promoted(self) -> tuple[LoadEntry, ...]:
        """All loads that passed their gate: the current ones, then those beside."""
        return (*self.loads, *self.beside)

    def load(self, load_id: str) -> LoadEntry | None:
        """Return the promoted load of this id, current or beside, or None."""
        return next((entry for entry in self.promoted if entry.load_id == load_id), None)

    def with_load(self, entry: LoadEntry) -> Manifest:
        """Return a manifest in which this load is current, in place of one with its id."""
        if entry in self.loads:
            return self
        rest = self.without_loads({entry.load_id})
        return replace(rest, loads=(*rest.loads, entry))

    def with_beside(self, entry: LoadEntry) -> Manifest:
        """Return a manifest that keeps this load beside the current ones, in place of one with its id."""
        rest = self.without_loads({entry.load_id})
        return replace(rest, beside=(*rest.beside, entry))

    def without_loads(self, load_ids: set[str]) -> Manifest:
        """Return a manifest without these loads; their files stay on disk."""
        return replace(
            self,
            loads=tuple(entry for entry in self.loads if entry.load_id not in load_ids),
            beside=tuple(entry for entry in self.beside if entry.load_id not in load_ids),
        )

    def swap(self, *, enter: set[str], leave: set[str]) -> Manifest:
        """Return a manifest in which loads from beside are current, and current ones stand beside."""
        gone = tuple(entry for entry in self.loads if entry.load_id in leave)
        come = tuple(entry for entry in self.beside if entry.load_id in enter)
        rest = self.without_loads({entry.load_id for entry in (*gone, *come)})
        return replace(rest, loads=(*rest.loads, *come), beside=(*rest.beside, *gone))

    def with_state(self, source_id: str, state: dict[str, Any]) -> Manifest:
        """Return a manifest with this state for one source."""
        return replace(self, state={**self.state, source_id: state})

    def with_bundles(self, made: Mapping[Bundle, Sequence[LoadEntry]]) -> Manifest:
        """Return a manifest in which loads have their rows in bundles.

        Args:
            made: bundle -> the entries whose rows it holds, as they were when it was made. One that has changed or
                left since then stays as it is now.
        """
        place = {(entry.load_id, entry.files): bundle.file for bundle, held in made.items() for entry in held}
        loads, beside = (
            tuple(
                replace(entry, files=(place[entry.load_id, entry.files],))
                if (entry.load_id, entry.files) in place
                else entry
                for entry in entries
            )
            for entries in (self.loads, self.beside)
        )
        named = {name for entry in (*loads, *beside) for name in entry.files}
        bundles = tuple(bundle for bundle in (*self.bundles, *made) if bundle.file in named)
        return replace(self, loads=loads, bundles=bundles, beside=beside)


def manifest_path(data: DataDirectory, table: Table) -> Path:
    """Return where the current manifest of a raw table lies."""
    return data.raw / table.name / "manifest.json"


def table_folder(data: DataDirectory, table: Table) -> Path:
    """Return where the Parquet files of the present version of a raw table lie."""
    return data.raw / table.name / f"v{table.version}"


def read_manifest(data: DataDirectory, table: Table) -> Manifest:
    """Read the current manifest; a table without one is empty.

    Raises:
        LakeError: the file isn't a manifest.
    """
    path = manifest_path(data, table)
    return _parse(data.storage.read(path), table, place=data.storage.address(path))


def read_manifest_file(path: Path, table: Table) -> Manifest:
    """Read a manifest from a file, for instance the one that a candidate was built from.

    Raises:
        LakeError: the file is missing or isn't a manifest.
    """
    try:
        return _parse(path.read_bytes(), table, place=str(path))
    except FileNotFoundError as error:
        raise LakeError(f"{path}: the manifest of {table.name} is missing; run python -m warehouse build") from error


def _parse(content: bytes | None, table: Table, *, place: str) -> Manifest:
    if content is None:
        return Manifest(table.name, 0, (), {})
    try:
        return _read(content)
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(f"{place}: not a manifest ({error}); restore it from the newest release's manifest") from error


@lru_cache(maxsize=2)
def _read(content: bytes) -> Manifest:
    """Read a manifest; a load asks a dozen times for the same one, which has a line for each load before it."""
    document = json.loads(content)
    loads, beside = (
        tuple(LoadEntry(**{**entry, "files": tuple(entry["files"])}) for entry in entries)
        for entries in (document["loads"], document.get("beside", ()))
    )
    bundles = tuple(Bundle(**bundle) for bundle in document.get("bundles", ()))
    return Manifest(document["table"], document["sequence"], loads, document["state"], bundles, beside)


def _render(manifest: Manifest) -> bytes:
    """Write a manifest, each load on a line of its own: quick where there are thousands, and easy to take one out."""
    parts = {**vars(manifest), "written_at": clock.now().isoformat()}
    for name in ("loads", "bundles", "beside"):
        lines = ",\n".join(f"  {_as_line(vars(one))}" for one in parts[name])
        parts[name] = f"[\n{lines}\n ]" if lines else "[]"
    for name in ("table", "sequence", "state", "written_at"):
        parts[name] = _as_line(parts[name])
    body = ",\n".join(f' "{name}": {text}' for name, text in parts.items())
    return f"{{\n{body}\n}}\n".encode()


def _as_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def change_manifest(data: DataDirectory, table: Table, change: Callable[[Manifest], Manifest]) -> Manifest:
    """Apply a change to the current manifest in one step; changes of several processes and machines lose nothing.

    A change that changes nothing writes nothing, so that a step which is run again leaves no trace.

    Args:
        data: data directory.
        table: raw table.
        change: pure function from the current to the new manifest; it is asked again where another machine's change
            came in between.
    """
    path = manifest_path(data, table)
    result = Manifest(table.name, 0, (), {})

    def rewrite(content: bytes | None) -> bytes | None:
        nonlocal result
        current = _parse(content, table, place=data.storage.address(path))
        result = change(current)
        if result == current:
            return None
        result = replace(result, sequence=current.sequence + 1)
        return _render(result)

    data.storage.change(path, rewrite, lock=data.raw / table.name / ".lock")
    return result
