"""One queue per host: never two requests at once, never closer than the host's delay."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class HostQueue:
    """Turns of one host.

    Attributes:
        delay_seconds: least time between two requests.
        failures: failed requests in a row.
    """

    delay_seconds: float
    failures: int = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _last_sent: float | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold the host for one request and its further tries."""
        async with self._lock:
            yield

    async def wait_for_delay(self) -> None:
        """Wait until the next request may be sent."""
        if self._last_sent is not None:
            # a little more than asked: the server's clock starts when its thread does, and that varies
            wait = self.delay_seconds * 1.05 + (0.002 if self.delay_seconds else 0.0)
            await asyncio.sleep(self._last_sent + wait - asyncio.get_running_loop().time())

    def mark_sent(self) -> None:
        """Note that a request has left: the delay counts from here, so that it holds as the server sees it."""
        self._last_sent = asyncio.get_running_loop().time()


class HostQueues:
    """The queues of one load.

    Args:
        delay_seconds: delay of a host whose robots ask for none.
    """

    def __init__(self, delay_seconds: float) -> None:
        self._delay_seconds = delay_seconds
        self._queues: dict[str, HostQueue] = {}

    def queue(self, host: str) -> HostQueue:
        """Return the queue of a host."""
        return self._queues.setdefault(host, HostQueue(self._delay_seconds))
