"""Which releases are kept, and which is published: folders and a file tell it on a disk, a document in a bucket."""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from warehouse import database, files
from warehouse.errors import GateError, ReleaseError
from warehouse.storage.base import as_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from warehouse.settings import DataDirectory

RELEASE_FILE = "release.json"
DATABASE_FILE = "armsledger.duckdb"
UNFINISHED = ".writing-"
"""Prefix of a release's folder on this machine until it is published."""
SHELF_FILE = "releases.json"
"""Document of a bucket that names the kept releases and the published one."""


class Shelf(ABC):
    """The releases of a data directory. Who changes it holds the lock of publishing."""

    def __init__(self, data: DataDirectory) -> None:
        self._data = data

    @abstractmethod
    def current_id(self) -> str | None:
        """Return the published release, or None where there is none."""

    @abstractmethod
    def kept_ids(self) -> list[str]:
        """Return the kept releases, oldest first."""

    @abstractmethod
    def is_finished(self, release_id: str) -> bool:
        """Whether the release is kept, and its changes and its facts are told."""

    @abstractmethod
    def folders_of(self, release_id: str) -> list[Path]:
        """Return where the files of a release may lie; none for one that isn't there."""

    @abstractmethod
    def find_published(self) -> Path | None:
        """Return the published database as a file of this machine, or None."""

    @abstractmethod
    def make_current(self, folder: Path, release_id: str, *, instead_of: str | None) -> None:
        """Let a release that was written aside be the published one, in one step."""

    @abstractmethod
    def bring_back(self, release_id: str, *, instead_of: str | None) -> None:
        """Let a kept release be the published one, in one step."""

    @abstractmethod
    def settle_interrupted(self) -> list[str]:
        """Clear what was never published, and return the published releases that may not be finished."""

    @abstractmethod
    def finish(self, release_id: str) -> None:
        """Note that all is told about a release."""

    @abstractmethod
    def drop(self, release_ids: list[str]) -> None:
        """Keep these releases no longer."""


class FolderShelf(Shelf):
    """Releases on a local disk: a folder each; the published database is a file of its own, and names itself."""

    def current_id(self) -> str | None:
        """Read the id from the published database.

        Raises:
            ReleaseError: it is damaged, or somebody has opened it for writing.
        """
        if not self._data.published.exists():
            return None
        try:
            newest = database.query(self._data.published, "select max(release_id) as release_id from ops.releases")
        except ReleaseError as error:
            raise ReleaseError(
                f"{error}. If a program has it open for writing, end it; if the file is damaged, move it away: "
                f"the kept releases are in {self._data.releases}, and python -m warehouse publish makes a new one"
            ) from error
        return newest["release_id"][0].as_py()  # type: ignore[no-any-return]

    def kept_ids(self) -> list[str]:
        """Return the names of the folders."""
        return sorted(path.parent.name for path in self._data.releases.glob(f"[!.]*/{RELEASE_FILE}"))

    def is_finished(self, release_id: str) -> bool:
        """Whether the folder has its name: it gets it after the swap."""
        return (self._data.releases / release_id).is_dir()

    def folders_of(self, release_id: str) -> list[Path]:
        """Return the folder, and what it is called until it is finished."""
        return [self._data.releases / release_id, self._data.releases / f"{UNFINISHED}{release_id}"]

    def find_published(self) -> Path | None:
        """Return the published file."""
        return self._data.published if self._data.published.exists() else None

    def make_current(self, folder: Path, release_id: str, *, instead_of: str | None) -> None:
        """Replace the published file; then the folder gets its name."""
        files.place(folder / DATABASE_FILE, self._data.published)
        self._name(folder, release_id)

    def bring_back(self, release_id: str, *, instead_of: str | None) -> None:
        """Replace the published file."""
        files.place(self._data.releases / release_id / DATABASE_FILE, self._data.published)

    def settle_interrupted(self) -> list[str]:
        """Name or clear unfinished folders; only the published file's own release can be unfinished."""
        current = self.current_id()
        for folder in sorted(self._data.releases.glob(f"{UNFINISHED}*")):
            release_id = folder.name.removeprefix(UNFINISHED)
            if release_id == current:
                self._name(folder, release_id)
            else:
                shutil.rmtree(folder)
        return [current] if current and (self._data.releases / current / DATABASE_FILE).exists() else []

    def finish(self, release_id: str) -> None:
        """Do nothing: the folder's name tells it."""

    def drop(self, release_ids: list[str]) -> None:
        """Rename each folder out of sight, then remove it; the next publish clears what a killed one leaves."""
        for release_id in release_ids:
            folder = self._data.releases / release_id
            shutil.rmtree(folder.rename(self._data.releases / f"{UNFINISHED}{release_id}"))

    def _name(self, folder: Path, release_id: str) -> None:
        folder.rename(self._data.releases / release_id)
        files.sync(self._data.releases)


@dataclass(frozen=True)
class Listing:
    """What a bucket's document says.

    Attributes:
        current: published release.
        kept: kept releases, oldest first.
        unfinished: published release whose changes and facts aren't told yet.
        writing: release that is being brought; another publish that begins takes its place here, and so stops it.
    """

    current: str | None = None
    kept: tuple[str, ...] = ()
    unfinished: str | None = None
    writing: str | None = None


