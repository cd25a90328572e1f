"""Articles of the lake to one staged load of claims."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc

from extract.extractors import Extractor, build_extractor
from warehouse import clock, lake, ops
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import LakeError
from warehouse.lake import LoadWriter
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.engines import MapBatches
    from warehouse.manifests import LoadEntry, Manifest
    from warehouse.settings import DataDirectory, Settings

_WITHOUT_CLAIMS = "inputs_without_claims"
"""Key of the claims manifest's state: article loads that gave no claim, by extractor version."""


@dataclass(frozen=True)
class EventsResult:
    """What became of one claims load.

    Attributes:
        load_id: claims load.
        inputs: article loads that it covers.
        replaces: claims loads that leave the manifest when it is promoted.
        articles: articles read.
        rows: claims written.
        outcome: ``staged``: waits for its gate; ``empty``: waits there too, without rows, and the gate commits that
            its articles hold no claim; ``already_promoted``: an earlier run finished this load.
        notes: what else the extractor has to tell, in words.
        table: table of the load.
    """

    load_id: str
    inputs: tuple[str, ...]
    replaces: tuple[str, ...]
    articles: int
    rows: int
    outcome: Literal["staged", "empty", "already_promoted"]
    notes: tuple[str, ...] = ()
    table: str = TRANSFER_CLAIMS.name


def stage_claims(
    settings: Settings,
    *,
    load_id: str | None = None,
    claims_load_id: str | None = None,
    extractor: Extractor | None = None,
    apply: MapBatches = map,
) -> EventsResult | None:
    """Extract the claims of all article loads that no current claims load covers with this extractor.

    Args:
        settings: settings.
        load_id: only this article load, or all.
        claims_load_id: id of the claims load; by default the one that waits in staging for the same articles, else
            ``claims-<UTC time>``.
        extractor: by default the one that the environment asks for.
        apply: what applies it to batches, in their order; see `extract.engines`.

    Returns:
        The staged load, or None when every article is covered.

    Raises:
        LakeError: there is no such article load, or a file of the lake is damaged.
    """
    data = settings.data
    lake.initialise(data)
    extractor = extractor or build_extractor(settings)
    with data.storage.exclusive(data.staging / TRANSFER_CLAIMS.name / ".extract.lock"):
        lake.finish_interrupted(data, TRANSFER_CLAIMS.name)
        articles, claims = read_manifest(data, ARTICLES), read_manifest(data, TRANSFER_CLAIMS)
        promoted = claims.load(claims_load_id) if claims_load_id else None
        if promoted:
            inputs = tuple(promoted.attributes.get("inputs", ()))
            return EventsResult(promoted.load_id, inputs, (), 0, promoted.rows, "already_promoted")
        wanted = [entry.load_id for entry in articles.loads]
        if load_id:
            if load_id not in wanted:
                raise LakeError(f"raw/articles has no load {load_id}; it may still wait in staging or quarantine")
            wanted = [load_id]
        present = {entry.load_id for entry in articles.loads}
        covered = _covered(claims, extractor.version, present)
        pending = tuple(one for one in wanted if one not in covered)
        if not pending:
            return None
        replaces = _replaced(claims, extractor.version, covered | set(pending), present)
        target = claims_load_id or _find_waiting(data, pending) or _choose_id(claims)
        return _stage(data, extractor, _Plan(target, pending, replaces), apply)


@dataclass(frozen=True)
class _Plan:
    """A claims load to be.

    Attributes:
        load_id: its id.
        inputs: article loads that it covers.
        replaces: claims loads whose place it takes.
    """

    load_id: str
    inputs: tuple[str, ...]
    replaces: tuple[str, ...]


