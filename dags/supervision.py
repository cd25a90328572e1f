"""Keeps several processes running, as docker compose's `restart: unless-stopped` does, and ends them all."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from warehouse.errors import ArmsledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GRACE_SECONDS = 20.0
PAUSE_SECONDS = 2.0
"""Between the end of a service and its next start: what it left behind, such as a shared memory block, must be gone."""
MOST_RESTARTS = 5
"""A service that ends more often than this within `WINDOW_SECONDS` can't be helped by starting it again."""
WINDOW_SECONDS = 120.0


@dataclass(frozen=True)
class Program:
    """How a service is started and ended.

    Attributes:
        command: words of its command line.
        environment: its whole environment.
        log: file that its output is added to.
        stop_signal: what ends it in good order.
        is_base: whether others need it to end in good order, as they need a database.
    """

    command: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    is_base: bool = False


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    ends: list[float] = field(default_factory=list)
    starts_again_at: float | None = None


class Supervisor:
    """Starts services, starts again what ends by itself, and ends all."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}

    def start(self, name: str, program: Program) -> None:
        """Start a service."""
        self._running[name] = _Running(program, start(program))

    def require_alive(self, name: str) -> None:
        """Raise what a service that has ended says."""
        running = self._running[name]
        if (code := running.process.poll()) is not None:
            raise ArmsledgerError(f"{name} ended with code {code}; see {running.program.log}")

    def watch(self, stop: threading.Event) -> None:
        """Keep the services running until told to stop.

        Raises:
            ArmsledgerError: one of them keeps ending; the message names its log.
        """
        while not stop.wait(0.5):
            for name, running in self._running.items():
                self._look_after(name, running)

    def _look_after(self, name: str, running: _Running) -> None:
        code, now = running.process.poll(), time.monotonic()
        if code is None:
            return
        if running.starts_again_at is None:
            running.ends = [*(end for end in running.ends if now - end < WINDOW_SECONDS), now]
            if len(running.ends) > MOST_RESTARTS:
                raise ArmsledgerError(f"{name} ended {len(running.ends)} times; see {running.program.log}")
            click.echo(f"{name} ended with code {code}; it is started again (log: {running.program.log})", err=True)
            kill_group(running.process, signal.SIGKILL)
            running.starts_again_at = now + PAUSE_SECONDS
        elif now >= running.starts_again_at:
            running.process, running.starts_again_at = start(running.program), None

    def end(self) -> None:
        """End every service and what it started, the base last; the hard way where it takes too long."""
        for is_base in (False, True):
            ending = [one for one in self._running.values() if one.program.is_base is is_base]
            for running in ending:
                if running.process.poll() is None:
                    running.process.send_signal(running.program.stop_signal)
            deadline = time.monotonic() + GRACE_SECONDS
            for running in ending:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running.process.wait(timeout=max(deadline - time.monotonic(), 0.1))
                kill_group(running.process, signal.SIGKILL)
                running.process.wait()


def start(program: Program) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own."""
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.command, env=program.environment, stdout=log, stderr=subprocess.STDOUT, process_group=0
        )


def kill_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a process and what it has started, as far as any of it is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


@contextlib.contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C or SIGTERM sets, also where the process was started in the background."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
