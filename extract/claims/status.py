"""The status that a predicate tells, from its words and the auxiliaries around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims.words import BE, FUTURE, HAVE, POSSIBLE

if TYPE_CHECKING:
    from extract.claims.frame_model import Chain
    from extract.claims.items import Item
    from extract.claims.triggers import Trigger


STATUS_RANK = {"proposed": 0, "approved": 1, "ordered": 2, "delivered": 3, "cancelled": 4}


@dataclass(frozen=True, slots=True)
class _Sight:
    """A chain with what its status depends on.

    Attributes:
        items: the clause.
        chain: the chain.
        core: its trigger that tells the transfer.
        left: where the clause begins.
        right: where the chain's reach ends.
        before: up to five items before the chain.
        words: auxiliaries, negations, prepositions and plain words before and inside the chain.
        frames: frames of the chain's triggers.
    """

    items: list[Item]
    chain: Chain
    core: Trigger
    left: int
    right: int
    before: list[Item]
    words: list[Item]
    frames: frozenset[str]


def tell_status(items: list[Item], chain: Chain, core: Trigger, left: int, right: int) -> str | None:
    """Status that a chain tells, from its words and the auxiliaries around them; None where it tells no transfer."""
    first, last = chain.positions[0], chain.positions[-1]
    before = items[max(left, first - 5) : first]
    words = [i for i in before[-4:] if i.kind in "XFGPo"] + [i for i in items[first:last] if i.kind in "XFGP"]
    frames = frozenset(t.frame for t in chain.triggers)
    sight = _Sight(items, chain, core, left, right, before, words, frames)
    if _is_denied(sight):
        return None
    operated = _operated(sight)
    if operated is not None or "deny" in frames:
        return operated
    return _permitted(sight) or _agreed(sight) or _due(sight)


def _is_denied(sight: _Sight) -> bool:
    """Whether the chain is negated, or denies what follows: "did not sell", "denied having sold"."""
    if any(i.kind == "G" for i in sight.words) and "deny" not in sight.frames:
        return True
    pairs = zip(sight.chain.positions, sight.chain.triggers, strict=True)
    denies = [p for p, t in pairs if t.lemma == "deny"]
    after = sight.items[denies[0] + 1].word if denies and denies[0] + 1 < len(sight.items) else ""
    return bool(denies) and (sight.core.form == "ing" or after in ("that", "having", ""))


def _operated(sight: _Sight) -> str | None:
    """Status that a word of cancelling, completing or resuming tells."""
    if "cancel" in sight.frames:
        return "cancelled"
    if "complete" in sight.frames and not any(i.kind == "F" or i.word == "to" for i in sight.words):
        return "delivered"
    return "ordered" if "resume" in sight.frames else None


def _permitted(sight: _Sight) -> str | None:
    """Status of what is only allowed or proposed: approvals, possible sales, wishes and talks."""
    core, items = sight.core, sight.items
    if "approve" in sight.frames:
        return "approved"
    first, last = sight.chain.positions[0], sight.chain.positions[-1]
    if core.lemma in ("sale", "foreign military sale", "export") and any(
        i.word in ("possible", "potential", "proposed") for i in items[max(0, first - 2) : last + 1]
    ):
        american = any(
            (i.actor is not None and i.actor.code == "USA") or (i.weapon is not None and i.weapon.origin == "USA")
            for i in items
        )
        return "approved" if american or core.lemma == "foreign military sale" else "proposed"
    modals = [i for i in sight.words if i.kind == "F"]
    if any(i.word in POSSIBLE for i in modals) or (modals and any(i.word == "like" for i in sight.before)):
        return "proposed"
    exercises = any(t.lemma == "exercise" for t in sight.chain.triggers)
    proposes = any(t.status == "proposed" and not (exercises and t.lemma == "option") for t in sight.chain.triggers)
    return "proposed" if proposes and core.frame in ("supply", "acquire", "deal", "licence", "equip") else None


def _agreed(sight: _Sight) -> str | None:
    """Status of what is signed, or of what someone allows another to do."""
    core = sight.core
    approvals = [
        t for t in sight.chain.triggers if t.status == "approved" and not (core.frame == "licence" and t is not core)
    ]
    signs = "sign" in sight.frames
    if approvals and core not in approvals and core.form == "base" and not signs:
        return "approved"
    if signs:
        gives = core.deal_type == "aid" or (core.form == "base" and _is_gift(sight))
        return "approved" if approvals or gives else "ordered"
    return "approved" if approvals and core.status != "delivered" else None


def _due(sight: _Sight) -> str | None:
    """Status of the core itself, by its tense."""
    core, items = sight.core, sight.items
    future = any(i.kind == "F" and i.word in FUTURE for i in sight.words) or _is_future(items, sight.chain, core)
    position = next(p for p, t in zip(sight.chain.positions, sight.chain.triggers, strict=True) if t is core)
    before = items[position - 1].word if position > sight.left else ""
    coming = core.form == "ing" and before in BE and core.lemma in _GIVING
    if (future or coming) and core.status == "delivered":
        return "approved" if core.deal_type == "aid" or _is_gift(sight) else "ordered"
    clause = items[sight.left : sight.right]
    if core.form == "noun" and core.status == "delivered" and core.frame == "supply":
        return "delivered" if _is_done(clause) else "ordered"
    if core.frame == "deal" and core.status is None:
        if any(i.word in ("aid", "assistance") for i in clause):
            return "approved"
        told = (t.status for t in sight.chain.triggers if t.status)
        return max(told, key=lambda status: STATUS_RANK[status], default="ordered")
    return core.status


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


def _is_gift(sight: _Sight) -> bool:
    """Whether a future delivery is a state's pledge rather than a sale: no firm, no price, no contract."""
    core, clause = sight.core, sight.items[sight.left : sight.right]
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


def _is_done(clause: list[Item]) -> bool:
    """Whether a noun of delivery tells a past one."""
    if any(i.kind == "F" or i.word in _COMING for i in clause):
        return False
    if any(i.year is not None and not i.year.is_estimate for i in clause):
        return True
    return any(
        i.word in HAVE or i.word in ("was", "were") or (i.kind in "vV" and i.word.endswith("ed")) for i in clause
    ) or any(i.kind == "o" and i.word.endswith("ed") for i in clause)
