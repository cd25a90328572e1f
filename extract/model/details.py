"""Numbers of a claim, believed where the article's own words tell them, else emptied with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from extract.model.grounding import find_words, tells_number, tells_year
from extract.model.refusal import Refusal
from warehouse.contracts import TRANSFER_CLAIMS
from warehouse.reference import read_seed

if TYPE_CHECKING:
    from extract.claims import ArticleText

NEAR_YEARS = 5
"""Years from publication within which a year may be told without digits: "last year", "in five years"."""


@dataclass(frozen=True, slots=True)
class Details:
    """Quantity, value and years of a claim; the fields are those of the contract."""

    quantity_min: int | None
    quantity_max: int | None
    quantity_is_approximate: bool
    value_min: float | None
    value_max: float | None
    value_currency: str | None
    value_type: str | None
    order_year: int | None
    order_year_is_estimate: bool
    delivery_year_first: int | None
    delivery_year_last: int | None
    delivery_year_is_estimate: bool


def read_details(told: dict[str, Any], article: ArticleText) -> tuple[Details, list[Refusal]]:
    """Read the numbers of a claim that keeps to the schema.

    Args:
        told: the claim.
        article: its article.

    Returns:
        The details, and a refusal for each number that was emptied.
    """
    notes: list[Refusal] = []
    quantity = _read_range("quantity", told, article, notes)
    value = _read_range("value", told, article, notes)
    currency = told["value_currency"]
    if value and currency not in _currencies():
        notes.append(Refusal("value_emptied", f"no seed knows the currency {currency!r}"))
        value = None
    order, order_is_estimate = _read_year("order_year", told, "order_year_is_estimate", article, notes)
    first, is_estimate = _read_year("delivery_year_first", told, "delivery_year_is_estimate", article, notes)
    last, last_is_estimate = _read_year("delivery_year_last", told, "delivery_year_is_estimate", article, notes)
    first = last if first is None else first
    last = first if last is None else last
    if first is not None and last is not None and last < first:
        notes.append(Refusal("delivery_year_last_emptied", f"{last} is before the first delivery, {first}"))
        last = first
    return Details(
        quantity_min=int(quantity[0]) if quantity else None,
        quantity_max=int(quantity[1]) if quantity else None,
        quantity_is_approximate=bool(quantity and told["quantity_is_approximate"]),
        value_min=float(value[0]) if value else None,
        value_max=float(value[1]) if value else None,
        value_currency=currency if value else None,
        value_type=(told["value_type"] or "contract") if value else None,
        order_year=order,
        order_year_is_estimate=order_is_estimate,
        delivery_year_first=first,
        delivery_year_last=last,
        delivery_year_is_estimate=is_estimate or last_is_estimate,
    ), notes


def _read_range(
    name: str, told: dict[str, Any], article: ArticleText, notes: list[Refusal]
) -> tuple[float, float] | None:
    """Read the ends of a range; both must be told by its words, and its words by the article."""
    ends = [told[f"{name}_{end}"] for end in ("min", "max") if told[f"{name}_{end}"] is not None]
    if not ends:
        return None
    least, most = min(ends), max(ends)
    words = told[f"{name}_text"] or ""
    if not find_words(article, words):
        why = f"the article doesn't hold the words {words!r}"
    elif least <= 0:
        why = f"{least} is no {name}"
    elif not (tells_number(words, most) and (least == most or tells_number(words, least))):
        why = f"{words!r} doesn't tell {most:g}" if least == most else f"{words!r} doesn't tell {least:g} to {most:g}"
    else:
        return least, most
    notes.append(Refusal(f"{name}_emptied", why))
    return None


def _read_year(
    name: str, told: dict[str, Any], flag: str, article: ArticleText, notes: list[Refusal]
) -> tuple[int | None, bool]:
    """Read a year and whether it is an estimate: one that no digits tell is, however sure the answer is of it."""
    if told[name] is None:
        return None, False
    year, column = int(told[name]), TRANSFER_CLAIMS.column(name)
    if not (column.minimum or 0) <= year <= (column.maximum or 9999):
        notes.append(Refusal(f"{name}_emptied", f"{year} is out of range"))
        return None, False
    if tells_year(article, year):
        return year, told[flag]
    if article.year is not None and abs(year - article.year) <= NEAR_YEARS:
        return year, True
    notes.append(Refusal(f"{name}_emptied", f"the article doesn't tell {year}"))
    return None, False


@cache
def _currencies() -> frozenset[str]:
    return frozenset(read_seed("currencies")["currency_code"].to_pylist())
