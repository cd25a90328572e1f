"""A span of the past again, from what was archived: nobody is asked, so it can be done as often as one likes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from extract.ingest import ingest_source
from extract.reparse import ReparseResult, list_archived, reparse_load
from extract.sources import find_source
from warehouse import lake
from warehouse.contracts import ARTICLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.sources import Source
    from warehouse.settings import DataDirectory, Settings

_MOMENT = re.compile(r"^(.+)-(\d{8}T\d{6}Z)(-\d+)?(-r\d+)?$")  # how a source's load is called


def replay(
    settings: Settings,
    sources: tuple[Source, ...],
    *,
    since: datetime,
    until: datetime,
    source_id: str | None = None,
) -> Iterator[ReparseResult]:
    """Read the archived loads of a span again with the present parser, oldest first.

    A load of the lake that gives other rows is staged anew and replaces the old one when it passes its gate. One that a
    gate refused is staged again under its own id, with what the lake doesn't have by now.

    Args:
        settings: settings.
        sources: registry.
        since: first moment; a load's id tells when it was begun. UTC.
        until: moment after the last. UTC.
        source_id: only loads of this source, or all.

    Yields:
        What became of each load; where it is settled before the next one is asked for, no article comes twice.

    Raises:
        ArchiveError: an archive is damaged.
    """
    data = settings.data
    archived = _list_span(list_archived(data), since=since, until=until, source_id=source_id)
    refused = _list_span(_list_refused(data), since=since, until=until, source_id=source_id)
    for load_id in sorted({*archived, *refused}):
        if load_id in archived:
            result = reparse_load(settings, load_id, sources, only_source=source_id)
            if result:
                yield result
        else:
            yield _bring_back(settings, load_id, sources)


def list_sources(data: DataDirectory, *, since: datetime, until: datetime) -> set[str]:
    """Return the sources that have archived loads, or refused ones, of a span."""
    loads = _list_span([*list_archived(data), *_list_refused(data)], since=since, until=until, source_id=None)
    return {told[1] for load_id in loads if (told := _MOMENT.match(load_id))}


def _bring_back(settings: Settings, load_id: str, sources: tuple[Source, ...]) -> ReparseResult:
    """Stage a refused load again, from the archive that lies beside it in quarantine."""
    told = _MOMENT.match(load_id)
    source_id = told[1] if told else load_id
    if source_id not in {source.id for source in sources}:
        detail = f"its source {source_id} is not in the registry; add it there, switched off, to read the load again"
        return ReparseResult(load_id, "skipped", detail=detail)
    result = ingest_source(settings, find_source(sources, source_id), load_id=load_id)
    if result.outcome == "empty":
        lake.settle_empty(settings.data, ARTICLES.name, load_id)
        return ReparseResult(load_id, "unchanged")
    return ReparseResult(load_id, "staged", load_id, result.rows)


def _list_refused(data: DataDirectory) -> list[str]:
    """Return the loads that a gate refused and whose responses lie with them."""
    names = data.storage.names(data.quarantine / ARTICLES.name, "load=*/*.warc.gz")
    return [name.split("/")[0].removeprefix("load=") for name in names]


def _list_span(load_ids: list[str], *, since: datetime, until: datetime, source_id: str | None) -> list[str]:
    found = []
    for load_id in load_ids:
        told = _MOMENT.match(load_id)
        if told is None or source_id not in (None, told[1]):
            continue
        moment = datetime.strptime(told[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if since <= moment < until:
            found.append(load_id)
    return found


__all__ = ["list_sources", "replay"]
