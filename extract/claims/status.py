"""The status that a predicate tells, from its words and the auxiliaries around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.claims.words import BE, FUTURE, HAVE, POSSIBLE

if TYPE_CHECKING:
    from extract.claims.frame_model import Chain
    from extract.claims.items import Item
    from extract.claims.triggers import Trigger


_STATUS_RANK = {"proposed": 0, "approved": 1, "ordered": 2, "delivered": 3}


def tell_status(items: list[Item], chain: Chain, core: Trigger, left: int, right: int) -> str | None:
    """Status that a chain tells, from its words and the auxiliaries around them."""
    first, last = chain.positions[0], chain.positions[-1]
    before = items[max(left, first - 5) : first]
    inside = items[first:last]
    words = [i for i in before[-4:] if i.kind in "XFGPo"] + [i for i in inside if i.kind in "XFGP"]
    frames = {t.frame for t in chain.triggers}
    negated = any(i.kind == "G" for i in words)
    if negated and "deny" not in frames:
        return None
    denies = [p for p, t in zip(chain.positions, chain.triggers, strict=True) if t.lemma == "deny"]
    after_denial = items[denies[0] + 1].word if denies and denies[0] + 1 < len(items) else ""
    if denies and (core.form == "ing" or after_denial in ("that", "having", "")):
        return None
    if "cancel" in frames:
        return "cancelled"
    if "complete" in frames and not any(i.kind == "F" or i.word == "to" for i in words):
        return "delivered"
    if "resume" in frames:
        return "ordered"
    if any(t.frame == "deny" for t in chain.triggers):
        return None
    status = core.status
    if "approve" in frames:
        return "approved"
    if core.lemma in ("sale", "foreign military sale", "export") and any(
        i.word in ("possible", "potential", "proposed") for i in items[max(0, first - 2) : last + 1]
    ):
        american = any(
            (i.actor is not None and i.actor.code == "USA") or (i.weapon is not None and i.weapon.origin == "USA")
            for i in items
        )
        return "approved" if american or core.lemma == "foreign military sale" else "proposed"
    if any(i.kind == "F" for i in words) and any(i.word == "like" for i in before):
        return "proposed"
    if any(i.kind == "F" and i.word in POSSIBLE for i in words):
        return "proposed"
    proposals = [t for t in chain.triggers if t.status == "proposed"]
    if proposals and core.frame in ("supply", "acquire", "deal", "licence", "equip"):
        return "proposed"
    approvals = [
        t for t in chain.triggers if t.status == "approved" and not (core.frame == "licence" and t is not core)
    ]
    if approvals and core not in approvals and core.form == "base" and "sign" not in frames:
        return "approved"
    if "sign" in frames:
        gives = core.deal_type == "aid" or (core.form == "base" and _is_gift(items, core, left, right))
        return "approved" if approvals or gives else "ordered"
    if approvals and core.status != "delivered":
        return "approved"
    future = any(i.kind == "F" and i.word in FUTURE for i in words) or _is_future(items, chain, core)
    position = next(p for p, t in zip(chain.positions, chain.triggers, strict=True) if t is core)
    coming = core.form == "ing" and position > left and items[position - 1].word in BE and core.lemma in _GIVING
    if (future or coming) and status == "delivered":
        return "approved" if core.deal_type == "aid" or _is_gift(items, core, left, right) else "ordered"
    if core.form == "noun" and core.status == "delivered" and core.frame == "supply":
        return "delivered" if _is_done(items, left, right) else "ordered"
    if core.frame == "deal" and core.status is None:
        if any(i.word in ("aid", "assistance") for i in items[left:right]):
            return "approved"
        return max(
            (t.status for t in chain.triggers if t.status), key=lambda s: _STATUS_RANK.get(s, 0), default="ordered"
        )
    return status


_GIVING = frozenset(
    {
        "send",
        "give",
        "donate",
        "provide",
        "transfer",
        "hand over",
        "supply",
        "deliver",
        "ship",
        "lend",
        "part with",
        "gift",
        "give away",
        "hand",
        "pass",
        "pass on",
        "turn over",
        "release",
        "cede",
        "spare",
        "contribute",
        "present",
    }
)


def _is_gift(items: list[Item], core: Trigger, left: int, right: int) -> bool:
    """Whether a future delivery is a state's pledge rather than a sale: no firm, no price, no contract."""
    clause = items[left:right]
    if any(i.word in ("gift", "grant", "donation", "aid", "assistance") for i in clause) or any(
        i.word == "free of charge" for i in clause
    ):
        return True
    if core.frame != "supply" or core.lemma not in _GIVING:
        return False
    return not any(i.kind in "CLMT" for i in clause) and any(i.kind in "AI" for i in clause)


_DUE = frozenset(
    ["due", "going", "expected", "scheduled", "slated", "set", "planned", "supposed", "destined", "poised"]
)


def _is_future(items: list[Item], chain: Chain, core: Trigger) -> bool:
    """Whether the core is told as yet to come: "is to be delivered", "to supply", "due to arrive"."""
    position = next(p for p, t in zip(chain.positions, chain.triggers, strict=True) if t is core)
    before = items[max(0, position - 4) : position]
    if any(i.word in ("have", "has", "had", "having") for i in before[-2:]):
        return False
    if any(i.word in _DUE for i in before):
        return True
    return core.form in ("base", "ed", "part") and any(i.word == "to" for i in before[-3:])


_COMING = frozenset(
    [
        "start",
        "starts",
        "begin",
        "begins",
        "due",
        "expected",
        "planned",
        "scheduled",
        "run",
        "runs",
        "continue",
        "next",
        "until",
        "through",
        "would",
    ]
)


def _is_done(items: list[Item], left: int, right: int) -> bool:
    """Whether a noun of delivery tells a past one."""
    clause = items[left:right]
    if any(i.kind == "F" or i.word in _COMING for i in clause):
        return False
    if any(i.year is not None and not i.year.is_estimate for i in clause):
        return True
    return any(
        i.word in HAVE or i.word in ("was", "were") or (i.kind in "vV" and i.word.endswith("ed")) for i in clause
    ) or any(i.kind == "o" and i.word.endswith("ed") for i in clause)
