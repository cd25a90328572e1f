"""One request and its answer over the web: turns per host, deadlines, caps, retries. A site can't make it raise."""

from __future__ import annotations

import asyncio
import email.utils
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import httpcore
import httpx
import stamina

from extract.fetching.decoding import ACCEPTED
from extract.fetching.hosts import HostQueue, HostQueues
from extract.fetching.network import ForbiddenAddress, GuardedBackend, GuardedTransport, ResolutionFailed
from extract.fetching.outcomes import RETRYABLE, Response
from warehouse import clock

if TYPE_CHECKING:
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
                return _failed(url, "host_unavailable", detail)
            response = await self._try(queue, url, headers=headers, max_bytes=max_bytes)
            queue.failures = queue.failures + 1 if _reason(response) in RETRYABLE else 0
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
                    if _reason(response) in RETRYABLE:
                        raise _TryAgain(response)
                    return response
        except _TryAgain as last:
            return last.response
        raise AssertionError("the tries end with a response or an error")

    def _choose_wait(self, error: Exception) -> bool | float:
        if not isinstance(error, _TryAgain):
            return False
        asked = _retry_after(error.response)
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
        except _FAILURES as error:
            return _failed(url, *_name(error, self._policy))


_BAD_URL = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.LocalProtocolError)
_FAILURES = (
    ForbiddenAddress,
    ResolutionFailed,
    TimeoutError,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpcore.LocalProtocolError,
)


def _name(error: Exception, policy: FetchPolicy) -> tuple[str, str]:
    """Return reason and detail of a request that brought no response."""
    told = str(error) or type(error).__name__
    is_tls = isinstance(error, httpx.ConnectError) and ("certificate" in told.lower() or "ssl" in told.lower())
    cases: tuple[tuple[bool, str, str], ...] = (
        (isinstance(error, ForbiddenAddress), "forbidden_address", told),
        (isinstance(error, ResolutionFailed), "dns_failed", told),
        (isinstance(error, httpx.ConnectTimeout), "timeout_connect", f"no connection in {policy.connect_seconds:g} s"),
        (isinstance(error, httpx.TimeoutException), "timeout_read", f"silence of {policy.read_seconds:g} s"),
        (isinstance(error, TimeoutError), "timeout_total", f"not complete within {policy.total_seconds:g} s"),
        (is_tls, "tls_failed", told),
        (isinstance(error, _BAD_URL), "bad_url", told),
        (True, "connection_failed", told),
    )
    return next((reason, detail) for holds, reason, detail in cases if holds)


async def _read(url: str, reply: httpx.Response, max_bytes: int) -> Response:
    """Read at most ``max_bytes`` of the body as sent; decompression has its own cap."""
    headers = tuple((name.lower(), value) for name, value in reply.headers.multi_items())
    length = reply.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        return _failed(url, "too_large", f"{length} bytes announced, {max_bytes} allowed", reply.status_code, headers)
    parts: list[bytes] = []
    total = 0
    async for part in reply.aiter_raw():
        parts.append(part)
        total += len(part)
        if total > max_bytes:
            return _failed(url, "too_large", f"more than {max_bytes} bytes", reply.status_code, headers)
    return Response(url, _whole_seconds(), reply.status_code, headers, b"".join(parts))


def _failed(
    url: str, reason: str, detail: str, status: int | None = None, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    return Response(url, _whole_seconds(), status, headers, failure=reason, detail=detail)


def _whole_seconds() -> datetime:
    return clock.now().replace(microsecond=0)


def _reason(response: Response) -> str:
    return response.failure or f"http_{response.status}"


def _retry_after(response: Response) -> float | None:
    """Return the seconds that a Retry-After header asks for, None where there is none that can be read."""
    value = (response.header("retry-after") or "").strip()
    if value.isdecimal():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - clock.now()).total_seconds())
