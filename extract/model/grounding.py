"""Whether words of an answer stand in the article."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims.counts import parse_number
from extract.claims.fold import fold_term
from extract.model.weapons import make_key

if TYPE_CHECKING:
    from extract.claims import ArticleText
    from extract.claims.model import FieldName

MAX_EVIDENCE = 1_000
"""Characters. Twice the longest sentence of the development set; more is no sentence but a text."""

_MIN_WORDS = 3
_LIKE = {"'": "['’‘`]", '"': '["“”„]', "-": "[-‐‑–—]"}
_LIKE |= {"’": _LIKE["'"], "‘": _LIKE["'"], "“": _LIKE['"'], "”": _LIKE['"'], "–": _LIKE["-"], "—": _LIKE["-"]}
_DIGITS = re.compile(r"[0-9]+(?:[,.\u00a0 ][0-9]+)*")
_WORD = re.compile(r"[a-z]+")
_BETWEEN = re.compile(r"\s+(?:to|or|and)\s+|\s*[–—]\s*")
_FEW = {"a": 1.0, "an": 1.0, "single": 1.0, "half": 0.5, "pair": 2.0, "couple": 2.0, "both": 2.0, "trio": 3.0}
_SCALES = {
    **dict.fromkeys(("k", "thousand"), 1e3),
    **dict.fromkeys(("lakh", "lakhs"), 1e5),
    **dict.fromkeys(("m", "mn", "mln", "million", "millions"), 1e6),
    **dict.fromkeys(("cr", "crore", "crores"), 1e7),
    **dict.fromkeys(("b", "bn", "bln", "billion", "billions", "milliard"), 1e9),
    **dict.fromkeys(("tn", "trn", "trillion"), 1e12),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A place in an article, in characters of its field."""

    field: FieldName
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """An article with its folded form, which many claims are checked against.

    Attributes:
        article: the article.
        folded: title and text, folded, with a blank at each end.
        key: the same in the spelling that designations are compared in.
    """

    article: ArticleText
    folded: str
    key: str

    @classmethod
    def of(cls, article: ArticleText) -> Reading:
        """Fold an article once."""
        folded = f" {fold_term(article.title)} {fold_term(article.text)} "
        return cls(article, folded, make_key(folded))

    def names(self, words: str | None) -> bool:
        """Whether the article holds these words, whole and in this order, in any case, punctuation or plural."""
        folded = fold_term(words or "")
        return bool(folded) and any(f" {folded}{ending} " in self.folded for ending in ("", "s", "es"))


def find_quotation(article: ArticleText, quotation: str) -> Span | None:
    """Find where a quotation stands, word for word.

    Blanks may differ in kind and number, quotation marks and dashes in form; nothing else may.

    Args:
        article: the article.
        quotation: words of the answer; fewer than three are no evidence.

    Returns:
        Its place, in the text before the title; None if it isn't there.
    """
    return find_words(article, quotation) if len(quotation.split()) >= _MIN_WORDS else None


def find_words(article: ArticleText, words: str) -> Span | None:
    """Find words of any number as `find_quotation` does."""
    parts = words.split()
    if not parts:
        return None
    before = r"(?<!\w)" if parts[0][0].isalnum() else ""
    after = r"(?!\w)" if parts[-1][-1].isalnum() else ""
    pattern = re.compile(before + r"\s+".join(_tolerant(part) for part in parts) + after)
    fields: tuple[tuple[FieldName, str], ...] = (("text", article.text), ("title", article.title))
    for name, text in fields:
        found = pattern.search(text)
        if found:
            return Span(name, found.start(), found.end())
    return None


def _tolerant(word: str) -> str:
    return "".join(_LIKE.get(char) or re.escape(char) for char in word)


def tells_number(words: str, number: float) -> bool:
    """Whether words tell a number: one that they hold in digits, else in words, is it, times the scale they name.

    >>> tells_number("$3.5 billion", 3_500_000_000), tells_number("2,000 crore", 20_000_000_000)
    (True, True)
    >>> tells_number("36 jets", 63), tells_number("36 jets", 360), tells_number("two dozen", 24)
    (False, False, True)
    >>> tells_number("two to four", 4), tells_number("half a billion", 5e8), tells_number("a squadron of jets", 12)
    (True, True, False)
    """
    told = {value for digits in _DIGITS.findall(words) for value in _values(digits)} or _values_of_words(words.lower())
    scales = [_SCALES[word] for word in _WORD.findall(words.lower()) if word in _SCALES]
    factors = {1.0, *scales, math.prod(scales)}
    return any(math.isclose(value * factor, number) for value in told for factor in factors)


def _values(digits: str) -> set[float]:
    """Read digits with their separators: a comma or point may stand for thousands or for the decimal."""
    plain = re.sub(r"[,.\s]", "", digits)
    values = {float(plain)}
    for mark, other in ((".", ","), (",", ".")):
        if digits.count(mark) == 1:
            values.add(float(re.sub(rf"[{other}\s]", "", digits).replace(mark, ".")))
    return values


def _values_of_words(words: str) -> set[float]:
    """Read numbers in words; of a range or a list, each part for itself too."""
    parts = [words, *_BETWEEN.split(words)]
    return {
        *(float(value) for part in parts if (value := parse_number(part)) is not None),
        *(_FEW[word] for word in _WORD.findall(words) if word in _FEW),
    }


def tells_year(article: ArticleText, year: int) -> bool:
    """Whether an article tells a year in digits: 2019, '19, or the end of 2018-19."""
    short = f"{year % 100:02}"
    pattern = re.compile(rf"(?<!\d)(?:{year}|['’]{short})(?!\d)|(?<=\d\d[-–/]){short}(?!\d)")
    return any(pattern.search(text) for text in (article.title, article.text))
