"""What the lake, the facts and the releases ask of a place that keeps files: few steps, each whole or not at all.

A path is always one below the data directory's root on this machine. On a local disk the file there is the truth; on
object storage it is a copy, and only what `Storage.names`, `Storage.read` and `Storage.exists` say is true.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path


def as_json(document: Any) -> bytes:
    """Return a document's bytes; values that JSON doesn't know become text."""
    return json.dumps(document, indent=1, ensure_ascii=False, default=str).encode()


@dataclass(frozen=True)
class Kept:
    """A file that is kept.

    Attributes:
        path: where it is, or would be, on this machine.
        size: bytes.
        written_at: when it was written, UTC.
    """

    path: Path
    size: int
    written_at: datetime


class Storage(ABC):
    """A place that keeps the files of a data directory."""

    @property
    @abstractmethod
    def is_remote(self) -> bool:
        """Whether the files on this machine are copies."""

    @abstractmethod
    def address(self, path: Path) -> str:
        """Return what a message should call a path: where a user finds it."""

    # reading

    @abstractmethod
    def names(self, folder: Path, pattern: str) -> list[str]:
        """Return the names of the files below a folder that match a pattern such as ``load=*/_load.json``, sorted."""

    @abstractmethod
    def list_files(self, folder: Path, pattern: str) -> list[Kept]:
        """Return the files below a folder whose names match a pattern, in which a star stands for slashes, too."""

    @abstractmethod
    def exists(self, path: Path) -> bool:
        """Whether there is a file of this path, or a folder with a file in it."""

    @abstractmethod
    def fetch(self, paths: Iterable[Path]) -> None:
        """Bring files that never change here, unless they are; one that isn't kept stays absent."""

    @abstractmethod
    def refresh(self, paths: Iterable[Path]) -> None:
        """Bring files that may have changed here; one that isn't kept any more goes here, too."""

    def read(self, path: Path) -> bytes | None:
        """Return the bytes of a small file as they are now, or None where there is none."""
        self.refresh([path])
        return path.read_bytes() if path.is_file() else None

    # one file

    @abstractmethod
    def settle(self, aside: Path, target: Path) -> None:
        """Let a file that was written aside be ``target``, in one step."""

    @abstractmethod
    def store(self, path: Path) -> None:
        """Keep a file that was written in its place, before anything names it."""

    @abstractmethod
    def write(self, path: Path, content: bytes) -> None:
        """Replace a small file in one step."""

    def write_json(self, path: Path, document: Any) -> None:
        """Replace a document in one step; values that JSON doesn't know are written as text."""
        self.write(path, as_json(document))

    @abstractmethod
    def place(self, source: Path, target: Path) -> None:
        """Let ``target`` have the bytes that ``source`` has on this machine, in one step."""

    @abstractmethod
    def copy(self, source: Path, target: Path) -> None:
        """Let ``target`` have the bytes of a kept file, in one step; it needn't be here."""

    @abstractmethod
    def remove(self, path: Path) -> None:
        """Remove a file, if there is one."""

    @abstractmethod
    def change(self, path: Path, change: Callable[[bytes | None], bytes | None], *, lock: Path) -> None:
        """Replace a document by what a function makes of it; no change of another process or machine is lost.

        Args:
            path: document.
            change: pure function from the present bytes (None: there are none) to the new ones (None: leave it); it
                may be asked several times.
            lock: lock file of the document on a local disk.
        """

    @abstractmethod
    def claim(self, folder: Path, event: str, name: str) -> str:
        """Return the one name that the file about an event has: this one, or that of whoever asked first."""

    # a folder, which is there when its marker is

    @abstractmethod
    def settle_folder(self, folder: Path, target: Path, *, marker: str) -> None:
        """Let a folder that was written aside be ``target``, in place of one that may be there."""

    @abstractmethod
    def move_folder(self, folder: Path, target: Path, *, marker: str) -> None:
        """Move a folder; killed in between, it may be in both places, but never in half."""

    @abstractmethod
    def remove_folder(self, folder: Path, *, marker: str) -> None:
        """Remove a folder, out of sight in one step."""

    @abstractmethod
    def push(self, folder: Path, *, last: str | None = None, skip: Iterable[str] = (), is_exact: bool = False) -> None:
        """Keep all files of a folder that others shall see, ``last`` after all others.

        Args:
            folder: folder; hidden names are left out.
            last: name of the file that says that the folder is whole.
            skip: patterns of names in it that stay on this machine.
            is_exact: whether files that are kept, but not in the folder, are removed.
        """

    @abstractmethod
    def pull(self, folder: Path) -> None:
        """Bring all files of a folder here that differ."""

    # exclusive work

    @abstractmethod
    def exclusive(
        self, path: Path, *, busy: str | None = None, waiting: str | None = None
    ) -> AbstractContextManager[None]:
        """Hold the lock of this path for a block, after any other holder on any machine.

        Args:
            path: lock file.
            busy: what to say instead of waiting for another holder.
            waiting: what to warn of before waiting for another holder.

        Raises:
            ArmsledgerError: ``busy``, if it is given and another one holds the lock.
        """
