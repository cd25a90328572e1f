"""What runs on all cores comes back in order, as from a plain map, and no process outlives the one that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from extract import cores

PATIENCE = 60  # seconds
WAITS = """
import os, time
from extract import cores

def wait(_):
    os.write(1, b"%d\\n" % os.getpid())  # at once: unbuffered, print would write the end of the line by itself
    time.sleep(600)

list(cores.map_items(wait, range(2), prepare=int, processes=2))
"""


def square(number: int) -> int:
    time.sleep(0.02 * (number % 3 == 0))  # a later one is done before an earlier one
    return number * number


def refuse(number: int) -> int:
    raise ValueError(f"{number} can't be told")


def double(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give each row twice, with the process that did it."""
    numbers = [number for number in batch.column("number").to_pylist() for _ in range(2)]
    return pa.RecordBatch.from_pydict({"number": numbers, "process": [os.getpid()] * len(numbers)})


def make_batches(*sizes: int) -> list[pa.RecordBatch]:
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return [
        pa.RecordBatch.from_pydict(
            {"number": pa.array(range(start, start + size), pa.int64()), "unread": pa.array(["x"] * size, pa.string())}
        )
        for start, size in zip(starts, sizes, strict=True)
    ]


def run(batches: list[pa.RecordBatch], processes: int = 2) -> list[pa.RecordBatch]:
    found = cores.map_batches(double, iter(batches), prepare=int, columns=["number"], processes=processes)
    return list(found)


def test_results_keep_the_order_of_the_things() -> None:
    found = cores.map_items(square, range(40), prepare=int, processes=2)
    assert list(found) == [number * number for number in range(40)]


def test_memory_stays_flat_since_things_are_taken_as_results_are() -> None:
    taken: list[int] = []
    things = (taken.append(number) or number for number in range(1000))  # type: ignore[func-returns-value]
    found = cores.map_items(square, things, prepare=int, processes=2, ahead=3)
    assert next(found) == 0
    assert len(taken) <= 2 * 3 + 1
    found.close()  # type: ignore[attr-defined]


def test_what_fails_in_a_process_is_raised_here() -> None:
    with pytest.raises(ValueError, match="3 can't be told"):
        list(cores.map_items(refuse, [3], prepare=int, processes=2))


@pytest.mark.parametrize("sizes", [(120, 7, 0, 230), (1, 99, 50), (100,), (0, 0, 101)])
def test_batches_come_back_as_from_a_plain_map(sizes: tuple[int, ...]) -> None:
    batches = make_batches(*sizes)
    found = run(batches)
    assert [one.column("number").to_pylist() for one in found] == [
        double(one).column("number").to_pylist() for one in batches
    ]
    assert os.getpid() not in {pid for one in found for pid in one.column("process").to_pylist()}


def test_few_rows_are_done_here() -> None:
    found = run(make_batches(40, 0, 59))
    assert {pid for one in found for pid in one.column("process").to_pylist()} == {os.getpid()}
    assert [one.num_rows for one in found] == [80, 0, 118]
    assert run([]) == []


def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "waits.py"
    script.write_text(WAITS, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as parent:
        assert parent.stdout
        try:
            children = [psutil.Process(int(parent.stdout.readline())) for _ in range(2)]
        finally:
            parent.send_signal(signal.SIGKILL)
        _, alive = psutil.wait_procs(children, timeout=PATIENCE)
        for child in alive:
            child.kill()
        assert not alive
