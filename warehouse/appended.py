"""Folders of Parquet files that are only appended to (``ops``, ``history``), and which of their files are current.

Each append is a file of its own. Compaction merges them: ``merged.json`` names the merged files and the single ones
whose rows they hold, and replacing it is the one step that counts. The folder is listed before that file is read, so
that a reader sees each row once, whenever compaction comes in between.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from warehouse.errors import LakeError
from warehouse.storage import LOCAL

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.storage import Storage

INDEX_FILE = "merged.json"
MERGED_PREFIX = "merged-"


@dataclass(frozen=True)
class Merged:
    """A file that holds the rows of several appends.

    Attributes:
        name: its name in the folder.
        holds: names by which the folder's owner knows those appends.
    """

    name: str
    holds: tuple[str, ...]

    @property
    def newest(self) -> str:
        """First part of the name of the newest file that it stands for: the moment of its newest rows."""
        return self.name.removeprefix(MERGED_PREFIX).partition("-")[0]


@dataclass(frozen=True)
class Index:
    """What compaction has merged in one folder.

    Attributes:
        merged: merged files, oldest rows first.
        covered: name of each file that doesn't count any more -> when it ceased to, ISO 8601, UTC.
    """

    merged: tuple[Merged, ...] = ()
    covered: dict[str, str] = field(default_factory=dict)


def read_index(folder: Path, *, storage: Storage = LOCAL) -> Index:
    """Return what compaction has merged in a folder.

    Raises:
        LakeError: the file is damaged.
    """
    path = folder / INDEX_FILE
    content = storage.read(path)
    if content is None:
        return Index()
    try:
        document = json.loads(content)
        merged = tuple(Merged(one["name"], tuple(one["holds"])) for one in document["merged"])
        return Index(merged, dict(document["covered"]))
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(
            f"{storage.address(path)}: doesn't tell which files were merged ({error}); restore it from a backup: "
            "without it, rows count twice or not at all"
        ) from error


def write_index(folder: Path, index: Index, *, storage: Storage = LOCAL) -> None:
    """Replace what a folder's readers go by, in one step."""
    storage.write_json(folder / INDEX_FILE, asdict(index))


def current_files(folder: Path, *, storage: Storage = LOCAL) -> tuple[list[Merged], list[Path]]:
    """Return what is current in a folder: merged files, then single files by name.

    Raises:
        LakeError: as `read_index` does.
    """
    listed = [name for name in storage.names(folder, "*.parquet") if not name.startswith(MERGED_PREFIX)]
    index = read_index(folder, storage=storage)
    return list(index.merged), [folder / name for name in listed if name not in index.covered]


__all__ = ["INDEX_FILE", "MERGED_PREFIX", "Index", "Merged", "current_files", "read_index", "write_index"]
