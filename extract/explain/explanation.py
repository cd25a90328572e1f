"""What is shown of an article: its sentences in pieces, the frames that fired, the claims and their sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims.version import EXTRACTOR_VERSION
from extract.claims.weighing.models import ACCEPT
from extract.explain.fields import FieldSource, find_sources, frame_words
from extract.explain.silence import explain_silence, is_promising
from extract.explain.trace import Trace, TracedSentence, trace_article

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame, Party
    from extract.claims.items import Item
    from extract.claims.model import ArticleText
    from extract.claims.tellings import Telling

KINDS = {
    "actor": "state or other actor",
    "company": "company",
    "weapon": "weapon",
    "blocked": "weapon that doesn't count here",
    "transfer": "word of a transfer",
    "number": "number",
    "money": "money",
    "year": "year",
}
"""Kinds of marks, with what the legend says."""

_ITEM_KINDS = {"A": "actor", "C": "company", "V": "transfer", "T": "transfer", "N": "number", "M": "money", "Y": "year"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sentence.

    Attributes:
        text: the words.
        kind: a key of ``KINDS``, or an empty string.
        note: what the words were read as.
    """

    text: str
    kind: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A frame in words.

    Attributes:
        rule: lemmas of the chain.
        words: the chain as written.
        reading: role frame, voice and status.
        weapons: weapons that it governs.
        parties: relation and actor, as "from: FRA".
    """

    rule: str
    words: str
    reading: str
    weapons: tuple[str, ...]
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """A sentence.

    Attributes:
        number: from 0; the title has -1.
        paragraph: number of its paragraph.
        pieces: its text; together they are the sentence.
        frames: frames that fired.
        claims: numbers of the claims that it tells, from 1.
        silence: why it tells none, where one might be expected.
    """

    number: int
    paragraph: int
    pieces: tuple[Piece, ...]
    frames: tuple[ShownFrame, ...]
    claims: tuple[int, ...]
    silence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """A claim.

    Attributes:
        number: from 1.
        heading: parties, weapon and status.
        confidence: 0 to 1.
        rule: frame that fired.
        evidence: the sentence.
        evidence_at: field and offsets.
        sentences: numbers of all sentences that tell the deal.
        sources: its fields.
    """

    number: int
    heading: str
    confidence: float
    rule: str
    evidence: str
    evidence_at: str
    sentences: tuple[int, ...]
    sources: tuple[FieldSource, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is shown of an article.

    Attributes:
        article: the article.
        extractor: version.
        sentences: title first.
        claims: its claims.
        refusal: why the article as a whole was left out, or None.
    """

    article: ArticleText
    extractor: str
    sentences: tuple[ShownSentence, ...]
    claims: tuple[ShownClaim, ...]
    refusal: str | None


def explain_article(article: ArticleText) -> Explanation:
    """Explain what the extractor made of an article.

    Args:
        article: the article.

    Returns:
        The explanation; its claims are those of ``extract_article``, in their order.
    """
    trace = trace_article(article)
    claims = tuple(_show_claim(number, trace) for number in range(1, len(trace.claims) + 1))
    return Explanation(
        article,
        EXTRACTOR_VERSION,
        tuple(_show_sentence(one, trace, claims) for one in trace.sentences),
        claims,
        trace.refusal,
    )


def name_sentence(number: int) -> str:
    """How a sentence is called.

    >>> name_sentence(-1), name_sentence(0)
    ('title', 'sentence 1')
    """
    return "title" if number < 0 else f"sentence {number + 1}"


def _show_claim(number: int, trace: Trace) -> ShownClaim:
    traced = trace.claims[number - 1]
    claim = traced.claim
    return ShownClaim(
        number,
        f"{claim.supplier_code or 'unknown'} → {claim.recipient_code or 'unknown'}: "
        f"{claim.weapon_designation}, {claim.status}",
        claim.confidence,
        claim.rule_id,
        claim.evidence_text,
        f"{claim.evidence_field} {claim.evidence_start}-{claim.evidence_end}",
        tuple(sorted({telling.sentence.index for telling in traced.tellings})),
        tuple(find_sources(traced, trace)),
    )


