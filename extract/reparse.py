"""Archived responses through the present parser: a load is read again without the network and replaces the old one."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from extract.bulk.reading import read_archived
from extract.collect import Baseline, Collection, Ledger, collect
from extract.errors import ArchiveError, SourceUnreachable
from extract.fetching.archive import ARCHIVE_NAME, ArchivedLoad
from extract.fetching.fetcher import Fetcher
from extract.fetching.policy import FetchPolicy
from extract.on_disk import collect_on_disk
from extract.rows import build_rows
from extract.sources import ON_DISK, find_source
from extract.state import SourceState
from warehouse import lake, ops
from warehouse.contracts import ARTICLES
from warehouse.lake import LoadWriter
from warehouse.manifests import read_manifest
from warehouse.retirement import is_retired
from warehouse.row_quarantine import quarantine_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.sources import Source
    from warehouse.manifests import Manifest
    from warehouse.settings import DataDirectory, Settings

_AGAIN = re.compile(r"-r(\d+)$")  # how the load that took another's place is called


@dataclass(frozen=True)
class ReparseResult:
    """What became of one archived load.

    Attributes:
        load_id: load that was read again.
        outcome: ``staged``: a load that takes its place waits for its gate; ``unchanged``: the present parser gives the
            same rows; ``skipped``: it can't be read again, ``detail`` says why.
        staged_id: the load that waits, or None.
        rows: articles that the present parser gives.
        before: articles of the load in the lake.
        detail: what else to know.
    """

    load_id: str
    outcome: Literal["staged", "unchanged", "skipped"]
    staged_id: str | None = None
    rows: int = 0
    before: int = 0
    detail: str = ""


def list_archived(data: DataDirectory) -> list[str]:
    """Return the loads whose responses are archived, oldest id first; of those read again only the newest."""
    newest: dict[str, tuple[int, str]] = {}
    for name in data.storage.names(data.archive / ARTICLES.name, f"load=*/{ARCHIVE_NAME}"):
        load_id = name.split("/")[0].removeprefix("load=")
        told = _AGAIN.search(load_id)
        entry = (int(told[1]) if told else 1, load_id)
        base = _AGAIN.sub("", load_id)
        newest[base] = max(newest.get(base, entry), entry)
    return sorted(load_id for _, load_id in newest.values())


def reparse_load(
    settings: Settings, load_id: str, sources: tuple[Source, ...], *, only_source: str | None = None
) -> ReparseResult | None:
    """Read an archived load again; where it gives other rows, stage a load that replaces it.

    The new load carries the same archive, so it can be read again in turn. Claims of the old one are extracted anew
    once it is promoted.

    Args:
        settings: settings.
        load_id: load with archived responses.
        sources: registry.
        only_source: a load of another source is left alone.

    Returns:
        What became of it; None where it is of another source.

    Raises:
        ArchiveError: there is no archive of this load, or it is damaged.
    """
    data = settings.data
    lake.initialise(data)
    path = data.archive / ARTICLES.name / f"load={load_id}" / ARCHIVE_NAME
    data.storage.refresh([path])
    if not path.is_file():
        known = ", ".join(list_archived(data)) or "none"
        raise ArchiveError(f"{data.storage.address(path)}: no archive of this load; loads that have one: {known}")
    archived = ArchivedLoad(path)
    manifest = read_manifest(data, ARTICLES)
    source = _find_source(archived, manifest, load_id, sources)
    if only_source and (isinstance(source, str) or source.id != only_source):
        return None
    if isinstance(source, str):
        return ReparseResult(load_id, "skipped", detail=source)
    if is_retired(data, ARTICLES.name, load_id):
        return ReparseResult(load_id, "skipped", detail="it was retired; its articles stay out of the lake")
    with data.storage.exclusive(data.staging / ARTICLES.name / f".{source.id}.lock"):
        return _reparse(data, source, load_id, archived)


def _find_source(archived: ArchivedLoad, manifest: Manifest, load_id: str, sources: tuple[Source, ...]) -> Source | str:
    """Return the source of a load as it was when the load was made, or why it can't be told."""
    from extract.bulk.places import COMMAND_LINE_SOURCE  # noqa: PLC0415

    entry = manifest.load(load_id)
    source_id = archived.load_input.get("source_id") or (entry.attributes.get("source_id") if entry else None)
    known = (*sources, COMMAND_LINE_SOURCE)
    if source_id not in {source.id for source in known}:
        return f"its source {source_id} is not in the registry; add it there, switched off, to read the load again"
    source = find_source(known, source_id)
    return replace(source, location=archived.load_input.get("location", source.location))


