"""The source registry: what is read, from whom, and under which terms. Adding a source touches one TOML file."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from extract.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable

SourceKind = Literal["feed", "sitemap", "gdelt", "folder", "articles", "warc"]
ON_DISK = frozenset({"folder", "articles"})
"""Kinds that are read from files, row by row."""
_MANY_PUBLISHERS = frozenset({"gdelt", "articles", "warc"})
_ID = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Source:
    """One source of articles.

    Attributes:
        id: name of the source in tables, loads and reports; letters, digits, underscores.
        kind: ``feed`` (RSS, Atom or JSON Feed), ``sitemap`` (also index and news extension), ``gdelt`` (article list of
            GDELT DOC 2.0), ``folder`` of HTML or text files, ``articles`` (one's own, as JSONL or Parquet), or
            ``warc`` (web archives).
        location: URL of the list or archive, or absolute path of the folder, file or archives.
        publisher: who publishes it; of a list, file or archive of many publishers its name.
        country: publisher's country, ISO 3166-1 alpha-3, or None where many publishers stand in it.
        language: main language, ISO 639-1.
        terms: URL of the terms, or name of the licence, under which it is read.
        is_enabled: whether ``ingest`` without a source reads it.
        min_delay_seconds: least time between two requests to one host; None is the fetcher's default.
        since: what a list says was last changed, or else published, before this time is left alone; None for all.
    """

    id: str
    kind: SourceKind
    location: str
    publisher: str
    country: str | None
    language: str
    terms: str
    is_enabled: bool
    min_delay_seconds: float | None = None
    since: dt.datetime | None = None


_REQUIRED: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "kind": str,
    "publisher": str,
    "language": str,
    "enabled": bool,
}
_OPTIONAL: dict[str, type | tuple[type, ...]] = {
    "country": str,
    "url": str,
    "path": str,
    "terms_url": str,
    "licence": str,
    "min_delay_seconds": (int, float),
    "since": dt.date,
}
_FORMS = {
    "id": (_ID, "lower case letters, digits and underscores, a letter first"),
    "country": (re.compile(r"[A-Z]{3}"), "an ISO 3166-1 alpha-3 code such as GBR"),
    "language": (re.compile(r"[a-z]{2}"), "an ISO 639-1 code such as en"),
    "publisher": (re.compile(r".*\S.*"), "a name"),
}


def load_sources(path: Path) -> tuple[Source, ...]:
    """Read a source registry.

    Args:
        path: TOML file with one ``[[source]]`` table per source.

    Raises:
        RegistryError: the file can't be read or a source is declared wrongly; the message names file, source and field.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RegistryError(f"{path}: no such file; set ARMSLEDGER_SOURCES to your source registry") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegistryError(f"{path}: not a readable TOML file: {error}") from error
    unknown = sorted(document.keys() - {"source"})
    entries = document.get("source")
    if unknown or not isinstance(entries, list) or not entries:
        told = f"unknown top-level key {unknown[0]!r}" if unknown else "no [[source]] table"
        raise RegistryError(f"{path}: {told}; declare each source in a [[source]] table")
    sources: dict[str, Source] = {}
    for number, entry in enumerate(entries, start=1):
        name = f"{path}: source {entry.get('id', f'number {number}')!r}"
        source = _read_entry(entry, name, path)
        if source.id in sources:
            raise RegistryError(f"{name}: field id: another source has this id; choose a new one")
        sources[source.id] = source
    return tuple(sources.values())


def find_source(sources: tuple[Source, ...], source_id: str) -> Source:
    """Return the source of this id, enabled or not.

    Raises:
        RegistryError: there is none; the message lists those there are.
    """
    for source in sources:
        if source.id == source_id:
            return source
    raise RegistryError(f"no source {source_id!r} in the registry; there are: {', '.join(s.id for s in sources)}")


def host_of(source: Source) -> str | None:
    """Return the host name of a source's URL, None for one on disk."""
    return urlsplit(source.location).hostname if source.location.startswith(("http://", "https://")) else None


def take_turns(sources: Iterable[Source]) -> list[Source]:
    """Order sources so that hosts take turns: none waits for the second source of another host.

    Args:
        sources: sources in the registry's order, which holds among those of one host.
    """
    hosts: dict[str, list[Source]] = {}
    for source in sources:
        hosts.setdefault(host_of(source) or source.id, []).append(source)
    return [source for turn in itertools.zip_longest(*hosts.values()) for source in turn if source is not None]


def _read_entry(entry: dict[str, Any], name: str, path: Path) -> Source:
    _check_fields(entry, name)
    kind = entry["kind"]
    if kind not in get_args(SourceKind):
        raise RegistryError(f"{name}: field kind: {kind!r} is unknown; use one of {', '.join(get_args(SourceKind))}")
    if "country" not in entry and kind not in _MANY_PUBLISHERS:
        raise RegistryError(
            f"{name}: field country is missing; it may be left out of {', '.join(sorted(_MANY_PUBLISHERS))}"
        )
    if "terms_url" not in entry and "licence" not in entry:
        raise RegistryError(f"{name}: field terms_url is missing; tell the terms' URL, or field licence its name")
    values = {
        "id": entry["id"],
        "kind": kind,
        "location": _read_location(entry, name, path),
        "publisher": entry["publisher"],
        "country": entry.get("country"),
        "language": entry["language"],
        "terms": entry.get("terms_url") or entry["licence"],
        "is_enabled": entry["enabled"],
        "min_delay_seconds": entry.get("min_delay_seconds"),
        "since": _read_moment(entry.get("since")),
    }
    return Source(**{field.name: values[field.name] for field in fields(Source)})


def _check_fields(entry: dict[str, Any], name: str) -> None:
    for field in _REQUIRED:
        if field not in entry:
            raise RegistryError(f"{name}: field {field} is missing")
    for field, value in entry.items():
        expected = _REQUIRED.get(field) or _OPTIONAL.get(field)
        if expected is None:
            raise RegistryError(f"{name}: field {field} is unknown; known are {', '.join([*_REQUIRED, *_OPTIONAL])}")
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            raise RegistryError(f"{name}: field {field}: {value!r} has the wrong type")
    for field, (form, wording) in _FORMS.items():
        if field in entry and not form.fullmatch(entry[field]):
            raise RegistryError(f"{name}: field {field}: {entry[field]!r} must be {wording}")
    if entry.get("min_delay_seconds", 0) < 0:
        raise RegistryError(f"{name}: field min_delay_seconds: must not be negative")


def _read_location(entry: dict[str, Any], name: str, path: Path) -> str:
    kind = entry["kind"]
    if kind == "warc" and ("url" in entry) == ("path" in entry):
        raise RegistryError(
            f"{name}: field path: a warc needs path (archive or folder of archives) or url, and not both"
        )
    if kind in ON_DISK or (kind == "warc" and "path" in entry):
        if "path" not in entry or "url" in entry:
            raise RegistryError(f"{name}: field path: a {kind} needs path, not url")
        return str((path.parent / Path(entry["path"]).expanduser()).resolve())
    if "url" not in entry or "path" in entry:
        raise RegistryError(f"{name}: field url: a {kind} needs url, not path")
    try:
        parts = urlsplit(entry["url"])
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise RegistryError(f"{name}: field url: {entry['url']!r} is no http or https URL")
    if "@" in parts.netloc:
        # not repeated here: it would stand in logs, archives and reports, as the URL does
        raise RegistryError(f"{name}: field url: it holds a user or password, which would be printed; leave them out")
    return str(entry["url"])


def _read_moment(told: dt.date | None) -> dt.datetime | None:
    """Return the beginning of a day, or the moment told, in UTC."""
    if told is None:
        return None
    moment = told if isinstance(told, dt.datetime) else dt.datetime(told.year, told.month, told.day)
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
