"""Robots, delays, redirects and conditions of the fetcher, against a scripted exchange."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from extract.fetching.fetcher import Fetcher
from extract.fetching.hosts import HostQueue
from extract.fetching.outcomes import FetchOutcome, Response
from extract.fetching.policy import FetchPolicy

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SITE = "https://www.paper.example"


@dataclass
class ScriptedExchange:
    """Answers from a dict and notes what it was asked."""

    answers: dict[str, Response] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    delays: dict[str, float] = field(default_factory=dict)

    def add(self, path: str, status: int, body: bytes = b"", **headers: str) -> None:
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self.answers[f"{SITE}{path}"] = Response(f"{SITE}{path}", NOW, status, named, body)

    async def send(self, url: str, *, headers: dict[str, str], max_bytes: int) -> Response:
        self.asked.append((url, headers))
        return self.answers.get(url, Response(url, NOW, 404))

    def set_delay(self, host: str, seconds: float) -> None:
        self.delays[host] = seconds


def fetch(exchange: ScriptedExchange, *urls: str, **validators: str) -> list[FetchOutcome]:
    fetcher = Fetcher(exchange, FetchPolicy(), archive=None)

    async def run() -> list[FetchOutcome]:
        return [await fetcher.fetch(url, validators=validators) for url in urls]

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "reason"),
    [(200, "ok"), (401, "ok"), (404, "ok"), (410, "ok"), (429, "robots_unavailable"), (500, "robots_unavailable")],
)
def test_status_of_robots_decides(status: int, reason: str) -> None:
    exchange = ScriptedExchange()
    exchange.add("/robots.txt", status, b"")
    exchange.add("/a", 200, b"content")
    assert fetch(exchange, f"{SITE}/a")[0].reason == reason


def test_robots_are_read_once_and_their_rules_heeded() -> None:
    exchange = ScriptedExchange()
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: armsledger\nDisallow: /private\nCrawl-delay: 3\n"
    exchange.add("/robots.txt", 200, rules.encode())
    exchange.add("/a", 200, b"content")
    found = fetch(exchange, f"{SITE}/a", f"{SITE}/private/b", f"{SITE}/a")
    assert [one.reason for one in found] == ["ok", "robots_disallowed", "ok"]
    assert [url for url, _ in exchange.asked] == [f"{SITE}/robots.txt", f"{SITE}/a", f"{SITE}/a"]
    assert exchange.delays == {"www.paper.example": 3.0}


def test_host_that_asks_for_hours_between_requests_is_left_alone() -> None:
    exchange = ScriptedExchange()
    exchange.add("/robots.txt", 200, b"User-agent: *\nCrawl-delay: 7200\n")
    assert fetch(exchange, f"{SITE}/a")[0].reason == "crawl_delay_too_long"
    assert len(exchange.asked) == 1


def test_robots_hold_for_the_target_of_a_redirect() -> None:
    exchange = ScriptedExchange()
    exchange.add("/robots.txt", 200, b"User-agent: *\nDisallow: /private\n")
    exchange.add("/a", 302, location="/private/b")
    assert fetch(exchange, f"{SITE}/a")[0].reason == "robots_disallowed"
    assert f"{SITE}/private/b" not in [url for url, _ in exchange.asked]


def test_validators_become_conditions_and_304_an_outcome_of_its_own() -> None:
    exchange = ScriptedExchange()
    exchange.add("/feed", 304)
    found = fetch(exchange, f"{SITE}/feed", etag='"x"', last_modified="Fri, 02 Jan 2026 00:00:00 GMT")
    assert found[0].reason == "not_modified"
    assert exchange.asked[-1][1] == {"if-none-match": '"x"', "if-modified-since": "Fri, 02 Jan 2026 00:00:00 GMT"}


def test_delay_passes_between_requests() -> None:
    async def run() -> float:
        queue = HostQueue(0.05)
        clock = asyncio.get_running_loop().time
        queue.mark_sent()
        before = clock()
        await queue.wait_for_delay()
        return clock() - before

    assert asyncio.run(run()) >= 0.05


def test_first_request_of_a_host_does_not_wait() -> None:
    async def run() -> bool:
        async with asyncio.timeout(5):
            await HostQueue(3600).wait_for_delay()
        return True

    assert asyncio.run(run()), "it would wait for an hour, and be timed out"
