"""Last stage: tellings of one deal become one claim, if the article bears the deal out."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.model import ArticleText, Claim, YearMention
from extract.claims.status import STATUS_RANK
from extract.claims.weighing.attach import Found
from extract.claims.weighing.deals import describe_groups, rate_claimed
from extract.claims.weighing.joining import group_by_deal, parties_of

if TYPE_CHECKING:
    from extract.claims.tellings import Telling
    from extract.claims.weighing.attach import Attacher, Surroundings
    from extract.claims.weighing.forest import Forest
    from extract.claims.weighing.models import Models

_NEWS_PARAGRAPHS = 2


def settle_deals(tellings: list[Telling], models: Models) -> list[list[Telling]]:
    """Group the tellings of an article, and keep the deals that it bears out as a whole.

    Args:
        tellings: tellings in the order of the text, the title's first; doubtful ones too.
        models: what decides which tellings are one deal, and which deals are claimed.

    Returns:
        Tellings by deal, in the order of the text; their certainty is the deal's probability.
    """
    groups = group_tellings(tellings, models.joiner)
    chances = [
        rate_claimed(group, row, models.forest) for group, row in zip(groups, describe_groups(groups), strict=True)
    ]
    kept = [
        [replace(t, certainty=round(chance, 3)) for t in group]
        for group, chance in zip(groups, chances, strict=True)
        if chance is not None
    ]
    return _without_general(kept)


def assemble(
    article: ArticleText, groups: list[list[Telling]], around: Surroundings, attacher: Attacher
) -> list[Claim]:
    """Make the claims of an article.

    Args:
        article: the article.
        groups: tellings by deal, as ``settle_deals`` gives them.
        around: the article's sentences.
        attacher: what chooses number, years, price and status.

    Returns:
        One claim per deal, in the order of the text.
    """
    ordinals: Counter[tuple[str, str, str]] = Counter()
    claims = []
    for group in groups:
        claim = _claim(article, group, attacher.attach(group, find_details(group), around))
        key = (claim.supplier_code or "", claim.recipient_code or "", claim.weapon_family)
        ordinals[key] += 1
        digest = hashlib.blake2b(
            "\x1f".join([article.article_id, *key, str(ordinals[key])]).encode(), digest_size=8
        ).hexdigest()
        claims.append(replace(claim, ordinal=ordinals[key], claim_id=digest))
    return claims


def group_tellings(tellings: list[Telling], joiner: Forest) -> list[list[Telling]]:
    """Group tellings by candidate deal.

    Args:
        tellings: in the order of the text.
        joiner: tells which are one deal.
    """
    return group_by_deal(_notified(tellings), joiner)


def _notified(tellings: list[Telling]) -> list[Telling]:
    """Raise what a buyer asked for to approved where the article tells that the sale was cleared."""
    cleared = {parties_of(t) for t in tellings if t.status == "approved" and t.rule.split("+")[0] in _CLEARING}
    return [
        replace(t, status="approved")
        if t.status == "proposed" and parties_of(t) in cleared and t.rule.split("+")[0] in _ASKING
        else t
        for t in tellings
    ]


_CLEARING = frozenset(
    {
        "approve",
        "clear",
        "notify",
        "authorise",
        "authorize",
        "license",
        "give a green light to",
        "sale",
        "foreign military sale",
    }
)
_ASKING = frozenset({"ask", "ask for", "request", "package", "deal", "programme", "program", "want"})


def _without_general(groups: list[list[Telling]]) -> list[list[Telling]]:
    """Drop groups of a general type where a named weapon of the same parties and category is told, and bare titles."""
    kept = []
    for group in groups:
        head = group[0]
        if head.weapon.is_generic or all(t.sentence.field == "title" for t in group):
            others = [
                g
                for g in groups
                if g is not group
                and g[0].weapon.category == head.weapon.category
                and (not g[0].weapon.is_generic or any(t.sentence.field == "text" for t in g))
                and any(one == other for one, other in zip(parties_of(g[0]), parties_of(head), strict=True))
                and not (
                    g[0].weapon.is_generic
                    and g[0].weapon.family == head.weapon.family
                    and head.sentence.field == "text"
                )
            ]
            is_title = all(t.sentence.field == "title" for t in group)
            same = [g for g in others if parties_of(g[0]) == parties_of(head)]
            if (is_title and others) or (same and not same[0][0].weapon.is_generic):
                continue
        kept.append(group)
    return kept


def find_details(group: list[Telling]) -> Found:
    """What the rules tell of a deal: furthest status, greatest number, first year told, first price."""
    group = settled(group)
    counts = [t.count for t in group if t.count is not None]
    deliveries = [t.delivery_year for t in group if t.delivery_year is not None]
    return Found(
        max(counts, key=lambda c: c.most) if counts else None,
        next((t.order_year for t in group if t.order_year is not None), None),
        min(deliveries, key=lambda y: y.first) if deliveries else None,
        next((t.money for t in group if t.money is not None), None),
        _furthest(group),
    )


def settled(group: list[Telling]) -> list[Telling]:
    """Tellings that speak for a deal: those of the rules, else those that the scorer is sure of, else all."""
    kept = [t for t in group if t.odds.is_kept] or group
    return [t for t in kept if t.odds.is_ruled] or kept


def _claim(article: ArticleText, whole: list[Telling], found: Found) -> Claim:
    """Make the claim of one deal."""
    group = settled(whole)
    best = max(group, key=lambda t: (t.sentence.field == "text", not t.is_anaphoric, t.odds.chance, -t.sentence.index))
    status, count, order, delivery, money = found.status, found.count, found.order, found.delivery, found.money
    priced = next((t for t in group if t.money is not None and t.money == money), best)
    source = article.title if best.sentence.field == "title" else article.text
    text = source[best.sentence.start : best.sentence.end]
    supplier = best.supplier
    recipient = best.recipient
    return Claim(
        article_id=article.article_id,
        load_id=article.load_id,
        ordinal=1,
        supplier_text=best.supplier_text,
        supplier_code=supplier.code if supplier else None,
        supplier_type=supplier.kind if supplier else None,
        recipient_text=best.recipient_text,
        recipient_code=recipient.code if recipient else None,
        recipient_type=recipient.kind if recipient else None,
        weapon_text=best.weapon_text,
        weapon_designation=best.designation,
        weapon_family=best.weapon.family,
        weapon_category=best.weapon.category,
        quantity_min=count.least if count else None,
        quantity_max=count.most if count else None,
        quantity_is_approximate=bool(count and count.is_approximate),
        value_min=money.least or money.most if money else None,
        value_max=money.most if money else None,
        value_currency=money.currency if money else None,
        value_type=_value_type(priced, status) if money else None,
        status=status,
        condition=next((t.condition for t in group if t.condition), None),
        deal_type=next((t.deal_type for t in group if t.deal_type), None),
        order_year=order.first if order else None,
        order_year_is_estimate=bool(order and order.is_estimate),
        delivery_year_first=delivery.first if delivery else None,
        delivery_year_last=delivery.last if delivery else None,
        delivery_year_is_estimate=_is_estimate(delivery),
        is_background=min(t.sentence.paragraph for t in group) >= _NEWS_PARAGRAPHS,
        is_domestic=supplier is not None and recipient is not None and supplier.code == recipient.code,
        supplier_is_inferred=all(t.supplier_inferred for t in group),
        confidence=max(t.certainty for t in group),
        rule_id=best.rule,
        evidence_field=best.sentence.field,
        evidence_text=text,
        evidence_start=best.sentence.start,
        evidence_end=best.sentence.end,
    )


def _is_estimate(year: YearMention | None) -> bool:
    """Whether a year rests on the date of publication."""
    return year is not None and year.is_estimate


def _furthest(group: list[Telling]) -> str:
    """The furthest status; a cancellation stands unless a later telling goes on."""
    firm = [t for t in group if not t.is_faint or t.status in ("delivered", "cancelled")] or group
    best = max(firm, key=lambda t: STATUS_RANK[t.status])
    if best.status != "cancelled":
        return best.status
    after = [t for t in firm if t.sentence.index > best.sentence.index and (t.status == "delivered" or _goes_on(t))]
    return max(after, key=lambda t: STATUS_RANK[t.status]).status if after else "cancelled"


def _goes_on(telling: Telling) -> bool:
    """Whether a telling takes a cancelled deal up again."""
    return telling.rule.split("+")[0] in ("resume", "revive", "reinstate", "unfreeze", "unblock", "lift") or (
        telling.status == "ordered" and telling.condition == "new" and telling.is_anaphoric
    )


def _value_type(telling: Telling, status: str) -> str:
    """What the value covers."""
    if telling.money_shared:
        return "package_share"
    if telling.deal_type == "aid":
        return "aid"
    if status in ("approved", "proposed") or (telling.money is not None and telling.money.is_ceiling):
        return "ceiling"
    return "contract"
