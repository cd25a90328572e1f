"""A pure function over many things on all cores of this machine; what comes back keeps the order of what went in."""

from __future__ import annotations

import functools
import gc
import itertools
import multiprocessing
import os
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

_FEW_ROWS = 100  # are done here before processes would have started
_PIECE_ROWS = 50  # handed to a process at once: a second of extraction at most, so no core waits long for the last one
_PIECES_AHEAD = 50  # for each process: more than a batch of the lake has, so that none waits for the next batch


def map_items(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    prepare: Callable[[], object],
    processes: int | None = None,
    ahead: int = 2,
) -> Iterator[Result]:
    """Apply a function to things that can be pickled; the processes end also when this one is killed.

    Memory doesn't grow with the number of things: some for each process are under way.

    Args:
        function: found under its name by other processes.
        items: things.
        prepare: loads what the function reads; called here before the processes part, so that they share it.
        processes: number of processes; by default one per core. With one the work is done here.
        ahead: things under way for each process.
    """
    processes = processes or os.cpu_count() or 1
    prepare()
    if processes == 1:
        yield from map(function, items)
        return
    under_way: deque[Future[Result]] = deque()
    gc.freeze()  # a collection would write to what the processes share, and so copy it
    try:
        with ProcessPoolExecutor(processes, initializer=_begin, initargs=(prepare,)) as pool:
            for item in items:
                under_way.append(pool.submit(function, item))
                if len(under_way) > ahead * processes:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
    finally:
        gc.unfreeze()


def map_batches(
    function: Callable[[pa.RecordBatch], pa.RecordBatch],
    batches: Iterable[pa.RecordBatch],
    *,
    prepare: Callable[[], object],
    columns: Iterable[str],
    processes: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """Apply a pure function of rows to batches; gives what ``map`` gives.

    Args:
        function: found under its name by other processes; a row of its result depends on one row alone.
        batches: any size; where all have few rows together, the work is done here.
        prepare: loads what the function reads.
        columns: columns that the function reads.
        processes: number of processes; by default one per core.
    """
    source = iter(batches)
    first, rows = [], 0
    while rows < _FEW_ROWS and (batch := next(source, None)) is not None:
        first.append(batch)
        rows += batch.num_rows
    if rows < _FEW_ROWS:
        yield from map(function, first)
        return
    chosen = (batch.select(list(columns)) for batch in itertools.chain(first, source))
    pieces = itertools.chain.from_iterable(map(_cut, chosen))
    done: list[pa.RecordBatch] = []
    work = functools.partial(_run_piece, function)
    for found, is_last in map_items(work, pieces, prepare=prepare, processes=processes, ahead=_PIECES_AHEAD):
        done.append(found)
        if is_last:
            yield pa.concat_batches(done)
            done = []


_Piece = tuple[pa.Schema, pa.Buffer, bool]  # schema and rows, and whether it is the last of its batch


def _cut(batch: pa.RecordBatch) -> Iterator[_Piece]:
    """Yield a batch in pieces; written by Arrow, since a pickled slice carries the whole batch."""
    for start in range(0, max(1, batch.num_rows), _PIECE_ROWS):
        yield batch.schema, batch.slice(start, _PIECE_ROWS).serialize(), start + _PIECE_ROWS >= batch.num_rows


def _run_piece(function: Callable[[pa.RecordBatch], pa.RecordBatch], piece: _Piece) -> tuple[pa.RecordBatch, bool]:
    schema, rows, is_last = piece
    return function(pa.ipc.read_record_batch(rows, schema)), is_last


def _begin(prepare: Callable[[], object]) -> None:
    """Begin a process of the pool."""
    prepare()
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    """End this process when its parent has ended: the queues of the pool would let it wait for ever."""
    parent.join()
    os._exit(1)
