"""Sentences and paragraphs with offsets, in one linear pass."""

from __future__ import annotations

import re

from extract.claims.model import FieldName, Sentence

# A stop, closing quotes or brackets, white space, and something that can open a sentence.
_STOP = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9À-ÞŁŚŞČŽİ€£$•])|[ \t]*\n\s*\n\s*|\n(?=\s*[•*\-–—]\s)"
)
_LAST_WORD = re.compile(r"([A-Za-z.]+)[.!?…\"'”’)\]\s]*\Z")

# After these a full stop does not end a sentence.
_ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "gen",
        "lt",
        "col",
        "maj",
        "capt",
        "cmdr",
        "adm",
        "sgt",
        "brig",
        "sen",
        "rep",
        "gov",
        "pres",
        "st",
        "no",
        "nos",
        "vs",
        "etc",
        "approx",
        "dept",
        "est",
        "inc",
        "ltd",
        "co",
        "corp",
        "jr",
        "sr",
        "rev",
        "hon",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "e.g",
        "i.e",
        "u.s",
        "u.k",
        "u.n",
        "a.m",
        "p.m",
        "u.a.e",
        "ret",
        "gp",
        "capt.gen",
        "vol",
        "fig",
        "mt",
        "ft",
        "fr",
        "op",
        "cf",
        "al",
        "ave",
        "lt.gen",
        "maj.gen",
        "brig.gen",
        "lt.col",
        "rs",
        "sq",
    ]
)
# These may also end one: they do when a capitalised word that opens sentences follows.
_OPENERS = frozenset(
    [
        "the",
        "a",
        "an",
        "it",
        "its",
        "in",
        "on",
        "at",
        "this",
        "that",
        "these",
        "those",
        "he",
        "she",
        "they",
        "we",
        "but",
        "and",
        "however",
        "under",
        "according",
        "after",
        "both",
        "meanwhile",
        "for",
        "with",
        "as",
        "while",
        "since",
        "last",
        "next",
        "first",
        "their",
        "his",
        "her",
        "there",
    ]
)
_WORD = re.compile(r"[A-Za-z]+")
_LOOK_BACK = 24
# News sentences stay far below; what is longer is a table or a list, and is cut so that the work stays linear.
_LONGEST = 1_500


def split_sentences(text: str, *, field: FieldName = "text", first_index: int = 0) -> list[Sentence]:
    """Split a field into sentences.

    Args:
        text: the field; paragraphs are separated by an empty line.
        field: name of the field, kept in each sentence.
        first_index: number of the first sentence.

    Returns:
        Sentences in order, without surrounding white space; none is empty.

    >>> [s.end - s.start for s in split_sentences("The U.S. Army paid. It got Mr. Smith.")]
    [19, 17]
    """
    sentences: list[Sentence] = []
    start = 0
    paragraph = 0
    for match in _STOP.finditer(text):
        is_break = "\n" in match.group()
        if not is_break and not _ends_sentence(text, match):
            continue
        _append(sentences, text, (start, match.end()), field, paragraph, first_index)
        start = match.end()
        if is_break:
            paragraph += 1
    _append(sentences, text, (start, len(text)), field, paragraph, first_index)
    return sentences


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Whether the stop that ``match`` found ends a sentence, or belongs to an abbreviation."""
    if match.group()[0] != ".":
        return True
    before = _LAST_WORD.search(text[max(0, match.start() - _LOOK_BACK) : match.start()])
    if before is None:
        return True
    word = before.group(1).lower().rstrip(".")
    is_initial = len(word) == 1 and word != "i"
    if word not in _ABBREVIATIONS and not is_initial:
        return True
    following = _WORD.match(text, match.end())
    opens = following is not None and following.group().lower() in _OPENERS
    # "J. Smith" never ends; "the U.S. The deal" does.
    return opens and not (is_initial and "." not in before.group(1))


def _append(  # noqa: PLR0913, PLR0917 - one caller, which knows it all
    sentences: list[Sentence], text: str, span: tuple[int, int], field: FieldName, paragraph: int, first_index: int
) -> None:
    """Add the sentence between two offsets unless it is blank."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > _LONGEST:
        cut = text.rfind(" ", start, start + _LONGEST)
        cut = cut if cut > start else start + _LONGEST
        sentences.append(Sentence(field, start, cut, paragraph, first_index + len(sentences)))
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        sentences.append(Sentence(field, start, end, paragraph, first_index + len(sentences)))
