"""What a benchmark returns, and how it measures."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SECONDS = 1.5  # a measurement takes at least as long, so that the clock's own steps don't count
_PASSES = 3


@dataclass(frozen=True)
class Measurement:
    """One line of a report.

    Attributes:
        what: what was measured.
        value: the number; None where it couldn't be measured.
        unit: its unit.
        target: least value wanted; None for a number that only stands beside others.
        note: what else to know, or why there is no number.
        limit: greatest value wanted, where less is better.
    """

    what: str
    value: float | None
    unit: str
    target: float | None = None
    note: str = ""
    limit: float | None = None

    @property
    def is_reached(self) -> bool | None:
        """Whether the target or the limit is reached; None where there is none, or no number."""
        if self.value is None or (self.target is None and self.limit is None):
            return None
        return (self.target is None or self.value >= self.target) and (self.limit is None or self.value <= self.limit)


@dataclass(frozen=True)
class Report:
    """Measurements of one benchmark.

    Attributes:
        title: what it is about.
        measurements: in the order shown.
    """

    title: str
    measurements: tuple[Measurement, ...]


def measure_rate(work: Callable[[], object], items: int, *, clock: Callable[[], float] = time.process_time) -> float:
    """Measure how many items a second a piece of work does; the best of three, since other loads only slow it.

    Args:
        work: does all items once; called a first time without the clock.
        items: how many it does.
        clock: CPU time of this process, or another clock in seconds.

    Returns:
        Items a second.
    """
    work()
    best = 0.0
    for _ in range(_PASSES):
        rounds, started = 0, clock()
        while (spent := clock() - started) < _SECONDS or not rounds:
            work()
            rounds += 1
        best = max(best, rounds * items / spent) if spent else best
    return best


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep this process on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
