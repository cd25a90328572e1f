"""robots.txt of one host, as RFC 9309 says: absent allows all, broken forbids all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protego import Protego

from extract.fetching.policy import AGENT_TOKEN

if TYPE_CHECKING:
    from extract.fetching.outcomes import FetchOutcome


@dataclass(frozen=True)
class RobotsRules:
    """What a host permits.

    Attributes:
        parser: rules, None where one answer holds for every URL.
        blanket: (reason, detail) for which every URL is refused, or None.
        delay_seconds: delay that the host asks for; 0 where it asks for none.
    """

    parser: Protego | None = None
    blanket: tuple[str, str] | None = None
    delay_seconds: float = 0.0

    def refuse(self, url: str) -> tuple[str, str] | None:
        """Return (reason, detail) where the URL is forbidden, else None."""
        if self.blanket:
            return self.blanket
        if self.parser and not self.parser.can_fetch(url, AGENT_TOKEN):
            return "robots_disallowed", f"robots.txt forbids it to {AGENT_TOKEN}"
        return None


def read_robots(outcome: FetchOutcome, *, max_delay_seconds: float) -> RobotsRules:
    """Read the rules from what came for robots.txt.

    Args:
        outcome: of the request for robots.txt.
        max_delay_seconds: a host that asks for a longer crawl-delay is left alone.

    Returns:
        Rules: those told; all allowed after a 4xx; all forbidden after a 5xx or where nothing came.
    """
    if outcome.is_ok:
        parser = Protego.parse(outcome.body.decode("utf-8", "replace").removeprefix("\ufeff"))
        delay = parser.crawl_delay(AGENT_TOKEN) or 0.0
        if delay > max_delay_seconds:
            detail = f"robots.txt asks for {delay:g} s between requests, more than the {max_delay_seconds:g} s we wait"
            return RobotsRules(blanket=("crawl_delay_too_long", detail))
        return RobotsRules(parser, delay_seconds=delay)
    # 429 is a 4xx by number, but says that the host wants fewer requests, not that it has no rules
    if outcome.status is not None and 400 <= outcome.status < 500 and outcome.status != 429:
        return RobotsRules()
    if outcome.reason == "forbidden_address":
        return RobotsRules(blanket=("forbidden_address", outcome.detail or ""))
    return RobotsRules(
        blanket=("robots_unavailable", f"robots.txt gave {outcome.reason}: {outcome.detail}; that forbids the host")
    )
