"""When Spark pays: extraction in one process, in two, and on Spark, in one run; what follows for far more articles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent)]  # each engine is measured in a process of its own, which runs this file

import psutil  # noqa: E402
import pyarrow as pa  # noqa: E402
from corpus import make_batch, make_irrelevant, make_relevant  # noqa: E402
from results import Measurement, Report, on_one_core  # noqa: E402
from spark_cluster import run_cluster, why_not  # noqa: E402

from extract.claims import extract_claims  # noqa: E402
from extract.claims.batch import READ_COLUMNS  # noqa: E402
from extract.claims.lexicon import load_lexicon  # noqa: E402
from warehouse.contracts import TRANSFER_CLAIMS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    MapBatches = Callable[[Callable[[pa.RecordBatch], pa.RecordBatch], Iterable[pa.RecordBatch]], Iterable[object]]

_RELEVANT, _SHARE = 240, 10  # articles that tell a transfer; one in so many does
_BATCH = 200  # articles handed over at once, as Spark's tasks take them
_TITLE = f"Spark beside one process: {_RELEVANT * _SHARE:,} articles of 3,000 characters, one in {_SHARE} relevant"
_FAR_MORE = 10_000_000  # a thousand times the ten thousand articles that some dozens of feeds bring in a month
_MANY_CORES = 16


@dataclass(frozen=True)
class Pace:
    """How fast an engine was.

    Attributes:
        start: seconds until a first small piece was done: processes begun, reference lists loaded.
        rate: articles a second after that.
        handed: articles a second when nothing is done with them.
        processor: seconds of processor for each thousand articles, of this process and its children; other work on the
            machine lengthens it little. A cluster's workers are no children and are left out.
    """

    start: float
    rate: float
    handed: float
    processor: float


def run() -> Report:
    """Measure each engine on the same articles, and tell from where on Spark is done first."""
    reason = why_not()
    if reason:
        return Report(_TITLE, (Measurement("Spark", None, "x", note=reason),))
    one = _pace("one")
    paces = {
        "two processes": _pace("two"),
        "Spark, local[1]": _pace("spark", ARMSLEDGER_SPARK_MASTER="local[1]"),
        "Spark, local[2]": _pace("spark", ARMSLEDGER_SPARK_MASTER="local[2]"),
    }
    with tempfile.TemporaryDirectory() as folder, run_cluster(Path(folder) / "run") as cluster:
        paces["Spark, two workers of one core"] = _pace("spark", **cluster.environment)
    return Report(
        _TITLE,
        (
            Measurement(
                "one process, one core",
                one.rate,
                "articles/s",
                note=f"ready after {one.start:.1f} s; {one.processor:.2f} s of processor for 1,000",
            ),
            *(compare(what, pace, one) for what, pace in paces.items()),
            *project(one, paces["Spark, local[1]"]),
        ),
    )


def compare(what: str, pace: Pace, one: Pace) -> Measurement:
    """Hold an engine against one process, and tell from how many articles on it is done first."""
    note = f"{pace.rate:,.0f} articles/s, ready after {pace.start:.1f} s; {pace.processor:.2f} s of processor for 1,000"
    if pace.rate > one.rate:
        even = max((pace.start - one.start) / (1 / one.rate - 1 / pace.rate), 0)
        note += f"; done first from {even:,.0f} articles on"
    return Measurement(f"{what}, times one process", pace.rate / one.rate, "x", note=note)


def project(one: Pace, spark: Pace) -> tuple[Measurement, ...]:
    """Project from one core under Spark: workers share nothing, one driver hands over and collects."""
    thousands = _FAR_MORE / 1000
    alone, shared = thousands * one.processor, thousands * spark.processor / _MANY_CORES
    return (
        Measurement(
            "articles for a second of processor, times one process",
            one.processor / spark.processor,
            "x",
            note="of Spark, local[1]: what a core under Spark does",
        ),
        Measurement(
            "cores that one driver keeps busy",
            spark.handed * spark.processor / 1000,
            "cores",
            note=f"it hands over and collects {spark.handed:,.0f} articles/s when nothing is done with them",
        ),
        Measurement(f"{_FAR_MORE:,} articles, one process", alone / 3600, "h", note="projected"),
        Measurement(
            f"{_FAR_MORE:,} articles, {_MANY_CORES} cores",
            max(shared, _FAR_MORE / spark.handed) / 3600,
            "h",
            note="projected; where the driver is the limit, it counts",
        ),
    )


def _pace(engine: str, **environment: str) -> Pace:
    """Measure an engine in a process of its own."""
    ended = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), engine],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Pace(**json.loads(ended.stdout.splitlines()[-1]))


def make_articles() -> list[pa.RecordBatch]:
    """Make the articles, the relevant ones spread evenly, in batches of one task."""
    others = iter(make_irrelevant(_RELEVANT * (_SHARE - 1)))
    texts = [text for first in make_relevant(_RELEVANT) for text in (first, *(next(others) for _ in range(_SHARE - 1)))]
    batch = make_batch(texts).select(list(READ_COLUMNS))
    return [batch.slice(start, _BATCH) for start in range(0, batch.num_rows, _BATCH)]


def measure(engine: str) -> Pace:
    """Measure an engine in this process."""
    batches = make_articles()
    count = sum(batch.num_rows for batch in batches)
    first = [batch.slice(0, 10) for batch in batches[:4]]  # a little for each core
    began = time.perf_counter()
    with _ENGINES[engine]() as apply:
        _exhaust(apply(extract_claims, first))
        ready, used = time.perf_counter(), count_processor()
        _exhaust(apply(extract_claims, batches))
        done, used = time.perf_counter(), count_processor() - used
        _exhaust(apply(give_nothing, batches))
        passed = time.perf_counter()
    return Pace(ready - began, count / (done - ready), count / (passed - done), 1000 * used / count)


def count_processor() -> float:
    """Return the seconds of processor that this process and its living children have used."""
    this = psutil.Process()
    times = [process.cpu_times() for process in (this, *this.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def give_nothing(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return no claims, at once."""
    return pa.RecordBatch.from_pylist([], schema=TRANSFER_CLAIMS.schema)


def _exhaust(results: Iterable[object]) -> None:
    for _ in results:
        pass


@contextmanager
def _open_one() -> Iterator[MapBatches]:
    with on_one_core():
        yield map


@contextmanager
def _open_two() -> Iterator[MapBatches]:
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(2, initializer=load_lexicon) as pool:
        yield pool.map


@contextmanager
def _open_spark() -> Iterator[MapBatches]:
    from warehouse.spark.mapping import map_batches
    from warehouse.spark.session import open_session

    with open_session("bench") as session:
        yield partial(map_batches, session, schema=TRANSFER_CLAIMS.schema)


_ENGINES = {"one": _open_one, "two": _open_two, "spark": _open_spark}

if __name__ == "__main__":
    print(json.dumps(asdict(measure(sys.argv[1]))))
