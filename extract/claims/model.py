"""Frozen types that travel between the stages of extraction.

article -> sentences -> mentions -> items -> frames -> claims. Offsets count characters of the field (title or text)
that the sentence belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FieldName = Literal["title", "text"]


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What the extractor reads of an article.

    Attributes:
        article_id: key of the article.
        load_id: load that brought it.
        title: headline.
        text: main text; paragraphs are separated by an empty line.
        year: year of publication, to which relative dates refer; None if unknown.
        month: month of publication, 1-12; None if unknown.
        language: ISO 639-1 code; only ``en`` yields claims.
    """

    article_id: str
    load_id: str
    title: str
    text: str
    year: int | None
    month: int | None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a field.

    Attributes:
        field: title or text.
        start: offset of the first character.
        end: offset after the last character.
        paragraph: number of the paragraph in the field, from 0.
        index: number of the sentence in the article; the title has -1.
    """

    field: FieldName
    start: int
    end: int
    paragraph: int
    index: int


@dataclass(frozen=True, slots=True)
class Actor:
    """A state, organisation or armed group.

    Attributes:
        code: ISO 3166 code or short name.
        kind: state, historic_state, organisation or non_state.
    """

    code: str
    kind: str


@dataclass(frozen=True, slots=True)
class WeaponEntry:
    """A weapon of the lexicon, or a designation read by pattern.

    Attributes:
        designation: commonest form, or the generic type in lower case.
        family: what variants share.
        category: value of ``WEAPON_CATEGORIES``.
        generic_type: generic type; equal to the designation for a generic mention.
        origin: code of the country of origin, or None.
        is_generic: whether only the type is named.
        needs_context: whether the name is also an everyday word.
        counts: whether its transfer is an arms transfer (ammunition and spares are not).
    """

    designation: str
    family: str
    category: str
    generic_type: str | None = None
    origin: str | None = None
    is_generic: bool = False
    needs_context: bool = False
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of units. ``least`` and ``most`` are None where the words give no number."""

    least: int | None
    most: int | None
    is_approximate: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole units of a currency.

    Attributes:
        least: least amount, or None where one amount is told.
        most: the amount, or the greatest.
        currency: ISO 4217 code.
        start: offset of the first character in the sentence's field.
        end: offset after the last character.
        is_ceiling: told as "up to" or "as much as".
    """

    least: float | None
    most: float
    currency: str
    start: int
    end: int
    is_ceiling: bool = False


@dataclass(frozen=True, slots=True)
class YearMention:
    """A year told by words.

    Attributes:
        first: the year, or the first of a range.
        last: the last year of a range, else ``first``.
        is_estimate: whether it follows from the date of publication.
        start: offset of the first character in the sentence's field.
        end: offset after the last character.
    """

    first: int
    last: int
    is_estimate: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One claimed transfer; the fields are those of the contract ``transfer_claims``."""

    article_id: str
    load_id: str
    ordinal: int
    supplier_text: str | None
    supplier_code: str | None
    supplier_type: str | None
    recipient_text: str | None
    recipient_code: str | None
    recipient_type: str | None
    weapon_text: str
    weapon_designation: str
    weapon_family: str
    weapon_category: str
    quantity_min: int | None
    quantity_max: int | None
    quantity_is_approximate: bool
    value_min: float | None
    value_max: float | None
    value_currency: str | None
    value_type: str | None
    status: str
    condition: str | None
    deal_type: str | None
    order_year: int | None
    order_year_is_estimate: bool
    delivery_year_first: int | None
    delivery_year_last: int | None
    delivery_year_is_estimate: bool
    is_background: bool
    is_domestic: bool
    supplier_is_inferred: bool
    confidence: float
    rule_id: str
    evidence_field: FieldName
    evidence_text: str
    evidence_start: int
    evidence_end: int
    claim_id: str = field(default="")
