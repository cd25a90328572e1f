"""A data directory on a local disk: renames are the steps that count, locks are the kernel's."""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import os
import shutil
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from warehouse import files
from warehouse.disk import full_disk_as
from warehouse.errors import LakeError
from warehouse.storage.base import Kept, Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path


class LocalStorage(Storage):
    """Files on a local disk; what is here is what there is, so nothing has to be brought or kept."""

    @property
    def is_remote(self) -> bool:
        """Never."""
        return False

    def address(self, path: Path) -> str:
        """Return the path."""
        return str(path)

    def names(self, folder: Path, pattern: str) -> list[str]:
        """Return the matching names below a folder, sorted."""
        return sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern))

    def list_files(self, folder: Path, pattern: str) -> list[Kept]:
        """Look at the folder; a file that goes meanwhile is left out."""
        found = []
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if fnmatch.fnmatchcase(name.as_posix(), pattern) and not any(part.startswith(".") for part in name.parts):
                with contextlib.suppress(FileNotFoundError):
                    told = path.stat()
                    if stat.S_ISREG(told.st_mode):
                        found.append(Kept(path, told.st_size, datetime.fromtimestamp(told.st_mtime, UTC)))
        return found

    def exists(self, path: Path) -> bool:
        """Whether there is a file or folder."""
        return path.exists()

    def fetch(self, paths: Iterable[Path]) -> None:
        """Do nothing."""

    def refresh(self, paths: Iterable[Path]) -> None:
        """Do nothing."""

    def settle(self, aside: Path, target: Path) -> None:
        """Rename the file, on disk before it is visible."""
        files.sync(aside)
        aside.replace(target)
        files.sync(target.parent)

    def store(self, path: Path) -> None:
        """Force the file to disk."""
        files.sync(path)

    def write(self, path: Path, content: bytes) -> None:
        """Write aside, then rename."""
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        with full_disk_as(LakeError, path):
            aside.write_bytes(content)
        self.settle(aside, path)

    def place(self, source: Path, target: Path) -> None:
        """Make a second link, or a copy where links can't be made."""
        is_new = not target.parent.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        files.place(source, target)
        if is_new:
            files.sync(target.parent.parent)

    def copy(self, source: Path, target: Path) -> None:
        """Make a second link, or a copy where links can't be made."""
        self.place(source, target)

    def remove(self, path: Path) -> None:
        """Unlink the file."""
        path.unlink(missing_ok=True)

    def change(self, path: Path, change: Callable[[bytes | None], bytes | None], *, lock: Path) -> None:
        """Read, change and replace under the lock."""
        with files.exclusive(lock):
            content = change(path.read_bytes() if path.exists() else None)
            if content is not None:
                self.write(path, content)

    def claim(self, folder: Path, event: str, name: str) -> str:
        """Return the name of a file that ends with the event as this one does, or this one."""
        ending = f"*-{glob.escape(event)}{os.path.splitext(name)[1]}"
        return next((path.name for path in folder.glob(ending)), name)

    def settle_folder(self, folder: Path, target: Path, *, marker: str) -> None:
        """Rename the folder."""
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)

    def move_folder(self, folder: Path, target: Path, *, marker: str) -> None:
        """Rename the folder."""
        target.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(target)

    def remove_folder(self, folder: Path, *, marker: str) -> None:
        """Rename the folder out of sight, then remove it."""
        doomed = folder.with_name(f".{folder.name}.settled")
        shutil.rmtree(doomed, ignore_errors=True)
        folder.rename(doomed)
        shutil.rmtree(doomed)

    def push(self, folder: Path, *, last: str | None = None, skip: Iterable[str] = (), is_exact: bool = False) -> None:
        """Do nothing."""

    def pull(self, folder: Path) -> None:
        """Do nothing."""

    def exclusive(
        self, path: Path, *, busy: str | None = None, waiting: str | None = None
    ) -> AbstractContextManager[None]:
        """Hold a lock that the kernel frees when the process dies."""
        return files.exclusive(path, busy=busy, waiting=waiting)


LOCAL = LocalStorage()
"""A local disk; it has no state."""
