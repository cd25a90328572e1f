"""Where each field of a claim comes from: the words, the sentence, and how."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extract.claims.counts import find_counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from extract.claims.frame_model import Frame
    from extract.claims.items import Item
    from extract.claims.model import Sentence, YearMention
    from extract.claims.tellings import Parsed, Telling
    from extract.explain.trace import Trace, TracedClaim


@dataclass(frozen=True, slots=True)
class FieldSource:
    """One field of a claim.

    Attributes:
        name: the field.
        value: its value as shown; empty for one that the article doesn't tell.
        words: words of the article that it follows from; empty where there are none.
        sentence: number of their sentence; the title has -1; None where there are no words.
        how: how it follows, where it isn't simply told.
    """

    name: str
    value: str
    words: str
    sentence: int | None
    how: str = ""


_BASES = {
    "told": "",
    "earlier": "from the earlier sentence that this one goes on about",
    "family": "from an earlier sentence about the same weapon",
    "shared": "told by another clause of the sentence",
    "origin": "from the weapon's country of origin",
    "last": "from the deal told last",
    "leading": "the state that the sentence opens with",
    "label": "the state that the paragraph opens with",
    "paragraph": "from the sentence before in the paragraph",
    "topic": "the article's topic",
    "weak topic": "the article's likeliest topic",
    "protagonist": "the state that the article names most",
    "sentence": "the only other state in the sentence",
    "before": "the last state before it in the sentence",
    "near": "from the sentence before in the paragraph",
    "focus": "what the paragraph is about",
    "none": "",
    "weighed": "likelier than any other, by where it stands and the part it plays in the article",
}


def describe_basis(basis: str) -> str:
    """Say in words how a party was found.

    >>> describe_basis("origin"), describe_basis("p:focus")
    ("from the weapon's country of origin", 'a pronoun: what the paragraph is about')
    """
    kind, colon, rest = basis.partition(":")
    if not colon:
        return _BASES.get(basis, basis)
    stands = {"p": "a pronoun", "I": "an institution", "L": "a firm"}.get(kind, kind)
    return f"{stands}: {_BASES.get(rest, rest)}"


def find_sources(traced: TracedClaim, trace: Trace) -> list[FieldSource]:
    """Find where the fields of a claim come from.

    Args:
        traced: the claim with its tellings.
        trace: of the article.

    Returns:
        The fields in the order of the contract; parties and weapon always, the others where they have a value.
    """
    claim = traced.claim
    group = _evidence_first(traced)
    best = group[0]
    traced = replace(traced, tellings=group)
    weapon = f"{claim.weapon_designation} ({claim.weapon_category}; family {claim.weapon_family})"
    told = claim.weapon_text if claim.weapon_text in _sentence_text(trace, best.sentence) else ""
    found = [
        _party("supplier", claim.supplier_code, claim.supplier_text, best.supplier_basis, best.sentence.index),
        _party("recipient", claim.recipient_code, claim.recipient_text, best.recipient_basis, best.sentence.index),
        FieldSource(
            "weapon", weapon, told, best.sentence.index, "" if told else "another word stands for it in this sentence"
        ),
        _status(claim.status, group, trace),
        *_amounts(traced, trace),
        *_years(traced, trace),
        _simple("condition", claim.condition, group, lambda t: t.condition),
        _simple("deal type", claim.deal_type, group, lambda t: t.deal_type),
    ]
    flags = [
        ("background", "told in passing, not as the news") if claim.is_background else None,
        ("domestic", "supplier and recipient are one state") if claim.is_domestic else None,
        ("inferred", "the supplier follows from a firm, an adjective or the origin")
        if claim.supplier_is_inferred
        else None,
    ]
    return [
        *(one for one in found if one is not None),
        *(FieldSource(name, "yes", "", None, how) for name, how in filter(None, flags)),
        _weighing(group),
    ]


def _weighing(group: tuple[Telling, ...]) -> FieldSource:
    """What the scorer found for and against the surest telling, in log-odds."""
    surest = max(group, key=lambda t: t.odds.chance)
    odds = surest.odds
    told = "a rule told it" if odds.is_ruled else "no rule told it"
    how = (
        f"log-odds: weapon {odds.weapon:+.1f}, supplier {odds.supplier:+.1f}, recipient {odds.recipient:+.1f}, "
        f"ahead of the next pair by {odds.lead:+.1f}; {told}"
    )
    return FieldSource("weighing", f"{odds.chance:.0%} in the sentence", "", surest.sentence.index, how)


def _evidence_first(traced: TracedClaim) -> tuple[Telling, ...]:
    """The tellings of a claim, that of its evidence first: of several that tell a field, it is the one to show."""
    claim = traced.claim

    def distance(telling: Telling) -> tuple[bool, ...]:
        place = (telling.sentence.field, telling.sentence.start)
        return (
            place != (claim.evidence_field, claim.evidence_start),
            telling.rule != claim.rule_id,
            telling.supplier_text != claim.supplier_text,
        )

    return tuple(sorted(traced.tellings, key=distance))


def frame_words(frame: Frame, text: str) -> str:
    """The words of a frame's chain as written.

    Args:
        frame: the frame.
        text: the field.
    """
    chain = frame.scope[frame.start : frame.end]
    return text[chain[0].start : chain[-1].end] if chain else ""


def _sentence_text(trace: Trace, sentence: Sentence) -> str:
    return next(one.parsed.text for one in trace.sentences if one.parsed.sentence == sentence)


def _party(name: str, code: str | None, words: str | None, basis: str, sentence: int) -> FieldSource:
    """Source of supplier or recipient."""
    how = describe_basis(basis)
    if code is None:
        return FieldSource(name, "not told", words or "", sentence if words else None, how)
    return FieldSource(name, code, words or "", sentence if words else None, how)


def _status(status: str, group: tuple[Telling, ...], trace: Trace) -> FieldSource:
    """Source of the status: the frame of the telling that has it, else the words around the surest telling."""
    telling = next((t for t in group if t.status == status), None)
    if telling is None:
        return FieldSource("status", status, "", group[0].sentence.index, "from the words around, by trained weights")
    for one in trace.sentences:
        if one.parsed.sentence != telling.sentence:
            continue
        text = trace.article.title if telling.sentence.field == "title" else trace.article.text
        frame = next((f for f in one.frames if f.rule == telling.rule), None)
        words = frame_words(frame, text) if frame else ""
        how = f"rule {telling.rule}" if frame else "from the words around, by trained weights"
        return FieldSource("status", status, words, telling.sentence.index, how)
    return FieldSource("status", status, "", telling.sentence.index, f"rule {telling.rule}")


def _simple(
    name: str, value: str | None, group: tuple[Telling, ...], read: Callable[[Telling], str | None]
) -> FieldSource | None:
    """Source of a field whose words the stages don't keep: its sentence alone."""
    if value is None:
        return None
    telling = next((t for t in group if read(t) == value), None)
    return FieldSource(name, value, "", telling.sentence.index if telling else None)


