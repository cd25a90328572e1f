"""How the fetcher behaves: identity, delays, deadlines, caps. One place for every number."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Self

from extract.fetching.addresses import HostOverrides

AGENT_TOKEN = "Armsledger"  # the name by which robots.txt may address us


@dataclass(frozen=True)
class FetchPolicy:
    """Settings of the fetcher.

    Attributes:
        contact: URL or mail address in the User-Agent, so that a site can reach who runs this.
        overrides: hosts that are led to another address.
        min_delay_seconds: least time between two requests to one host, where neither source nor robots say more.
        max_crawl_delay_seconds: a host whose robots ask for more is left alone.
        connect_seconds: deadline to connect.
        read_seconds: longest silence within a response.
        total_seconds: deadline of one request with its body.
        max_page_bytes: cap on a page, counted after decompression. Real article pages are 0.1 to 1 MB.
        max_feed_bytes: cap on a feed or sitemap after decompression; sitemaps.org allows 50 MiB.
        max_redirects: hops followed.
        attempts: tries per request.
        retry_initial_seconds: first wait between tries, doubled each time, with jitter of the same size.
        max_retry_after_seconds: a longer Retry-After ends the tries; the page waits for the next load.
        host_failures: failures in a row after which a host is left alone for the rest of the load.
        parallel_hosts: hosts asked at once.
        max_pages: pages of one load; further ones wait for the next.
        max_rows: files of a folder or rows of a register that one load reads; further ones wait for the next.
        max_feed_pages: pages of a feed that one load reads; the next load goes on from there.
        max_sitemaps: sitemaps of an index that one load reads, those changed last; an archive of decades has thousands.
    """

    contact: str | None = None
    overrides: HostOverrides = field(default_factory=HostOverrides)
    min_delay_seconds: float = 1.0
    max_crawl_delay_seconds: float = 60.0
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    total_seconds: float = 60.0
    max_page_bytes: int = 4 * 2**20
    max_feed_bytes: int = 50 * 2**20
    max_redirects: int = 5
    attempts: int = 3
    retry_initial_seconds: float = 0.5
    max_retry_after_seconds: float = 60.0
    host_failures: int = 5
    parallel_hosts: int = 16
    max_pages: int = 2000
    max_rows: int = 20_000
    max_feed_pages: int = 20
    max_sitemaps: int = 100

    @property
    def user_agent(self) -> str:
        """Value of the User-Agent header."""
        return f"{AGENT_TOKEN}/{version('armsledger')} (+{self.contact or 'contact not set'})"

    @classmethod
    def from_environment(cls) -> Self:
        """Read ``ARMSLEDGER_CONTACT`` and ``ARMSLEDGER_HOST_OVERRIDES``.

        Raises:
            SettingsError: an override isn't ``host=address[:port]``.
        """
        return cls(
            contact=os.environ.get("ARMSLEDGER_CONTACT") or None,
            overrides=HostOverrides.parse(os.environ.get("ARMSLEDGER_HOST_OVERRIDES", "")),
        )