class BucketShelf(Shelf):
    """Releases in a bucket: ``releases.json`` names them, and replacing it under condition is what counts."""

    def current_id(self) -> str | None:
        """Read the id from the document."""
        return self._read().current

    def kept_ids(self) -> list[str]:
        """Read the ids from the document."""
        return sorted(self._read().kept)

    def is_finished(self, release_id: str) -> bool:
        """Whether the document doesn't call it unfinished."""
        listing = self._read()
        return release_id in listing.kept and listing.unfinished != release_id

    def folders_of(self, release_id: str) -> list[Path]:
        """Return the folder of a release that the document names."""
        return [self._data.releases / release_id] if release_id in self._read().kept else []

    def find_published(self) -> Path | None:
        """Bring the published release's database here."""
        current = self.current_id()
        if current is None:
            return None
        path = self._data.releases / current / DATABASE_FILE
        self._data.storage.fetch([path])
        if not path.is_file():
            raise ReleaseError(
                f"{self._data.storage.address(path)} is missing; python -m warehouse rollback brings another release"
            )
        with files.exclusive(self._data.warehouse / ".published.lock"):
            files.place(path, self._data.published)
        return path

    def make_current(self, folder: Path, release_id: str, *, instead_of: str | None) -> None:
        """Bring all files, then change the document.

        Raises:
            GateError: another machine has published or begun to publish since.
        """

        def announce(listing: Listing) -> Listing:
            _require(listing.current == instead_of, release_id)
            return replace(listing, writing=release_id)

        def publish(listing: Listing) -> Listing:
            _require(listing.current == instead_of and listing.writing == release_id, release_id)
            kept = tuple(sorted({*listing.kept, release_id}))
            return Listing(current=release_id, kept=kept, unfinished=release_id)

        self._change(announce)
        target = self._data.releases / release_id
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
        self._data.storage.push(target, last=RELEASE_FILE)
        self._change(publish)

    def bring_back(self, release_id: str, *, instead_of: str | None) -> None:
        """Change the document.

        Raises:
            GateError: another machine has published since.
        """

        def change(listing: Listing) -> Listing:
            _require(listing.current == instead_of, release_id)
            return replace(listing, current=release_id)

        self._change(change)

    def settle_interrupted(self) -> list[str]:
        """Stop whoever still brings a release, and remove what they brought."""
        listing = self._change(lambda known: replace(known, writing=None))
        names = self._data.storage.names(self._data.releases, f"*/{RELEASE_FILE}")
        names += self._data.storage.names(self._data.releases, f"*/{DATABASE_FILE}")
        for release_id in sorted({name.split("/")[0] for name in names} - set(listing.kept)):
            self._data.storage.remove_folder(self._data.releases / release_id, marker=RELEASE_FILE)
        for folder in self._data.releases.glob(f"{UNFINISHED}*"):
            shutil.rmtree(folder, ignore_errors=True)
        return [listing.unfinished] if listing.unfinished else []

    def finish(self, release_id: str) -> None:
        """Take the note out of the document."""
        self._change(lambda known: replace(known, unfinished=None) if known.unfinished == release_id else known)

    def drop(self, release_ids: list[str]) -> None:
        """Take them out of the document, then remove their files."""
        doomed = set(release_ids)
        if doomed:
            self._change(lambda known: replace(known, kept=tuple(one for one in known.kept if one not in doomed)))
        for release_id in release_ids:
            self._data.storage.remove_folder(self._data.releases / release_id, marker=RELEASE_FILE)

    @property
    def _path(self) -> Path:
        return self._data.warehouse / SHELF_FILE

    def _read(self) -> Listing:
        return self._parse(self._data.storage.read(self._path))

    def _change(self, change: Callable[[Listing], Listing]) -> Listing:
        result = Listing()

        def rewrite(content: bytes | None) -> bytes | None:
            nonlocal result
            known = self._parse(content)
            result = change(known)
            return None if result == known else as_json(asdict(result))

        self._data.storage.change(self._path, rewrite, lock=self._data.warehouse / ".releases.lock")
        return result

    def _parse(self, content: bytes | None) -> Listing:
        if content is None:
            return Listing()
        try:
            document: dict[str, Any] = json.loads(content)
            return Listing(**{**document, "kept": tuple(document["kept"])})
        except (ValueError, TypeError, KeyError) as error:
            raise ReleaseError(
                f"{self._data.storage.address(self._path)}: doesn't list releases ({error}); the kept ones lie in "
                f"{self._data.storage.address(self._data.releases)}; restore the document from a former version"
            ) from error


def open_shelf(data: DataDirectory) -> Shelf:
    """Return the releases of a data directory."""
    return BucketShelf(data) if data.storage.is_remote else FolderShelf(data)


def _require(holds: bool, release_id: str) -> None:
    if not holds:
        raise GateError(
            f"release {release_id}: another machine has published meanwhile; run python -m warehouse build again"
        )


__all__ = ["DATABASE_FILE", "RELEASE_FILE", "UNFINISHED", "BucketShelf", "FolderShelf", "Shelf", "open_shelf"]