def _amounts(traced: TracedClaim, trace: Trace) -> list[FieldSource]:
    """Sources of quantity and value."""
    claim = traced.claim
    found = []
    if claim.quantity_max is not None:
        about = "about " if claim.quantity_is_approximate else ""
        least = f"{claim.quantity_min:,} to " if claim.quantity_min not in (None, claim.quantity_max) else ""
        place, words = _number_place(traced, trace)
        found.append(FieldSource("quantity", f"{about}{least}{claim.quantity_max:,}", words, place))
    if claim.value_max is not None:
        money = traced.details.money
        place, words = _place(trace, lambda i: money is not None and i.money == money)
        least = f"{claim.value_min:,.0f} to " if claim.value_min not in (None, claim.value_max) else ""
        value = f"{least}{claim.value_max:,.0f} {claim.value_currency}"
        found.append(FieldSource("value", value, words, place, (claim.value_type or "").replace("_", " ")))
    return found


def _years(traced: TracedClaim, trace: Trace) -> list[FieldSource]:
    """Sources of the years."""
    claim = traced.claim
    estimate = "follows from the date of publication"
    found = []
    if claim.order_year is not None:
        place, words = _year_place(trace, traced.details.order)
        how = estimate if claim.order_year_is_estimate else ""
        found.append(FieldSource("order year", str(claim.order_year), words, place, how))
    if claim.delivery_year_first is not None:
        place, words = _year_place(trace, traced.details.delivery)
        last = f" to {claim.delivery_year_last}"
        last = last if claim.delivery_year_last not in (None, claim.delivery_year_first) else ""
        how = estimate if claim.delivery_year_is_estimate else ""
        found.append(FieldSource("delivery year", f"{claim.delivery_year_first}{last}", words, place, how))
    return found


def _number_place(traced: TracedClaim, trace: Trace) -> tuple[int | None, str]:
    """Number of the sentence that tells the quantity, and its words."""
    count = traced.details.count
    telling = next((t for t in traced.tellings if t.count == count), None)
    if telling is not None:
        return telling.sentence.index, _count_words(trace, telling)
    return _place(trace, lambda i: i.number is not None and i.number == count)


def _year_place(trace: Trace, year: YearMention | None) -> tuple[int | None, str]:
    """Number of the sentence that holds a year, and its words; a range joined of two is found by its first."""
    if year is None:
        return None, ""
    return _place(trace, lambda i: i.year is not None and (i.year.start, i.year.first) == (year.start, year.first))


def _place(trace: Trace, fits: Callable[[Item], bool]) -> tuple[int | None, str]:
    """Number of the sentence that holds an item, and the item's words."""
    for one in trace.sentences:
        for item in one.parsed.items:
            if fits(item):
                return one.parsed.sentence.index, _words(one.parsed, item.start, item.end)
    return None, ""


def _words(parsed: Parsed, start: int, end: int) -> str:
    """Words between two offsets of the field."""
    return parsed.text[start - parsed.sentence.start : end - parsed.sentence.start]


def _count_words(trace: Trace, telling: Telling) -> str:
    """Words of a number: its offsets count from the sentence's start, but those of "a frigate" or "a pair" don't."""
    count = telling.count
    if count is None:
        return ""
    parsed = next(one.parsed for one in trace.sentences if one.parsed.sentence == telling.sentence)
    words = parsed.text[count.start : count.end].strip()
    if any(found.most == count.most for found in find_counts(words)):
        return words
    return _words(parsed, count.start, count.end) if parsed.sentence.start <= count.start else ""
