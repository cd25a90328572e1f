"""Third stage: who supplies and who receives in one frame, from the relations of its actors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims.exporters import place_of
from extract.claims.weights import ACQUIRE_ACTIVE, LICENCE, weights_of

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame, Party
    from extract.claims.items import Item
    from extract.claims.model import Actor


@dataclass(frozen=True, slots=True)
class Role:
    """A party in a role.

    Attributes:
        actor: who; None where the article must tell ("the army", "it").
        item: the words; None where the role follows from elsewhere.
        weight: how strongly the words give the role.
        is_firm: whether a company or its country stands for the state.
        basis: where the role comes from: told in the sentence, or how the article gave it.
    """

    actor: Actor | None
    item: Item | None
    weight: float
    is_firm: bool = False
    basis: str = "told"


@dataclass(frozen=True, slots=True)
class Roles:
    """Suppliers and recipients of a frame, best first; empty where the sentence doesn't tell."""

    suppliers: tuple[Role, ...]
    recipients: tuple[Role, ...]


def assign_roles(frame: Frame, weapon: Item | None) -> Roles:
    """Assign supplier and recipient of one frame for one of its weapons.

    Args:
        frame: the frame.
        weapon: the weapon, whose own owner, adjective and maker count too; None for an elided one.

    Returns:
        Roles with their weights; the same actor never has both.
    """
    table = weights_of(frame)
    lemmas = frame.rule.split("+")
    if "ask" in lemmas[:1] and frame.frame == "acquire":
        table = {**table, "object": (9, 0)}  # "asked France for Rafales"
    if frame.frame == "supply" and {"reject", "turn down", "decline"} & set(lemmas[:-1]):
        table = {**table, "subject": (0, 6)}
    suppliers: dict[str, Role] = {}
    recipients: dict[str, Role] = {}
    for party in frame.parties:
        give, take = table.get(party.relation, (0, 0))
        if party.relation == "in" and party.actor is not None and party.actor.kind != "state":
            continue
        if party.is_firm:
            buys = table in (ACQUIRE_ACTIVE, LICENCE) and party.relation == "subject"
            give, take = (0, 6) if buys else _for_firm(party, give, take)
        if (
            frame.frame == "arrive"
            and party.relation in ("in", "at")
            and frame.core is not None
            and frame.core.lemma == "come"
        ):
            continue
        _keep(suppliers, party, give)
        _keep(recipients, party, take)
    if weapon is not None:
        _from_weapon(frame, weapon, suppliers, recipients)
    origins = [w.weapon.origin for w in frame.weapons if w.weapon is not None and w.weapon.origin]
    near = origins[0] if origins and (weapon is None or weapon.weapon is None or not weapon.weapon.origin) else None
    is_soft = frame.frame in ("licence", "deal", "sign", "approve", "propose")
    return _settle(suppliers, recipients, near, weapon, is_soft=is_soft)


def _for_firm(party: Party, give: int, take: int) -> tuple[int, int]:
    """A firm supplies: "an order from the Philippines" is told of the state, "with Saab" of the maker."""
    if party.relation == "object" and give:
        return give, 0
    if party.relation in ("subject", "with", "by", "from", "adjective", "between", "owner", "under", "to"):
        return (max(give, 8) if party.relation != "to" else 6), 0
    return give, 0 if take < 7 else 2


def _keep(roles: dict[str, Role], party: Party, weight: int) -> None:
    """Keep a party in a role with its greatest weight."""
    if weight <= 0:
        return
    key = party.actor.code if party.actor else f"?{party.item.start}"
    known = roles.get(key)
    if known is None or known.weight < weight:
        roles[key] = Role(party.actor, party.item, weight, party.is_firm)


def _from_weapon(frame: Frame, weapon: Item, suppliers: dict[str, Role], recipients: dict[str, Role]) -> None:
    """Owner, adjective and maker in the weapon's own phrase."""
    for actor in weapon.makers:
        _raise(suppliers, Role(actor, weapon, 7, True))
    origin = weapon.weapon.origin if weapon.weapon is not None else None
    bought = frame.core is not None and frame.core.form == "noun" and frame.frame in ("acquire", "deal", "win", "place")
    for actor in weapon.demonyms:
        if bought and weapon.is_premodifier and actor.code != origin:  # "the Hungarian Lynx order"
            _raise(recipients, Role(actor, weapon, 6))
        else:
            _raise(suppliers, Role(actor, weapon, 5, True))
    for actor in weapon.owners:
        gives = (frame.core is not None and frame.core.deal_type == "aid") or (
            frame.core is not None and frame.core.lemma in ("promise", "pledge")
        )
        if (
            (frame.frame in ("supply", "equip") and not frame.is_passive)
            or gives
            or (frame.frame == "supply" and actor.code == origin)
        ):
            _raise(suppliers, Role(actor, weapon, 4))
            _raise(recipients, Role(actor, weapon, 2))
        else:
            _raise(recipients, Role(actor, weapon, 5))
            _raise(suppliers, Role(actor, weapon, 2))


def _raise(roles: dict[str, Role], role: Role) -> None:
    """Add a role or raise its weight."""
    assert role.actor is not None
    known = roles.get(role.actor.code)
    if known is None or known.weight < role.weight:
        roles[role.actor.code] = role


def _settle(
    suppliers: dict[str, Role],
    recipients: dict[str, Role],
    near_origin: str | None,
    weapon: Item | None,
    *,
    is_soft: bool,
) -> Roles:
    """Give each actor one role: the one with more weight, or by the weapon's origin where both weigh alike."""
    origin = weapon.weapon.origin if weapon is not None and weapon.weapon is not None else None
    origin = origin or near_origin
    both = [key for key in suppliers if key in recipients]
    if len(both) == 2 and not both[0].startswith("?") and not both[1].startswith("?"):
        giver = min(both, key=lambda code: (code != origin, place_of(code)))
        equal = len({(suppliers[k].weight, recipients[k].weight) for k in both}) == 1
        clear = origin in both or equal
        if clear:
            recipients.pop(giver)
            suppliers.pop(both[0] if giver == both[1] else both[1])
    for key in list(suppliers):
        if key not in recipients:
            continue
        give, take = suppliers[key].weight, recipients[key].weight
        others_give = max((r.weight for k, r in suppliers.items() if k != key), default=0)
        others_take = max((r.weight for k, r in recipients.items() if k != key), default=0)
        if origin is not None and key == origin:
            give += 2
        # What would remain for the other role decides as well: two parties share the two roles.
        if give + others_take >= take + others_give:
            del recipients[key]
        else:
            del suppliers[key]
    givers, takers = _best(suppliers), _best(recipients)
    if not givers and len(takers) == 1 and takers[0].actor is not None and takers[0].actor.code == origin and is_soft:
        return Roles(takers, ())  # "Berlin has agreed to the local production of Fuchs vehicles"
    if not givers and len(takers) > 1 and origin is not None:  # "Pakistan and Turkey sealed an order for MILGEMs"
        makers = tuple(r for r in takers if r.actor is not None and r.actor.code == origin)
        return Roles(makers, tuple(r for r in takers if r not in makers))
    return Roles(givers, takers)


def _best(roles: dict[str, Role]) -> tuple[Role, ...]:
    """Actors of the greatest weight; several where they are told side by side."""
    if not roles:
        return ()
    top = max(role.weight for role in roles.values())
    best = [role for role in roles.values() if role.weight == top]
    named = [role for role in best if role.actor is not None]
    return tuple(named or best[:1])