def _show_sentence(traced: TracedSentence, trace: Trace, claims: tuple[ShownClaim, ...]) -> ShownSentence:
    sentence = traced.parsed.sentence
    text = trace.article.title if sentence.field == "title" else trace.article.text
    told = tuple(claim.number for claim in claims if sentence.index in claim.sentences)
    silence: list[str] = []
    if not told and trace.refusal is None:
        silence = [
            _fallen_short(telling, chance) for telling, chance in trace.candidates if telling.sentence == sentence
        ]
        if is_promising(traced.parsed):
            silence += explain_silence(traced)
    return ShownSentence(
        sentence.index,
        sentence.paragraph,
        tuple(_pieces(traced)),
        tuple(_show_frame(frame, text) for frame in traced.frames),
        told,
        tuple(dict.fromkeys(silence)),
    )


def _fallen_short(telling: Telling, chance: float) -> str:
    """A candidate that was weighed and isn't claimed."""
    supplier = telling.supplier.code if telling.supplier else "unknown"
    recipient = telling.recipient.code if telling.recipient else "unknown"
    return (
        f"weighed, but not sure enough: {supplier} → {recipient}: {telling.designation} "
        f"({chance:.0%}; claimed from {ACCEPT:.0%})"
    )


def _pieces(traced: TracedSentence) -> list[Piece]:
    """Cut a sentence into marked and plain pieces."""
    parsed = traced.parsed
    offset, done = parsed.sentence.start, 0
    pieces: list[Piece] = []
    for item in parsed.items:
        start, end = item.start - offset, item.end - offset
        kind = _kind(item)
        if not kind or start < done or end <= start:
            continue
        if start > done:
            pieces.append(Piece(parsed.text[done:start]))
        pieces.append(Piece(parsed.text[start:end], kind, _note(item)))
        done = end
    if done < len(parsed.text):
        pieces.append(Piece(parsed.text[done:]))
    return pieces


def _kind(item: Item) -> str:
    """Kind of an item's mark, or an empty string."""
    if item.kind == "W":
        counts = item.weapon is not None and item.weapon.counts and not item.is_blocked
        return "weapon" if counts else "blocked"
    return _ITEM_KINDS.get(item.kind, "")


def _note(item: Item) -> str:
    """What an item was read as."""
    if item.kind in "AC":
        code = item.actor.code if item.actor else "told elsewhere"
        kind = item.actor.kind.replace("_", " ") if item.actor else "state"
        return f"{item.company or 'firm'}, {code}" if item.kind == "C" else f"{kind} {code}"
    if item.weapon is not None:
        origin = f", from {item.weapon.origin}" if item.weapon.origin else ""
        return f"{item.designation or item.weapon.designation}, {item.weapon.category}{origin}"
    return _note_number(item) or ", ".join(dict.fromkeys(f"{t.lemma} ({t.frame})" for t in item.triggers))


def _note_number(item: Item) -> str:
    """What an amount, a year or a number was read as; empty for another item."""
    if item.money is not None:
        return f"{item.money.most:,.0f} {item.money.currency}"
    if item.year is not None:
        years = str(item.year.first) if item.year.first == item.year.last else f"{item.year.first}-{item.year.last}"
        return f"{years}, from the date of publication" if item.year.is_estimate else years
    return str(item.number.most) if item.number is not None else ""


def _show_frame(frame: Frame, text: str) -> ShownFrame:
    voice = ", passive" if frame.is_passive else ""
    status = frame.status or "nothing claimed"
    deal = f", {frame.deal_type.replace('_', ' ')}" if frame.deal_type else ""
    return ShownFrame(
        frame.rule,
        frame_words(frame, text),
        f"{frame.frame}{voice}: {status}{deal}",
        tuple(dict.fromkeys(w.designation or (w.weapon.designation if w.weapon else w.word) for w in frame.weapons)),
        tuple(dict.fromkeys(_show_party(party, text) for party in frame.parties)),
    )


def _show_party(party: Party, text: str) -> str:
    who = party.actor.code if party.actor else "?"
    return f"{party.relation}: {who} (“{text[party.item.start : party.item.end]}”)"
