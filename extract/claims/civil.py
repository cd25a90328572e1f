"""What is not arms trade though it has its words: airliners, rescue, museums."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.claims.tellings import Parsed

_CIVIL = frozenset(
    [
        "airline",
        "airlines",
        "airways",
        "passenger",
        "passengers",
        "airliner",
        "airliners",
        "seat",
        "seats",
        "jetliner",
        "humanitarian",
        "relief",
        "rescue",
        "earthquake",
        "flood",
        "floods",
        "firefighting",
        "wildfire",
        "museum",
        "museums",
        "exhibit",
        "collectors",
    ]
)


def is_civil(parsed: Parsed) -> bool:
    """Whether a sentence is about airliners.

    Args:
        parsed: the sentence.

    Returns:
        True where an airline or its passengers are named.
    """
    return any(item.word in _CIVIL for item in parsed.items)


_CIVIL_SENTENCES = 2


_AIRLINER = re.compile(
    r"(?:Airbus )?A3[0-9]\d(?!.*MRTT)|(?:Boeing )?7[0-8]7(?!.*AEW)|E1[79]\d|E-?Jet|ATR[- ]?[47]2(?!.*M)|CRJ"
)


def is_civil_article(parsed: list[Parsed]) -> bool:
    """Whether an article is about airliners, rescue or museums rather than armed forces.

    Args:
        parsed: its sentences.

    Returns:
        True where civil words stand in several sentences and outnumber the weapons that are no transport.
    """
    civil = sum(is_civil(sentence) for sentence in parsed)
    civil += sum(
        1
        for sentence in parsed
        for item in sentence.items
        if item.weapon is not None and _AIRLINER.match(item.designation)
    )
    arms = sum(
        1
        for sentence in parsed
        for item in sentence.items
        if item.weapon is not None
        and item.weapon.counts
        and not item.weapon.is_generic
        and "transport" not in (item.weapon.generic_type or "")
    )
    return civil >= _CIVIL_SENTENCES and civil > arms
