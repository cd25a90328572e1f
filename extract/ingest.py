"""One source to one staged load of articles: plan, fetch or replay, parse, stage, tell."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pyarrow.compute as pc

from extract.collect import Baseline, Collection, collect
from extract.errors import RegistryError, SourceUnreachable
from extract.fetching.archive import ARCHIVE_NAME, ArchivedLoad, ArchiveWriter
from extract.fetching.exchange import WebExchange
from extract.fetching.fetcher import Fetcher
from extract.fetching.policy import FetchPolicy
from extract.on_disk import collect_on_disk
from extract.rows import build_rows
from extract.sources import ON_DISK
from extract.state import SourceState
from warehouse import clock, lake, ops
from warehouse.contracts import ARTICLES
from warehouse.lake import LoadWriter
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from extract.sources import Source
    from warehouse.settings import DataDirectory, Settings


@dataclass(frozen=True)
class IngestResult:
    """What became of one load.

    Attributes:
        load_id: load.
        source_id: source.
        rows: articles in the load.
        outcome: ``staged``: waits in staging for its gate; ``empty``: waits there too, without rows, and the gate
            commits its state; ``already_promoted``: an earlier run finished this load, nothing was done.
        refused: number of pages, entries and lists that did not become articles.
        reasons: how many of them by reason.
        table: table of the load.
    """

    load_id: str
    source_id: str
    rows: int
    outcome: Literal["staged", "empty", "already_promoted"]
    refused: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    table: str = ARTICLES.name


def ingest_source(
    settings: Settings, source: Source, *, load_id: str | None = None, policy: FetchPolicy | None = None
) -> IngestResult:
    """Bring one source's new articles to staging.

    A load whose responses are archived already (in the archive, in quarantine, or in staging) is replayed from
    there and never touches the network. Without a load id, a load of this source that still waits in staging is
    taken up again before a new one is begun.

    Args:
        settings: settings.
        source: source to read.
        load_id: load; by default ``<source id>-<UTC time>``.
        policy: fetcher's settings; by default from the environment.

    Raises:
        SourceUnreachable: the feed, sitemap or folder itself could not be read; nothing is staged.
        RegistryError: the source is a web archive, which has a command of its own.
        ArmsledgerError: the lake or the archive is damaged; the message names the file.
    """
    if source.kind == "warc":
        raise RegistryError(
            f"source {source.id} is a warc: read its archives with python -m extract warc --source {source.id}"
        )
    data = settings.data
    lake.initialise(data)
    # two ingests of one source would bring the same articles twice
    with data.storage.exclusive(data.staging / ARTICLES.name / f".{source.id}.lock"):
        lake.finish_interrupted(data, ARTICLES.name)
        load_id = load_id or next(iter(list_waiting(data, source)), None) or _choose_id(data, source)
        policy = policy or FetchPolicy.from_environment()
        if load_id not in lake.list_staged(data, ARTICLES.name):
            return _ingest_unless_promoted(data, source, load_id, policy)
        # it waits: a gate may be at work on it, and must not lose its files, nor promote it while it is made anew
        with lake.load_lock(data, ARTICLES, load_id):
            return _ingest_unless_promoted(data, source, load_id, policy)


def list_waiting(data: DataDirectory, source: Source) -> list[str]:
    """Return the loads of a source that wait in staging, oldest first: those that a killed run left, as a rule.

    One that was read again from its archive isn't among them: a replay would find its articles in the lake already.
    """
    loads = (
        (load_id, lake.read_staged(data, ARTICLES.name, load_id)) for load_id in lake.list_staged(data, ARTICLES.name)
    )
    return [
        load_id
        for load_id, staged in loads
        if staged.attributes.get("source_id") == source.id and "reparsed_from" not in staged.attributes
    ]


def _ingest_unless_promoted(data: DataDirectory, source: Source, load_id: str, policy: FetchPolicy) -> IngestResult:
    promoted = read_manifest(data, ARTICLES).load(load_id)
    if promoted:
        return IngestResult(load_id, source.id, promoted.rows, "already_promoted")
    return _ingest(data, source, load_id, policy)


def _ingest(data: DataDirectory, source: Source, load_id: str, policy: FetchPolicy) -> IngestResult:
    started = time.monotonic()
    archived = _find_archive(data, load_id)
    current = SourceState.from_json(read_manifest(data, ARTICLES).state.get(source.id))
    before = SourceState.from_json(archived.load_input["state"]) if archived else current
    known = lake.read_current(data, ARTICLES.name, columns=["article_id"])["article_id"].to_pylist()
    baseline = Baseline(before, frozenset(known))
    try:
        with LoadWriter(data, ARTICLES, load_id, source_id=source.id) as writer:
            if archived:
                shutil.copyfile(archived.path, writer.folder / ARCHIVE_NAME)
            found = asyncio.run(_collect(source, policy, baseline, archived=archived, folder=writer.folder))
            after = found.state if before == current else current.merge(found.state, done=set(found.done))
            if found.articles:
                writer.write(build_rows(found.articles, source=source, load_id=load_id))
            if after != current:
                writer.set_state(source.id, after.to_json())
            reasons = dict(sorted(Counter(refusal.reason for refusal in found.refusals).items()))
            writer.set_attributes(refused=len(found.refusals), reasons=reasons, is_replay=archived is not None)
    except SourceUnreachable as error:
        _tell_unreachable(data, source, load_id, error, seconds=time.monotonic() - started)
        raise
    result = IngestResult(
        load_id=load_id,
        source_id=source.id,
        rows=len(found.articles),
        outcome="staged" if found.articles else "empty",
        refused=len(found.refusals),
        reasons=reasons,
    )
    _tell(data, result, found, is_replay=archived is not None, seconds=time.monotonic() - started)
    return result


async def _collect(
    source: Source, policy: FetchPolicy, baseline: Baseline, *, archived: ArchivedLoad | None, folder: Path
) -> Collection:
    if archived:
        if source.kind in ON_DISK:
            return collect_on_disk(source, policy, baseline=baseline, archive=None, archived=archived.files)
        return await collect(source, Fetcher(archived, policy, archive=None), policy, baseline=baseline)
    load_input = {"state": baseline.state.to_json(), "source_id": source.id, "location": source.location}
    archive = ArchiveWriter(folder, load_input=load_input, user_agent=policy.user_agent)
    try:
        if source.kind in ON_DISK:
            return collect_on_disk(source, policy, baseline=baseline, archive=archive)
        async with WebExchange(policy, delay_seconds=source.min_delay_seconds) as web:
            return await collect(source, Fetcher(web, policy, archive=archive), policy, baseline=baseline)
    finally:
        archive.close()


def _choose_id(data: DataDirectory, source: Source) -> str:
    """Return an id that no load has yet, two loads within a second included."""
    base = f"{source.id}-{clock.compact(clock.now())}"
    manifest = read_manifest(data, ARTICLES)
    roots = [root / ARTICLES.name for root in (data.archive, data.quarantine)]

    def is_free(load_id: str) -> bool:
        return manifest.load(load_id) is None and not any(
            data.storage.exists(root / f"load={load_id}") for root in roots
        )

    return next(filter(is_free, itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))))


def _find_archive(data: DataDirectory, load_id: str) -> ArchivedLoad | None:
    for root in (data.archive, data.quarantine, data.staging):
        path = root / ARTICLES.name / f"load={load_id}" / ARCHIVE_NAME
        data.storage.refresh([path])
        if path.is_file():
            return ArchivedLoad(path)
    return None


def _tell(data: DataDirectory, result: IngestResult, found: Collection, *, is_replay: bool, seconds: float) -> None:
    """Append what happened to ``ops``; a replay adds only what its first run did not tell."""
    refusals = [
        {
            "load_id": result.load_id,
            "source_id": result.source_id,
            "url": refusal.url,
            "stage": refusal.stage,
            "reason": refusal.reason,
            "detail": refusal.detail or None,
            "is_retried": refusal.is_retried,
        }
        for refusal in found.refusals
    ]
    loads = [
        {
            "load_id": result.load_id,
            "table_name": result.table,
            "source_id": result.source_id,
            "stage": "ingest",
            "outcome": result.outcome,
            "rows_in": len(found.done),
            "rows_out": result.rows,
            "reason": ", ".join(f"{count} {reason}" for reason, count in result.reasons.items()) or None,
            "seconds": seconds,
        }
    ]
    if is_replay:
        keys = ("url", "stage", "reason")
        told = {tuple(row[key] for key in keys) for row in _rows_of(data, "refusals", result.load_id)}
        refusals = [row for row in refusals if tuple(row[key] for key in keys) not in told]
        outcomes = {(row["stage"], row["outcome"]) for row in _rows_of(data, "loads", result.load_id)}
        loads = [row for row in loads if (row["stage"], row["outcome"]) not in outcomes]
    ops.append(data, "refusals", refusals)
    ops.append(data, "loads", loads)


def _rows_of(data: DataDirectory, name: str, load_id: str) -> list[dict[str, object]]:
    rows = ops.read(data, name)
    return rows.filter(pc.equal(rows["load_id"], load_id)).to_pylist()  # type: ignore[no-any-return]


def _tell_unreachable(
    data: DataDirectory, source: Source, load_id: str, error: SourceUnreachable, *, seconds: float
) -> None:
    facts = {"load_id": load_id, "source_id": source.id, "reason": error.reason}
    refusal = {**facts, "url": source.location, "stage": "feed", "detail": str(error), "is_retried": True}
    load = {**facts, "table_name": ARTICLES.name, "stage": "ingest", "outcome": "unreachable", "seconds": seconds}
    ops.append(data, "refusals", [refusal])
    ops.append(data, "loads", [{**load, "reason": str(error), "rows_in": 0, "rows_out": 0}])
