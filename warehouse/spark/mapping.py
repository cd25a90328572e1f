"""A function over many batches, or many things, on Spark's workers; what comes back keeps the order of what went in."""

from __future__ import annotations

import functools
import itertools
import pickle
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from warehouse.errors import SparkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyspark.sql import SparkSession

Item = TypeVar("Item")
Result = TypeVar("Result")

BATCH_ROWS = 200
"""Rows of one task: some tenths of a second of extraction, so that starting it (some 10 ms) weighs little."""
_TASKS_PER_CORE = 8  # tasks of one job for each core: the last ones of a job leave few cores idle
_JOBS = 2  # one fills the cores that the other's last tasks leave idle; more would only hold more in memory
_PICKLED = pa.schema([pa.field("pickled", pa.binary(), nullable=False)])


def map_batches(
    session: SparkSession,
    function: Callable[[pa.RecordBatch], pa.RecordBatch],
    batches: Iterable[pa.RecordBatch],
    *,
    schema: pa.Schema,
    columns: Sequence[str] | None = None,
) -> Iterator[pa.RecordBatch]:
    """Apply a pure function to batches with ``mapInArrow``; the rows come back in the order of a plain ``map``.

    Memory here doesn't grow with the input: two jobs of a few tasks for each core are under way.

    Args:
        session: open session.
        function: pure, and found under its name on the workers.
        batches: any size; none gives none.
        schema: of what the function returns.
        columns: columns that the function reads, or all.

    Raises:
        SparkError: a task failed for good; the message tells the first cause.
    """
    tasks = session.sparkContext.defaultParallelism * _TASKS_PER_CORE
    run = functools.partial(_run_job, session, function, schema)
    with ThreadPoolExecutor(_JOBS) as pool:
        under_way: deque[Future[pa.Table]] = deque()
        for some in _group(_slice(batches, columns), tasks):
            under_way.append(pool.submit(run, some))
            if len(under_way) >= _JOBS:
                yield from under_way.popleft().result().to_batches()
        while under_way:
            yield from under_way.popleft().result().to_batches()


def map_items(session: SparkSession, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Apply a function to things that can be pickled, each a task of its own; results come in the order of the things.

    Args:
        session: open session.
        function: found under its name on the workers.
        items: things.

    Raises:
        SparkError: a task failed for good.
    """
    pickled = (pa.RecordBatch.from_pydict({"pickled": [pickle.dumps(item)]}, schema=_PICKLED) for item in items)
    work = functools.partial(_apply_pickled, function)
    for batch in map_batches(session, work, pickled, schema=_PICKLED):
        for value in batch.column("pickled"):
            yield pickle.loads(value.as_py())


def _apply_pickled(function: Callable[[Any], Any], batch: pa.RecordBatch) -> pa.RecordBatch:
    """Apply a function to each pickled thing of a batch."""
    found = [pickle.dumps(function(pickle.loads(value.as_py()))) for value in batch.column("pickled")]
    return pa.RecordBatch.from_pydict({"pickled": found}, schema=_PICKLED)


def _run_job(
    session: SparkSession,
    function: Callable[[pa.RecordBatch], pa.RecordBatch],
    schema: pa.Schema,
    batches: Sequence[pa.RecordBatch],
) -> pa.Table:
    """Run one job, a task for each batch; without a shuffle, the rows keep their order."""
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415

    def apply(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return map(function, batches)

    rows = session.createDataFrame(pa.Table.from_batches(batches))
    mapped = rows.mapInArrow(apply, from_arrow_schema(schema))
    try:
        return mapped.toArrow().cast(schema)
    except PySparkException as error:
        raise SparkError(f"a task failed on Spark: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    """Return the line of a worker's traceback that says what was wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if "Error" in line.split(":")[0] and not line.startswith("org.apache")]
    return (told or lines or [type(error).__name__])[-1]


def _slice(batches: Iterable[pa.RecordBatch], columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    """Cut batches into the pieces that tasks take."""
    for batch in batches:
        chosen = batch.select(list(columns)) if columns else batch
        yield from (chosen.slice(start, BATCH_ROWS) for start in range(0, batch.num_rows, BATCH_ROWS))


def _group(things: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of so many things, the last one maybe shorter."""
    source = iter(things)
    while some := list(itertools.islice(source, size)):
        yield some
