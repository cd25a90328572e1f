"""The stages in order, article in, claims out: the same claims for the same article, whatever stands beside it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.assemble import assemble
from extract.claims.chunk import chunk
from extract.claims.civil import is_civil_article
from extract.claims.context import build_context
from extract.claims.frames import find_frames
from extract.claims.lexicon import load_lexicon
from extract.claims.recognise import Recognised, recognise
from extract.claims.resolve import resolve_sentence
from extract.claims.segment import split_sentences
from extract.claims.tellings import Parsed
from extract.claims.tokens import tokenise

if TYPE_CHECKING:
    from extract.claims.model import ArticleText, Claim, FieldName, Sentence


def extract_article(article: ArticleText) -> list[Claim]:
    """Extract the claims of one article.

    Args:
        article: the article; languages other than English yield nothing.

    Returns:
        Claims in the order of the text.
    """
    if article.language != "en" or not (article.title or article.text):
        return []
    found = recognise(article, load_lexicon())
    if not found.weapon_hits or not found.trigger_hits:
        return []
    parsed = [(p, find_frames(p.items)) for p in _parse(article, found)]
    if is_civil_article([sentence for sentence, _ in parsed]):
        return []
    context = build_context(parsed)
    tellings = []
    for sentence, frames in parsed:
        tellings += resolve_sentence(sentence, frames, context)
    return assemble(article, context.tellings)


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
