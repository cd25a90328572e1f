"""Where web archives lie: files, folders of them, addresses on the web; each has one name that stays."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from extract.errors import InputError, RegistryError
from extract.sources import Source, find_source, load_sources

COMMAND_LINE_SOURCE = Source(
    id="web_archives",
    kind="warc",
    location="",
    publisher="web archives",
    country=None,
    language="en",
    terms="those of each publisher",
    is_enabled=False,
)
"""Source of archives that are named on the command line without one of the registry."""

_SUFFIXES = (".warc", ".warc.gz")
_ENDS = 2**16  # bytes at both ends of a file that tell it from another of the same name and size
_OTHER = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class ArchivePlace:
    """One web archive.

    Attributes:
        location: path or URL.
        source: source that its articles belong to.
        load_id: load that its articles come in: the same each time, so that a finished archive isn't read again.
    """

    location: str
    source: Source
    load_id: str

    @property
    def name(self) -> str:
        """Its name, without where it lies."""
        path = urlsplit(self.location).path if self.is_remote else self.location
        return path.rpartition("/")[2]

    @property
    def is_remote(self) -> bool:
        """Whether it must be downloaded."""
        return self.location.startswith(("http://", "https://"))


def find_source_of_archives(registry: Path, source_id: str | None) -> Source:
    """Return the source that archives belong to.

    Args:
        registry: source registry.
        source_id: source in it; None for that of archives named on the command line.

    Raises:
        RegistryError: there is no such source, or it isn't of kind ``warc``.
    """
    if source_id is None:
        return COMMAND_LINE_SOURCE
    source = find_source(load_sources(registry), source_id)
    if source.kind != "warc":
        raise RegistryError(f"source {source_id} is a {source.kind}, not a warc; read it with python -m extract ingest")
    return source


def find_archives(locations: list[str], source: Source) -> list[ArchivePlace]:
    """Return the archives at paths and URLs; a folder stands for the archives in it, by name.

    Args:
        locations: files, folders or URLs; the source's own place where there are none.
        source: source of the archives.

    Raises:
        InputError: there is no such file, or no archive in a folder.
    """
    places: dict[str, ArchivePlace] = {}
    for location in locations or [source.location]:
        for one in [location] if location.startswith(("http://", "https://")) else map(str, _list_files(location)):
            place = ArchivePlace(one, source, _load_id(one, source))
            places.setdefault(place.load_id, place)
    return list(places.values())


def _list_files(location: str) -> list[Path]:
    path = Path(location).expanduser()
    if path.is_dir():
        found = sorted(one for one in path.rglob("*") if one.name.lower().endswith(_SUFFIXES) and one.is_file())
        if not found:
            raise InputError(f"{path}: holds no {' or '.join(_SUFFIXES)} file")
        return found
    if not path.is_file():
        raise InputError(
            f"{path}: no such web archive; name a {' or '.join(_SUFFIXES)} file, a folder of them, or a URL"
        )
    return [path]


def _load_id(location: str, source: Source) -> str:
    """Return a name for an archive that follows its content, so that a file which moved keeps it."""
    if location.startswith(("http://", "https://")):
        name, identity = urlsplit(location).path.rpartition("/")[2], location.encode()
    else:
        path = Path(location)
        size = path.stat().st_size
        with path.open("rb") as file:
            identity = f"{path.name} {size} ".encode() + file.read(_ENDS)
            file.seek(max(0, size - _ENDS))
            identity += file.read(_ENDS)
        name = path.name
    stem = _OTHER.sub("-", re.sub(r"\.warc(\.gz)?$", "", name, flags=re.IGNORECASE)).strip("-")[:60]
    return f"{source.id}-{stem or 'archive'}-{hashlib.sha256(identity).hexdigest()[:8]}"
