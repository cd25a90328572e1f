"""The extractor's stages once more, with all that they make on the way kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims import assemble as deals
from extract.claims import engine
from extract.claims.civil import is_civil_article
from extract.claims.context import build_context
from extract.claims.frames import find_frames
from extract.claims.lexicon import load_lexicon
from extract.claims.recognise import recognise
from extract.claims.resolve import resolve_sentence

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame
    from extract.claims.model import ArticleText, Claim
    from extract.claims.tellings import Parsed, Telling


@dataclass(frozen=True, slots=True)
class TracedSentence:
    """A sentence with what was found in it.

    Attributes:
        parsed: sentence and items.
        frames: its frames.
        tellings: what they tell, in the article's final form; empty where the article was left out as a whole.
    """

    parsed: Parsed
    frames: tuple[Frame, ...]
    tellings: tuple[Telling, ...]


@dataclass(frozen=True, slots=True)
class TracedClaim:
    """A claim with the tellings that it was made of."""

    claim: Claim
    tellings: tuple[Telling, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """All that the stages made of an article.

    Attributes:
        article: the article.
        sentences: title first.
        claims: in the order of the text.
        refusal: why the article as a whole was left out, or None.
    """

    article: ArticleText
    sentences: tuple[TracedSentence, ...]
    claims: tuple[TracedClaim, ...]
    refusal: str | None


def trace_article(article: ArticleText) -> Trace:
    """Run the stages over an article and keep what each made.

    Args:
        article: the article; one that the extractor leaves out as a whole is parsed all the same.

    Returns:
        The trace; its claims are those of ``extract_article``.
    """
    found = recognise(article, load_lexicon())
    parsed = [(one, find_frames(one.items)) for one in engine._parse(article, found)]
    refusal = None
    if article.language != "en":
        refusal = f"the language is {article.language or 'unknown'}; only English is read"
    elif not found.weapon_hits:
        refusal = "no weapon is named without doubt; a name that is an everyday word too needs another weapon beside it"
    elif not found.trigger_hits:
        refusal = "no word of a transfer stands in it"
    elif is_civil_article([sentence for sentence, _ in parsed]):
        refusal = "it is about airliners, rescue or museums rather than armed forces"
    if refusal:
        return Trace(article, tuple(TracedSentence(p, tuple(f), ()) for p, f in parsed), (), refusal)
    context = build_context(parsed)
    for sentence, frames in parsed:
        resolve_sentence(sentence, frames, context)
    groups = deals._without_general(deals._grouped(deals._notified(context.tellings)))
    claims = deals.assemble(article, context.tellings)
    by_sentence: dict[int, list[Telling]] = defaultdict(list)
    for telling in context.tellings:
        by_sentence[telling.sentence.index].append(telling)
    return Trace(
        article,
        tuple(TracedSentence(p, tuple(f), tuple(by_sentence[p.sentence.index])) for p, f in parsed),
        tuple(TracedClaim(claim, tuple(group)) for claim, group in zip(claims, groups, strict=True)),
        None,
    )
