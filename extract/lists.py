"""Reads the lists of a source: its feed, or its sitemap with the sitemaps that an index names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.errors import SourceUnreachable
from extract.fetching.decoding import DecodingError, gunzip_if_needed
from extract.fetching.outcomes import NOT_MODIFIED
from extract.parsing.entries import EntryList, Problem
from extract.parsing.feeds import parse_feed
from extract.parsing.sitemaps import parse_sitemap
from extract.state import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.fetching.fetcher import Fetcher
    from extract.fetching.outcomes import FetchOutcome
    from extract.fetching.policy import FetchPolicy
    from extract.parsing.entries import Entry
    from extract.sources import Source


@dataclass(frozen=True)
class Announcements:
    """What a source announces.

    Attributes:
        entries: articles, in the order of the lists.
        refusals: lists and entries that could not be used.
        validators: list URL -> validators to send next time.
        is_complete: whether every list was read anew and whole, so that an entry that isn't here is announced no more.
    """

    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]
    validators: dict[str, dict[str, str]]
    is_complete: bool


async def read_lists(
    source: Source, fetcher: Fetcher, policy: FetchPolicy, *, validators: Mapping[str, Mapping[str, str]]
) -> Announcements:
    """Read what a source announces.

    An index of sitemaps is always read in full, since it may stay the same while its children change; the
    children are asked for with their validators.

    Args:
        source: feed or sitemap.
        fetcher: asks for the lists.
        policy: caps on the size of a list and on the number of sitemaps.
        validators: what earlier loads were told, by list URL.

    Raises:
        SourceUnreachable: the feed or sitemap itself could not be fetched.
    """
    max_bytes = policy.max_feed_bytes
    first = await _fetch(source.location, fetcher, validators, max_bytes)
    if not first.is_ok and first.reason != NOT_MODIFIED:
        raise SourceUnreachable(source.id, first.reason, f"{source.location}: {first.detail}")
    readings = [(first, _parse(source, first, max_bytes))]
    children = list(dict.fromkeys(readings[0][1].children))
    left_out = len(children) - policy.max_sitemaps
    for url in children[: policy.max_sitemaps]:
        outcome = await _fetch(url, fetcher, validators, max_bytes)
        readings.append((outcome, _parse(source, outcome, max_bytes)))
    told: dict[str, dict[str, str]] = {}
    refusals: list[Refusal] = []
    if left_out > 0:
        detail = f"{left_out} of the {len(children)} sitemaps of the index are left out; those changed last are read"
        refusals.append(Refusal(source.location, "feed", "too_many_sitemaps", detail))
    for outcome, reading in readings:
        refusals += [_refuse(problem, is_broken=reading.is_broken) for problem in reading.problems]
        if outcome.reason == NOT_MODIFIED:
            told[outcome.url] = dict(validators.get(outcome.url, {}))
        elif outcome.is_ok and not reading.is_broken and not reading.children:
            told[outcome.url] = _read_validators(outcome)
    for outcome, reading in readings[1:]:
        if not outcome.is_ok and outcome.reason != NOT_MODIFIED:
            refusals.append(Refusal(outcome.url, "feed", outcome.reason, outcome.detail or "", is_retried=True))
        for child in reading.children:
            detail = f"{outcome.url} is an index within an index; only one level is read"
            refusals.append(Refusal(child, "feed", "nested_index", detail))
    return Announcements(
        entries=tuple(entry for _, reading in readings for entry in reading.entries),
        refusals=tuple(refusals),
        validators={url: found for url, found in told.items() if found},
        is_complete=left_out <= 0 and all(outcome.is_ok and not reading.is_broken for outcome, reading in readings),
    )


async def _fetch(
    url: str, fetcher: Fetcher, validators: Mapping[str, Mapping[str, str]], max_bytes: int
) -> FetchOutcome:
    return await fetcher.fetch(url, max_bytes=max_bytes, validators=dict(validators.get(url, {})))


def _parse(source: Source, outcome: FetchOutcome, max_bytes: int) -> EntryList:
    if not outcome.is_ok:
        return EntryList()
    try:
        body = gunzip_if_needed(outcome.body, max_bytes=max_bytes)
    except DecodingError as error:
        return EntryList(problems=(Problem(outcome.url, error.reason, str(error)),), is_broken=True)
    if source.kind == "sitemap":
        return parse_sitemap(body, url=outcome.final_url)
    return parse_feed(body, url=outcome.final_url, content_type=outcome.header("content-type"))


def _refuse(problem: Problem, *, is_broken: bool) -> Refusal:
    # a broken list keeps no validators, so the next load reads it again
    return Refusal(problem.url, "feed", problem.reason, problem.detail, is_retried=is_broken)


def _read_validators(outcome: FetchOutcome) -> dict[str, str]:
    told = {"etag": outcome.header("etag"), "last_modified": outcome.header("last-modified")}
    return {name: value for name, value in told.items() if value}
