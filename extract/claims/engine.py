"""The stages in order, article in, claims out: the same claims for the same article, whatever stands beside it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extract.claims.assemble import assemble, settle_deals
from extract.claims.chunk import chunk
from extract.claims.civil import is_civil_article
from extract.claims.context import build_context
from extract.claims.frames import find_frames
from extract.claims.gate import load_gate
from extract.claims.lexicon import load_lexicon
from extract.claims.recognise import Recognised, recognise
from extract.claims.resolve import resolve_sentence
from extract.claims.segment import split_sentences
from extract.claims.tellings import Parsed
from extract.claims.tokens import tokenise
from extract.claims.weighing.attach import Surroundings
from extract.claims.weighing.models import load_models
from extract.claims.weighing.scorer import Scorer

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame
    from extract.claims.model import ArticleText, Claim, FieldName, Sentence
    from extract.claims.tellings import Telling
    from extract.claims.weighing.models import Models
    from extract.claims.weighing.scorer import Chooser


_NO_WEAPON = "no weapon is named without doubt; a name that is an everyday word too needs another weapon beside it"


@dataclass(frozen=True, slots=True)
class Reading:
    """An article with its sentences taken apart.

    Attributes:
        article: the article.
        sentences: sentences with their frames, the title first.
        refusal: why the article can tell no transfer, or None.
    """

    article: ArticleText
    sentences: list[tuple[Parsed, list[Frame]]]
    refusal: str | None

    @property
    def surroundings(self) -> Surroundings:
        """The sentences by number, and the year that they are read in."""
        return Surroundings({p.sentence.index: p for p, _ in self.sentences}, self.article.year)


def load() -> None:
    """Load what each article needs: lexicon, gate and weights; some two seconds, once in a process."""
    load_lexicon()
    load_gate()
    load_models()


def extract_article(article: ArticleText, models: Models | None = None) -> list[Claim]:
    """Extract the claims of one article.

    Args:
        article: the article; languages other than English yield nothing.
        models: trained weights; by default those of the package.

    Returns:
        Claims in the order of the text.
    """
    if article.language != "en" or not (article.title or article.text):
        return []
    reading = read_article(article)
    if reading.refusal is not None:
        return []
    models = models or load_models()
    deals = settle_deals(walk(reading, Scorer(models.pairs)), models)
    return assemble(article, deals, reading.surroundings, models.attacher)


def read_article(article: ArticleText, *, wholly: bool = False) -> Reading:
    """Take an article apart into sentences, mentions and frames.

    Args:
        article: the article.
        wholly: whether one that can tell no transfer is taken apart all the same.
    """
    gate = load_gate()
    if not wholly and not gate.may_name_weapon(article.text) and not gate.may_name_weapon(article.title):
        return Reading(article, [], _NO_WEAPON)
    found = recognise(article, load_lexicon())
    refusal = None
    if not found.weapon_hits:
        refusal = _NO_WEAPON
    elif not found.trigger_hits:
        refusal = "no word of a transfer stands in it"
    if refusal and not wholly:
        return Reading(article, [], refusal)
    sentences = [(parsed, find_frames(parsed.items)) for parsed in _parse(article, found)]
    if refusal is None and is_civil_article([parsed for parsed, _ in sentences]):
        refusal = "it is about airliners, rescue or museums rather than armed forces"
    return Reading(article, sentences, refusal)


def walk(reading: Reading, chooser: Chooser) -> list[Telling]:
    """Go through the sentences of an article in order, each in the light of those before.

    Args:
        reading: the article.
        chooser: what weighs the candidates of a sentence.

    Returns:
        What is told, doubtful tellings too, in the order of the text.
    """
    context = build_context(reading.sentences, reading.article.year)
    for parsed, frames in reading.sentences:
        resolve_sentence(parsed, frames, context, chooser)
    return sorted([*context.tellings, *context.doubtful], key=lambda t: t.sentence.index)


def _parse(article: ArticleText, found: Recognised) -> list[Parsed]:
    """Chunk the sentences of both fields, the title first."""
    title = split_sentences(article.title, field="title", first_index=-1)
    if title:
        whole = replace(title[0], end=title[-1].end)
        title = [whole]
    result = []
    result += _parse_field("title", article.title, title, article, found)
    result += _parse_field("text", article.text, split_sentences(article.text), article, found)
    return result


def _parse_field(
    name: FieldName, text: str, sentences: list[Sentence], article: ArticleText, found: Recognised
) -> list[Parsed]:
    """Chunk the sentences of one field."""
    mentions = found.mentions[name]
    starts = [mention.start for mention in mentions]
    result = []
    for sentence in sentences:
        inside = mentions[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]
        flat = tokenise(
            text,
            found.folded[name],
            sentence,
            inside,
            year=article.year,
            month=article.month,
            countries=found.countries,
        )
        items = chunk(text, flat, sentence_start=sentence.start, is_title=name == "title")
        result.append(Parsed(sentence, text[sentence.start : sentence.end], items))
    return result
