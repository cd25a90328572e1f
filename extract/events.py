"""Articles of the lake to one staged load of claims."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import pyarrow as pa
import pyarrow.compute as pc

from extract.covering import open_state
from extract.extractors import Extractor, build_extractor
from warehouse import lake, ops
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import SettingsError
from warehouse.lake import LoadWriter
from warehouse.manifests import read_manifest
from warehouse.versions import WITHOUT_CLAIMS, inputs_of, list_covered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from extract.covering import LakeState
    from extract.extractors import MapBatches
    from warehouse.settings import DataDirectory, Settings

Past = Literal["beside", "at_once", "no"]
PAST_VARIABLE = "ARMSLEDGER_REEXTRACT"


@dataclass(frozen=True)
class EventsResult:
    """What became of one claims load.

    Attributes:
        load_id: claims load.
        inputs: article loads that it covers.
        replaces: claims loads that are current no more when it is promoted.
        articles: articles read.
        rows: claims written.
        outcome: ``staged``: waits for its gate; ``empty``: waits there too, without rows, and the gate commits that
            its articles hold no claim; ``already_promoted``: an earlier run finished this load.
        notes: what else the extractor has to tell, in words.
        is_beside: whether its claims stand beside the current ones until their version is adopted.
        table: table of the load.
    """

    load_id: str
    inputs: tuple[str, ...]
    replaces: tuple[str, ...]
    articles: int
    rows: int
    outcome: Literal["staged", "empty", "already_promoted"]
    notes: tuple[str, ...] = ()
    is_beside: bool = False
    table: str = TRANSFER_CLAIMS.name


def read_past() -> Past:
    """Read ``ARMSLEDGER_REEXTRACT``: ``beside`` (the default), ``at_once`` or ``no``.

    Raises:
        SettingsError: it is something else.
    """
    value = os.environ.get(PAST_VARIABLE) or "beside"
    if value not in get_args(Past):
        raise SettingsError(f"{PAST_VARIABLE}={value}: set it to {', '.join(get_args(Past))}")
    return cast("Past", value)


def stage_claims(
    settings: Settings,
    *,
    load_id: str | None = None,
    claims_load_id: str | None = None,
    extractor: Extractor | None = None,
    apply: MapBatches | None = None,
) -> EventsResult | None:
    """Extract the claims of all article loads that no current claims load covers, of whatever version.

    Args:
        settings: settings.
        load_id: only this article load, or all.
        claims_load_id: id of the claims load; by default the one that waits in staging for the same articles, else
            ``claims-<UTC time>``.
        extractor: by default the one that the environment asks for.
        apply: what applies it to batches, in their order, in its own place; see `extract.engines`.

    Returns:
        The staged load, or None when every article is covered.

    Raises:
        LakeError: there is no such article load, or a file of the lake is damaged.
    """
    extractor = extractor or build_extractor(settings)

    def plan(state: LakeState) -> _Plan | EventsResult | None:
        promoted = state.claims.load(claims_load_id) if claims_load_id else None
        if promoted:
            inputs = tuple(inputs_of(promoted))
            return EventsResult(promoted.load_id, inputs, (), 0, promoted.rows, "already_promoted")
        known = state.list_known()
        pending = tuple(one for one in state.choose(load_id) if one not in known)
        if not pending:
            return None
        replaces = state.list_broken(known | set(pending)) + state.list_overtaken(extractor.version, set(pending))
        target = claims_load_id or state.find_waiting(pending, is_beside=False) or state.choose_id("claims")
        return _Plan(target, pending, replaces)

    return _stage_in_turn(settings.data, extractor, plan, apply)


def stage_past(
    settings: Settings,
    past: Past,
    *,
    load_id: str | None = None,
    extractor: Extractor | None = None,
    apply: MapBatches | None = None,
) -> EventsResult | None:
    """Extract the claims of the articles that only other versions of the extractor have read.

    Args:
        settings: settings.
        past: ``beside``: the load passes its gate and stands beside the current claims until its version is adopted;
            ``at_once``: it takes the place of the older claims, which stand beside then; ``no``: nothing is done.
        load_id: only this article load, or all.
        extractor: by default the one that the environment asks for.
        apply: what applies it to batches, in their order, in its own place; see `extract.engines`.

    Returns:
        The staged load, or None when there is nothing to do.

    Raises:
        LakeError: there is no such article load, or a file of the lake is damaged.
    """
    if past == "no":
        return None
    extractor = extractor or build_extractor(settings)

    def plan(state: LakeState) -> _Plan | None:
        own = list_covered(state.claims, state.claims.promoted, extractor.version, state.present)
        known = state.list_known()
        pending = tuple(one for one in state.choose(load_id) if one in known and one not in own)
        if not pending:
            return None
        is_beside = past == "beside"
        displaces = () if is_beside else state.list_displaced(extractor.version, own | set(pending))
        target = state.find_waiting(pending, is_beside=is_beside) or state.choose_id("past" if is_beside else "claims")
        return _Plan(target, pending, (), displaces, is_beside)

    return _stage_in_turn(settings.data, extractor, plan, apply)


@dataclass(frozen=True)
class _Plan:
    """A claims load to be.

    Attributes:
        load_id: its id.
        inputs: article loads that it covers.
        replaces: claims loads that hold no more.
        displaces: claims loads of other versions whose place it takes; they stand beside then.
        is_beside: whether it stands beside what is current itself.
    """

    load_id: str
    inputs: tuple[str, ...]
    replaces: tuple[str, ...]
    displaces: tuple[str, ...] = ()
    is_beside: bool = False

    def to_attributes(self, version: str) -> dict[str, Any]:
        """Return what the load says of itself."""
        told: dict[str, Any] = {"inputs": list(self.inputs), "extractor_version": version}
        told["replaces"] = list(self.replaces)
        if self.displaces:
            told["displaces"] = list(self.displaces)
        if self.is_beside:
            told["is_beside"] = True
        return told


def _stage_in_turn(
    data: DataDirectory,
    extractor: Extractor,
    make_plan: Callable[[LakeState], _Plan | EventsResult | None],
    apply: MapBatches | None,
) -> EventsResult | None:
    """Plan and stage; what a gate settled meanwhile, in another run of the same date, is planned anew."""
    while True:
        with open_state(data) as state:
            plan = make_plan(state)
            if not isinstance(plan, _Plan):
                return plan
            with _hold(data, plan.load_id) as is_as_planned:
                if is_as_planned:
                    return _stage(data, extractor, plan, apply)


@contextlib.contextmanager
def _hold(data: DataDirectory, load_id: str) -> Iterator[bool]:
    """Keep gates off a load that waits in staging while it is made anew; tells whether it still waits."""
    if load_id not in lake.list_staged(data, TRANSFER_CLAIMS.name):
        yield True
        return
    with lake.load_lock(data, TRANSFER_CLAIMS, load_id):
        yield load_id in lake.list_staged(data, TRANSFER_CLAIMS.name)


def _stage(data: DataDirectory, extractor: Extractor, plan: _Plan, apply: MapBatches | None) -> EventsResult:
    load_id, inputs = plan.load_id, plan.inputs
    started = time.monotonic()
    rows = 0
    with LoadWriter(data, TRANSFER_CLAIMS, load_id, **plan.to_attributes(extractor.version)) as writer:
        batches = _Counted(_iterate_first(data, inputs))
        for found in (apply or extractor.apply)(extractor.run, batches):
            rows += found.num_rows
            number = found.schema.get_field_index("load_id")
            ids = pa.array([load_id] * found.num_rows, pa.string())
            writer.write(pa.Table.from_batches([found]).set_column(number, "load_id", ids))
        articles = batches.rows
        if not rows and not plan.is_beside:
            known = read_manifest(data, TRANSFER_CLAIMS).state.get(WITHOUT_CLAIMS, {})
            writer.set_state(
                WITHOUT_CLAIMS, {**known, extractor.version: sorted({*known.get(extractor.version, []), *inputs})}
            )
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
    return EventsResult(
        load_id, inputs, (*plan.replaces, *plan.displaces), articles, rows, outcome, notes, is_beside=plan.is_beside
    )


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
