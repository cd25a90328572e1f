"""One request and its answer over the web: turns per host, deadlines, caps, retries. A site can't make it raise."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import httpx
import stamina

from extract.fetching.decoding import ACCEPTED
from extract.fetching.failures import FAILURES, failed, name_failure, reason_of, retry_after, whole_seconds
from extract.fetching.hosts import HostQueue, HostQueues
from extract.fetching.network import GuardedBackend, GuardedTransport
from extract.fetching.outcomes import RETRYABLE, Response

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from extract.fetching.policy import FetchPolicy


# every outcome is told in ops; stamina's own hook would print retries to the standard output where structlog is there
stamina.instrumentation.set_on_retry_hooks(())


class Exchange(Protocol):
    """Whatever answers requests: the web, or the archive of a load."""

    async def send(self, url: str, *, headers: dict[str, str], max_bytes: int) -> Response:
        """Return the response to a GET, or a failure in its place."""
        ...

    def set_delay(self, host: str, seconds: float) -> None:
        """Tell the delay that a host asks for."""
        ...


class _TryAgain(Exception):
    """Carries a response that another try may better."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.failure or f"http_{response.status}")
        self.response = response


class WebExchange:
    """Sends requests to the web.

    Args:
        policy: deadlines, caps, retries.
        delay_seconds: delay of the source, None for the policy's.
        backend: network backend, by default one that resolves and checks addresses.
    """

    def __init__(
        self, policy: FetchPolicy, *, delay_seconds: float | None = None, backend: GuardedBackend | None = None
    ) -> None:
        self._policy = policy
        self._queues = HostQueues(policy.min_delay_seconds if delay_seconds is None else delay_seconds)
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(
                backend or GuardedBackend(policy.overrides), parallel_hosts=policy.parallel_hosts
            ),
            headers={"user-agent": policy.user_agent, "accept-encoding": ACCEPTED, "accept": "*/*"},
            timeout=httpx.Timeout(policy.read_seconds, connect=policy.connect_seconds, pool=None),
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        """Open the connections' pool."""
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self._client.__aexit__(kind, error, trace)

    async def save(self, url: str, target: Path) -> Response:
        """Write the body of a GET to a file, in as many tries as the policy allows, each from where the last one ended.

        There is no cap on the size and no deadline on the whole, only on silence: web archives have many gigabytes.

        Args:
            url: what to get.
            target: file; what an earlier try wrote there is kept where the server can go on from it.

        Returns:
            The response without its body, or a failure in its place.
        """
        queue = self._queues.queue(urlsplit(url).hostname or "")
        async with queue.turn():
            for attempt in range(self._policy.attempts):
                if attempt:
                    await asyncio.sleep(self._policy.retry_initial_seconds * 2**attempt)
                await queue.wait_for_delay()
                response = await self._save_once(queue, url, target)
                if reason_of(response) not in RETRYABLE:
                    break
            return response

    async def _save_once(self, queue: HostQueue, url: str, target: Path) -> Response:
        done = target.stat().st_size if target.is_file() else 0
        headers = {"accept-encoding": "identity", **({"range": f"bytes={done}-"} if done else {})}
        try:
            async with self._client.stream("GET", url, headers=headers) as reply:
                queue.mark_sent()
                told = tuple((name.lower(), value) for name, value in reply.headers.multi_items())
                goes_on = reply.status_code == 206 and _range_start(reply) == done
                if reply.status_code == 416 and _range_size(reply) == done:
                    return Response(url, whole_seconds(), 200, told)  # nothing was missing
                if reply.status_code not in (200, 206) or (reply.status_code == 206 and not goes_on):
                    return Response(url, whole_seconds(), reply.status_code, told)
                with target.open("ab" if goes_on else "wb") as file:
                    async for part in reply.aiter_raw():
                        file.write(part)
                return Response(url, whole_seconds(), 200, told)
        except FAILURES as error:
            return failed(url, *name_failure(error, self._policy))

    def set_delay(self, host: str, seconds: float) -> None:
        """Raise the delay of a host to what it asks for."""
        queue = self._queues.queue(host)
        queue.delay_seconds = max(queue.delay_seconds, seconds)

    async def send(self, url: str, *, headers: dict[str, str], max_bytes: int) -> Response:
        """Return the response to a GET, or a failure in its place, after the tries that the policy allows."""
        host = urlsplit(url).hostname or ""
        queue = self._queues.queue(host)
        async with queue.turn():
            if queue.failures >= self._policy.host_failures:
                detail = f"{host} failed {queue.failures} times in a row and is left alone for this load"
                return failed(url, "host_unavailable", detail)
            response = await self._try(queue, url, headers=headers, max_bytes=max_bytes)
            queue.failures = queue.failures + 1 if reason_of(response) in RETRYABLE else 0
            return response

    async def _try(self, queue: HostQueue, url: str, *, headers: dict[str, str], max_bytes: int) -> Response:
        tries = stamina.retry_context(
            on=self._choose_wait,
            attempts=self._policy.attempts,
            timeout=None,
            wait_initial=self._policy.retry_initial_seconds,
            wait_jitter=self._policy.retry_initial_seconds,
            wait_max=self._policy.max_retry_after_seconds,
        )
        try:
            async for attempt in tries:
                with attempt:
                    await queue.wait_for_delay()
                    response = await self._send_once(queue, url, headers=headers, max_bytes=max_bytes)
                    if reason_of(response) in RETRYABLE:
                        raise _TryAgain(response)
                    return response
        except _TryAgain as last:
            return last.response
        raise AssertionError("the tries end with a response or an error")

    def _choose_wait(self, error: Exception) -> bool | float:
        if not isinstance(error, _TryAgain):
            return False
        asked = retry_after(error.response)
        if asked is None:
            return True
        return asked if asked <= self._policy.max_retry_after_seconds else False

    async def _send_once(self, queue: HostQueue, url: str, *, headers: dict[str, str], max_bytes: int) -> Response:
        async def watch(event: str, _: dict[str, Any]) -> None:
            if event == "http11.send_request_headers.complete":
                queue.mark_sent()

        try:
            async with (
                asyncio.timeout(self._policy.total_seconds),
                self._client.stream("GET", url, headers=headers, extensions={"trace": watch}) as reply,
            ):
                return await _read(url, reply, max_bytes)
        except FAILURES as error:
            return failed(url, *name_failure(error, self._policy))


async def _read(url: str, reply: httpx.Response, max_bytes: int) -> Response:
    """Read at most ``max_bytes`` of the body as sent; decompression has its own cap."""
    headers = tuple((name.lower(), value) for name, value in reply.headers.multi_items())
    length = reply.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        return failed(url, "too_large", f"{length} bytes announced, {max_bytes} allowed", reply.status_code, headers)
    parts: list[bytes] = []
    total = 0
    async for part in reply.aiter_raw():
        parts.append(part)
        total += len(part)
        if total > max_bytes:
            return failed(url, "too_large", f"more than {max_bytes} bytes", reply.status_code, headers)
    return Response(url, whole_seconds(), reply.status_code, headers, b"".join(parts))


def _range_start(reply: httpx.Response) -> int | None:
    """Return the first byte that a partial answer brings, None where it doesn't tell."""
    told = re.match(r"bytes (\d+)-", reply.headers.get("content-range", ""))
    return int(told[1]) if told else None


def _range_size(reply: httpx.Response) -> int | None:
    """Return the size of the whole that an answer to a range tells, None where it doesn't."""
    told = re.search(r"/(\d+)$", reply.headers.get("content-range", ""))
    return int(told[1]) if told else None