def _stage(data: DataDirectory, extractor: Extractor, plan: _Plan, apply: MapBatches) -> EventsResult:
    load_id, inputs, replaces = plan.load_id, plan.inputs, plan.replaces
    started = time.monotonic()
    rows = 0
    attributes = {"inputs": list(inputs), "extractor_version": extractor.version, "replaces": list(replaces)}
    with LoadWriter(data, TRANSFER_CLAIMS, load_id, **attributes) as writer:
        batches = _Counted(_iterate_first(data, inputs))
        for found in apply(extractor.run, batches):
            rows += found.num_rows
            number = found.schema.get_field_index("load_id")
            ids = pa.array([load_id] * found.num_rows, pa.string())
            writer.write(pa.Table.from_batches([found]).set_column(number, "load_id", ids))
        articles = batches.rows
        if not rows:
            state = read_manifest(data, TRANSFER_CLAIMS).state.get(_WITHOUT_CLAIMS, {})
            known = state.get(extractor.version, [])
            # only this version's: what an older one found nothing in, a newer one reads again
            writer.set_state(_WITHOUT_CLAIMS, {extractor.version: sorted({*known, *inputs})})
        notes = extractor.tell(load_id)
    outcome: Literal["staged", "empty"] = "staged" if rows else "empty"
    fact = {
        "load_id": load_id,
        "table_name": TRANSFER_CLAIMS.name,
        "stage": "extract",
        "outcome": outcome,
        "rows_in": articles,
        "rows_out": rows,
        "reason": "; ".join(notes) or None,
        "seconds": time.monotonic() - started,
    }
    ops.append(data, "loads", [fact])
    return EventsResult(load_id, inputs, replaces, articles, rows, outcome, notes)


@dataclass
class _Counted:
    """Batches on their way, whose rows are counted as they are taken.

    Attributes:
        batches: the batches.
        rows: rows taken so far.
    """

    batches: Iterator[pa.RecordBatch]
    rows: int = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches."""
        for batch in self.batches:
            self.rows += batch.num_rows
            yield batch


def _iterate_first(data: DataDirectory, inputs: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Yield the articles of these loads, each from the first load of the manifest that has it.

    Two sources that announce one page may both bring it, when they are read at the same time.
    """
    order = [entry.load_id for entry in read_manifest(data, ARTICLES).loads]
    for load_id in inputs:
        own = lake.read_current(data, ARTICLES.name, columns=["article_id"], load_ids=[load_id])["article_id"]
        before = order[: order.index(load_id)]
        earlier = lake.read_current(data, ARTICLES.name, columns=["article_id"], load_ids=before)["article_id"]
        repeated = earlier.filter(pc.is_in(earlier, value_set=own.combine_chunks())).combine_chunks()
        for batch in lake.iterate_current(data, ARTICLES.name, load_ids=[load_id]):
            yield batch.filter(pc.invert(pc.is_in(batch["article_id"], value_set=repeated)))


def _covered(claims: Manifest, version: str, present: set[str]) -> set[str]:
    """Return the article loads that current claims of this version cover.

    A claims load of which an article load has left the lake covers none: it holds claims of articles that another load
    replaced, so it is made anew as a whole.
    """
    loads = [entry for entry in claims.loads if _is_sound(entry, version, present)]
    without = claims.state.get(_WITHOUT_CLAIMS, {}).get(version, [])
    return {one for entry in loads for one in entry.attributes.get("inputs", ())} | set(without)


def _replaced(claims: Manifest, version: str, covered: set[str], present: set[str]) -> tuple[str, ...]:
    """Return the claims loads that don't hold any more and whose articles are all covered by this version or gone."""
    others = (entry for entry in claims.loads if not _is_sound(entry, version, present))
    return tuple(entry.load_id for entry in others if set(entry.attributes.get("inputs", ())) & present <= covered)


def _is_sound(entry: LoadEntry, version: str, present: set[str]) -> bool:
    """Tell whether a claims load is of this version, and of articles that are in the lake."""
    of_version = entry.attributes.get("extractor_version") == version
    return of_version and set(entry.attributes.get("inputs", ())) <= present


def _choose_id(claims: Manifest) -> str:
    """Return an id that no load has yet, two loads within a second included."""
    base = f"claims-{clock.compact(clock.now())}"
    ids = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    return next(load_id for load_id in ids if claims.load(load_id) is None)


def _find_waiting(data: DataDirectory, inputs: tuple[str, ...]) -> str | None:
    """Return a claims load in staging whose articles are all among these: it is written anew under its id."""
    for load_id in lake.list_staged(data, TRANSFER_CLAIMS.name):
        waiting = lake.read_staged(data, TRANSFER_CLAIMS.name, load_id).attributes.get("inputs", ())
        if waiting and set(waiting) <= set(inputs):
            return load_id
    return None
