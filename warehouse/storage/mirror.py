"""A data directory in a bucket: the objects are the truth, and a folder of this machine keeps copies of them.

Files that never change (Parquet of the lake, facts, releases) are brought once and kept by their names. A folder of
objects is there when its marker is, which is written last and removed first. Documents change under a condition.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import shutil
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse import files
from warehouse.storage import lease
from warehouse.storage.base import Kept, Storage
from warehouse.storage.bucket import Bucket, has_etag
from warehouse.storage.failures import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

LEASE_SECONDS = 30.0
_MACHINE_FILE = ".machine"
_CLAIMS = ".once"


@dataclass(frozen=True)
class MirrorStorage(Storage):
    """Objects below one prefix of a bucket, with copies below a folder of this machine.

    Attributes:
        bucket: the objects.
        root: folder of the copies; it may be removed whenever nothing is running.
        lease_seconds: after so many without a sign of its holder, exclusive work of another machine counts as dead.
    """

    bucket: Bucket
    root: Path
    lease_seconds: float = LEASE_SECONDS

    @property
    def is_remote(self) -> bool:
        """Always."""
        return True

    def address(self, path: Path) -> str:
        """Return the object's URL; that of the root is what ``ARMSLEDGER_DATA`` says."""
        return self.bucket.address("").rstrip("/") if path == self.root else self.bucket.address(self._key(path))

    def names(self, folder: Path, pattern: str) -> list[str]:
        """Return the matching names below a folder, sorted."""
        start = f"{self._key(folder)}/"
        listed = (entry.key.removeprefix(start) for entry in self.bucket.list(start + _fixed_part(pattern)))
        return sorted(name for name in listed if _matches(name, pattern))

    def list_files(self, folder: Path, pattern: str) -> list[Kept]:
        """Ask for the objects."""
        start = f"{self._key(folder)}/"
        listed = ((entry.key.removeprefix(start), entry) for entry in self.bucket.list(start + _fixed_part(pattern)))
        return [
            Kept(folder / name, entry.size, entry.written_at)
            for name, entry in listed
            if fnmatch.fnmatchcase(name, pattern) and not any(part.startswith(".") for part in name.split("/"))
        ]

    def exists(self, path: Path) -> bool:
        """Whether there is an object of this name, or one below it."""
        key = self._key(path)
        first = [entry.key for entry in self.bucket.list(key, most=1)]
        if not first or first[0] == key or first[0].startswith(f"{key}/"):
            return bool(first)
        return bool(self.bucket.list(f"{key}/", most=1))

    def fetch(self, paths: Iterable[Path]) -> None:
        """Bring those that aren't here."""
        missing = [path for path in dict.fromkeys(paths) if not path.is_file()]
        self.bucket.each(lambda path: self.bucket.download(self._key(path), path), missing)

    def refresh(self, paths: Iterable[Path]) -> None:
        """Bring those whose bytes differ from the object's."""
        self.bucket.each(self._refresh_one, dict.fromkeys(paths))

    def read(self, path: Path) -> bytes | None:
        """Return an object's bytes; a copy isn't needed."""
        stored = self.bucket.read(self._key(path))
        return stored.content if stored else None

    def settle(self, aside: Path, target: Path) -> None:
        """Put the object, then keep the file as its copy."""
        self.bucket.upload(aside, self._key(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.replace(target)

    def store(self, path: Path) -> None:
        """Put the object."""
        self.bucket.upload(path, self._key(path))

    def write(self, path: Path, content: bytes) -> None:
        """Put the object, then write its copy."""
        self.bucket.write(self._key(path), content)
        self._keep(path, content)

    def place(self, source: Path, target: Path) -> None:
        """Put the bytes that are here, and link the file as its copy."""
        self.bucket.upload(source, self._key(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        with files.exclusive(self.root / ".place.lock"):
            files.place(source, target)

    def copy(self, source: Path, target: Path) -> None:
        """Let the server copy the object."""
        self.bucket.copy(self._key(source), self._key(target))
        target.unlink(missing_ok=True)

    def remove(self, path: Path) -> None:
        """Delete the object and its copy."""
        self.bucket.delete([self._key(path)])
        path.unlink(missing_ok=True)

    def change(self, path: Path, change: Callable[[bytes | None], bytes | None], *, lock: Path) -> None:
        """Compare and swap: a loser reads again and tries again."""
        # processes of this machine follow one another, so that they don't lose against each other time and again
        with files.exclusive(lock):
            for wait in _growing():
                known = self.bucket.read(self._key(path))
                content = change(known.content if known else None)
                if content is None:
                    return
                with contextlib.suppress(Conflict):
                    self.bucket.write_if(self._key(path), content, known.etag if known else None)
                    self._keep(path, content)
                    return
                time.sleep(wait)

    def claim(self, folder: Path, event: str, name: str) -> str:
        """Put an object that only the first one can put, and return what it says."""
        # not in the folder itself, whose lists would grow by it
        key = self._key(folder.parent / _CLAIMS / folder.name / event)
        try:
            self.bucket.write_if(key, name.encode(), None)
        except Conflict:
            known = self.bucket.read(key)
            return known.content.decode() if known else name
        return name

    def settle_folder(self, folder: Path, target: Path, *, marker: str) -> None:
        """Put all objects, the marker last; one that was there before vanishes first."""
        start = self._key(target)
        mine = {path.relative_to(folder).as_posix(): path for path in _visible(folder)}
        self.bucket.delete([f"{start}/{marker}"])
        self.bucket.delete([f"{start}/{name}" for name in self._list(target) if name not in mine])
        self._put_all(mine, start, last=marker)
        shutil.rmtree(target, ignore_errors=True)
        for name, path in mine.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            path.replace(target / name)
        shutil.rmtree(folder, ignore_errors=True)

    def move_folder(self, folder: Path, target: Path, *, marker: str) -> None:
        """Copy all objects, the marker last; then remove the old ones, the marker first."""
        start, end = f"{self._key(folder)}/", f"{self._key(target)}/"
        names = list(self._list(folder))
        self.bucket.each(
            lambda name: self.bucket.copy(start + name, end + name), [name for name in names if name != marker]
        )
        if marker in names:
            self.bucket.copy(start + marker, end + marker)
        shutil.rmtree(target, ignore_errors=True)
        self.remove_folder(folder, marker=marker)

    def remove_folder(self, folder: Path, *, marker: str) -> None:
        """Delete the marker, then the rest, then the copies."""
        start = f"{self._key(folder)}/"
        self.bucket.delete([start + marker])
        self.bucket.delete([start + name for name in self._list(folder)])
        shutil.rmtree(folder, ignore_errors=True)

    def push(self, folder: Path, *, last: str | None = None, skip: Iterable[str] = (), is_exact: bool = False) -> None:
        """Put all files that differ from their objects, ``last`` after the others."""
        start, left_out = self._key(folder), tuple(skip)
        known = self._list(folder)
        here = {path.relative_to(folder).as_posix(): path for path in _visible(folder)}
        mine = {
            name: path for name, path in here.items() if not any(fnmatch.fnmatchcase(name, one) for one in left_out)
        }
        self._put_all(
            {name: path for name, path in mine.items() if name not in known or not has_etag(path, known[name])},
            start,
            last=last,
        )
        if is_exact:
            self.bucket.delete([f"{start}/{name}" for name in known if name not in mine])

    def pull(self, folder: Path) -> None:
        """Get all objects that differ from their copies."""
        known = self._list(folder)
        differing = [
            name for name, etag in known.items() if not (folder / name).is_file() or not has_etag(folder / name, etag)
        ]
        self.bucket.each(lambda name: self.bucket.download(self._key(folder / name), folder / name), differing)

    @contextlib.contextmanager
    def exclusive(self, path: Path, *, busy: str | None = None, waiting: str | None = None) -> Iterator[None]:
        """Hold this machine's lock, and a lease that other machines see."""
        with (
            files.exclusive(path, busy=busy, waiting=waiting),
            lease.hold(
                self.bucket,
                self._key(path),
                lease.Claimant(self._machine(), self.lease_seconds),
                busy=busy,
                waiting=waiting,
            ),
        ):
            yield

    def _list(self, folder: Path) -> dict[str, str]:
        """Return the versions of the objects below a folder by their names in it."""
        start = f"{self._key(folder)}/"
        return {entry.key.removeprefix(start): entry.etag for entry in self.bucket.list(start)}

    def _key(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _machine(self) -> str:
        """Return the name of this folder of copies: whoever shares it shares its locks, too."""
        path = self.root / _MACHINE_FILE
        with files.exclusive(self.root / ".machine.lock"):
            if not path.is_file():
                files.write_json(path, uuid.uuid4().hex)
            return path.read_text(encoding="utf-8").strip().strip('"')

    def _refresh_one(self, path: Path) -> None:
        key = self._key(path)
        found = [entry for entry in self.bucket.list(key, most=1) if entry.key == key]
        if not found:
            path.unlink(missing_ok=True)
        elif not path.is_file() or not has_etag(path, found[0].etag):
            self.bucket.download(key, path)

    def _keep(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:6]}")
        aside.write_bytes(content)
        aside.replace(path)

    def _put_all(self, found: dict[str, Path], start: str, *, last: str | None) -> None:
        self.bucket.each(
            lambda name: self.bucket.upload(found[name], f"{start}/{name}"), [name for name in found if name != last]
        )
        if last in found:
            self.bucket.upload(found[last], f"{start}/{last}")


def _visible(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _fixed_part(pattern: str) -> str:
    """Return what every match begins with.

    >>> _fixed_part("load=*/_load.json")
    'load='
    """
    return pattern[: min((place for sign in "*?[" if (place := pattern.find(sign)) >= 0), default=len(pattern))]


def _matches(name: str, pattern: str) -> bool:
    """Whether a name matches, part for part as on a disk; hidden parts match nothing.

    >>> _matches("load=a/_load.json", "load=*/_load.json"), _matches("a/b.json", "*.json")
    (True, False)
    """
    parts, wanted = name.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(
        fnmatch.fnmatchcase(part, form) and not part.startswith(".") for part, form in zip(parts, wanted, strict=True)
    )


def _growing() -> Iterator[float]:
    wait = 0.05
    while True:
        yield wait
        wait = min(wait * 2, 2.0)