def _reparse(data: DataDirectory, source: Source, load_id: str, archived: ArchivedLoad) -> ReparseResult:
    started = time.monotonic()
    manifest = read_manifest(data, ARTICLES)
    entry = manifest.load(load_id)
    before = lake.read_current(data, ARTICLES.name, load_ids=[load_id] if entry else [])
    others = [one.load_id for one in manifest.loads if one.load_id != load_id]
    known = lake.read_current(data, ARTICLES.name, columns=["article_id"], load_ids=others)["article_id"].to_pylist()
    try:
        found = _collect(source, archived, frozenset(known))
    except SourceUnreachable as error:
        return ReparseResult(load_id, "skipped", detail=f"its list is not in the archive: {error}")
    number = _AGAIN.search(load_id)
    target = f"{_AGAIN.sub('', load_id)}-r{int(number[1]) + 1 if number else 2}"
    rows = build_rows(found.articles, source=source, load_id=target)
    if _content(_without_set_aside(data, rows, load_id)) == _content(before):
        return ReparseResult(load_id, "unchanged", rows=rows.num_rows, before=before.num_rows)
    reasons = dict(sorted(Counter(refusal.reason for refusal in found.refusals).items()))
    told = {"source_id": source.id, "reparsed_from": load_id, "replaces": [load_id] if entry else []}
    with LoadWriter(data, ARTICLES, target, **told, refused=len(found.refusals), reasons=reasons) as writer:
        shutil.copyfile(archived.path, writer.folder / ARCHIVE_NAME)
        writer.write(rows)
    fact = {
        "load_id": target,
        "table_name": ARTICLES.name,
        "source_id": source.id,
        "stage": "ingest",
        "outcome": "staged" if rows.num_rows else "empty",
        "rows_in": len(found.done),
        "rows_out": rows.num_rows,
        "reason": f"{load_id} read again by the present parser",
        "seconds": time.monotonic() - started,
    }
    ops.append(data, "loads", [fact])
    return ReparseResult(load_id, "staged", target, rows.num_rows, before.num_rows)


def _collect(source: Source, archived: ArchivedLoad, known: frozenset[str]) -> Collection:
    """Read the archive of a load as the load read the web, files or web archive."""
    policy = FetchPolicy()
    baseline = Baseline(SourceState.from_json(archived.load_input.get("state")), known)
    if source.kind == "warc":
        ledger = Ledger(known)
        for url, response in archived.responses.items():
            ledger.settle(url, url, read_archived(response))
        return Collection(
            tuple(ledger.articles.values()), tuple(ledger.refusals), SourceState(), frozenset(archived.responses)
        )
    if source.kind in ON_DISK:
        return collect_on_disk(source, policy, baseline=baseline, archive=None, archived=archived.files)
    return asyncio.run(collect(source, Fetcher(archived, policy, archive=None), policy, baseline=baseline))


def _without_set_aside(data: DataDirectory, rows: pa.Table, load_id: str) -> pa.Table:
    """Leave out the rows that the gate took out of this very load: it would do so again."""
    told = ops.read(data, "quarantined_rows", columns=["load_id", "table_name", "quarantine_id"]).to_pylist()
    aside = {row["quarantine_id"] for row in told if (row["load_id"], row["table_name"]) == (load_id, ARTICLES.name)}
    if not aside:
        return rows
    return rows.filter(pa.array([quarantine_id(ARTICLES, row) not in aside for row in rows.to_pylist()], pa.bool_()))


def _content(rows: pa.Table) -> list[dict[str, object]]:
    """Return what the parser gave, in an order that doesn't depend on the load."""
    plain: Iterable[dict[str, object]] = rows.drop_columns(["load_id"]).sort_by("article_id").to_pylist()
    return list(plain)
