"""The extractor's stages once more, with all that they make on the way kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims.assemble import assemble, find_details, group_tellings, settle_deals
from extract.claims.engine import read_article, walk
from extract.claims.weighing.deals import describe_groups, rate_deal
from extract.claims.weighing.models import load_models
from extract.claims.weighing.scorer import Scorer

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame
    from extract.claims.model import ArticleText, Claim
    from extract.claims.tellings import Parsed, Telling
    from extract.claims.weighing.attach import Found
    from extract.claims.weighing.models import Models


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
    """A claim with what it was made of.

    Attributes:
        claim: the claim.
        tellings: its tellings.
        details: the number, years, price and status that were chosen for it.
    """

    claim: Claim
    tellings: tuple[Telling, ...]
    details: Found


@dataclass(frozen=True, slots=True)
class Trace:
    """All that the stages made of an article.

    Attributes:
        article: the article.
        sentences: title first.
        claims: in the order of the text.
        candidates: candidate deals that the article doesn't bear out, with their probabilities.
        refusal: why the article as a whole was left out, or None.
    """

    article: ArticleText
    sentences: tuple[TracedSentence, ...]
    claims: tuple[TracedClaim, ...]
    candidates: tuple[tuple[Telling, float], ...]
    refusal: str | None


def trace_article(article: ArticleText) -> Trace:
    """Run the stages over an article and keep what each made.

    Args:
        article: the article; one that the extractor leaves out as a whole is parsed all the same.

    Returns:
        The trace; its claims are those of ``extract_article``.
    """
    reading = read_article(article, wholly=True)
    refusal = reading.refusal
    if article.language != "en":
        refusal = f"the language is {article.language or 'unknown'}; only English is read"
    if refusal:
        return Trace(article, tuple(TracedSentence(p, tuple(f), ()) for p, f in reading.sentences), (), (), refusal)
    models = load_models()
    told = walk(reading, Scorer(models.pairs))
    groups = settle_deals(told, models)
    around = reading.surroundings
    claims = assemble(article, groups, around, models.attacher)
    by_sentence: dict[int, list[Telling]] = defaultdict(list)
    for telling in (t for group in groups for t in group):
        by_sentence[telling.sentence.index].append(telling)
    return Trace(
        article,
        tuple(TracedSentence(p, tuple(f), tuple(by_sentence[p.sentence.index])) for p, f in reading.sentences),
        tuple(
            TracedClaim(claim, tuple(group), models.attacher.attach(group, find_details(group), around))
            for claim, group in zip(claims, groups, strict=True)
        ),
        _left_out(told, groups, models),
        None,
    )


def _left_out(told: list[Telling], kept: list[list[Telling]], models: Models) -> tuple[tuple[Telling, float], ...]:
    """The surest telling of each candidate deal that isn't claimed, with the deal's probability."""
    claimed = {(t.sentence.index, t.weapon.family) for group in kept for t in group}
    candidates = group_tellings(told, models.joiner)
    surest = (
        (max(group, key=lambda t: t.odds.chance), rate_deal(group, row, models.forest))
        for group, row in zip(candidates, describe_groups(candidates), strict=True)
    )
    return tuple((t, chance) for t, chance in surest if (t.sentence.index, t.weapon.family) not in claimed)
