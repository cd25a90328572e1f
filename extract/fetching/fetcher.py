"""From a URL to an outcome: robots, redirects, conditional requests, decompression, archive."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from extract.fetching.decoding import DecodingError, decode_body
from extract.fetching.outcomes import NOT_MODIFIED, OK, FetchOutcome, Response, describe_status
from extract.fetching.robots import RobotsRules, read_robots
from warehouse import clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from extract.fetching.archive import ArchiveWriter
    from extract.fetching.exchange import Exchange, WebExchange
    from extract.fetching.policy import FetchPolicy

    Send = Callable[[str], Awaitable[Response]]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Fetcher:
    """Fetches pages and feeds of one load; robots are read once per host.

    Args:
        exchange: answers requests: the web, or the archive of a load.
        policy: caps and identity.
        archive: where each response is kept, or None in a replay.
    """

    def __init__(self, exchange: Exchange, policy: FetchPolicy, *, archive: ArchiveWriter | None) -> None:
        self._exchange = exchange
        self._policy = policy
        self._archive = archive
        self._robots: dict[str, asyncio.Task[RobotsRules]] = {}

    async def fetch(
        self, url: str, *, max_bytes: int | None = None, validators: dict[str, str] | None = None
    ) -> FetchOutcome:
        """Fetch a URL with its redirects, as robots allow.

        Args:
            url: what to get.
            max_bytes: cap on the content after decompression; the policy's for pages by default.
            validators: ``etag`` and ``last_modified`` of the copy that is known already.

        Returns:
            The outcome; a site can't make this raise.
        """
        cap = self._policy.max_page_bytes if max_bytes is None else max_bytes
        headers = _conditions(validators or {})

        async def send(target: str) -> Response:
            return await self._send(target, headers=headers, max_bytes=cap)

        return await self._follow(url, send, max_bytes=cap)

    async def _follow(self, url: str, send: Send, *, max_bytes: int, heeds_robots: bool = True) -> FetchOutcome:
        target = url
        response: Response | None = None
        for _ in range(self._policy.max_redirects + 1):
            refusal = _check_url(url, target, response) or (
                await self._ask_robots(url, target) if heeds_robots else None
            )
            if refusal:
                return refusal
            response = await send(target)
            location = response.header("location")
            if response.failure or response.status not in _REDIRECTS or not location:
                return _conclude(url, response, max_bytes)
            target = _join(target, location)
        detail = f"more than {self._policy.max_redirects} redirects, the last to {target}"
        return _refuse(url, target, "too_many_redirects", detail, response)

    async def download(self, url: str, target: Path, exchange: WebExchange) -> FetchOutcome:
        """Write what a URL leads to into a file, under the same rules; the outcome has no body.

        Args:
            url: what to get.
            target: file; what an earlier try wrote there is kept where the server can go on from it.
            exchange: the web, which alone can write to files.
        """

        async def send(place: str) -> Response:
            return await exchange.save(place, target)

        return await self._follow(url, send, max_bytes=self._policy.max_page_bytes)

    async def _send(self, url: str, *, headers: dict[str, str], max_bytes: int) -> Response:
        response = await self._exchange.send(url, headers=headers, max_bytes=max_bytes)
        if self._archive:
            self._archive.add(response)
        return response

    async def _ask_robots(self, url: str, target: str) -> FetchOutcome | None:
        """Return a refusal where robots forbid the target, else None."""
        parts = urlsplit(target)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            self._robots[site] = asyncio.create_task(self._read_robots(site))
        rules = await self._robots[site]
        refusal = rules.refuse(target)
        return _refuse(url, target, *refusal) if refusal else None

    async def _read_robots(self, site: str) -> RobotsRules:
        cap = self._policy.max_page_bytes

        async def send(target: str) -> Response:
            return await self._send(target, headers={}, max_bytes=cap)

        outcome = await self._follow(f"{site}/robots.txt", send, max_bytes=cap, heeds_robots=False)
        rules = read_robots(outcome, max_delay_seconds=self._policy.max_crawl_delay_seconds)
        self._exchange.set_delay(urlsplit(site).hostname or "", rules.delay_seconds)
        return rules


def _conditions(validators: dict[str, str]) -> dict[str, str]:
    names = {"etag": "if-none-match", "last_modified": "if-modified-since"}
    return {header: validators[name] for name, header in names.items() if validators.get(name)}


def _check_url(url: str, target: str, response: Response | None) -> FetchOutcome | None:
    """Return a refusal where the target is no http or https URL with a host, else None."""
    try:
        parts = urlsplit(target)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_web = False
    if is_web:
        return None
    reason = "bad_redirect" if response else "bad_url"
    return _refuse(url, target, reason, f"{target!r} is no http or https URL", response)


def _join(base: str, location: str) -> str:
    try:
        return urljoin(base, location).partition("#")[0]
    except ValueError:
        return location


def _conclude(url: str, response: Response, max_bytes: int) -> FetchOutcome:
    """Turn the last response into an outcome."""
    status = response.status
    if response.failure:
        return _refuse(url, response.url, response.failure, response.detail or "", response)
    if status == 304:
        return FetchOutcome(url, response.url, NOT_MODIFIED, response.received_at, status, response.headers)
    if status != 200:
        return _refuse(url, response.url, f"http_{status}", describe_status(status or 0), response)
    try:
        body = decode_body(response.body, response.header("content-encoding"), max_bytes=max_bytes)
    except DecodingError as error:
        return _refuse(url, response.url, error.reason, str(error), response)
    return FetchOutcome(url, response.url, OK, response.received_at, status, response.headers, body)


def _refuse(url: str, target: str, reason: str, detail: str, response: Response | None = None) -> FetchOutcome:
    moment = response.received_at if response else clock.now().replace(microsecond=0)
    status, headers = (response.status, response.headers) if response else (None, ())
    return FetchOutcome(url, target, reason, moment, status, headers, detail=detail)
