"""What may be told in a sentence: weapons that may be transferred, and actors that may take part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims.doubt import UNKNOWN
from extract.claims.model import Actor
from extract.claims.parties import governor

if TYPE_CHECKING:
    from extract.claims.context import Context
    from extract.claims.counts import Count
    from extract.claims.frame_model import Frame
    from extract.claims.items import Item
    from extract.claims.model import WeaponEntry
    from extract.claims.tellings import Parsed, Telling

_NAMED_MOST = 6  # actors named most in the article, candidates in each sentence


@dataclass(frozen=True, slots=True)
class Mention:
    """A weapon of a sentence, with what the rules tell of it.

    Attributes:
        item: its words; None where a pronoun or a number stands for it.
        place: position of the item in the sentence, or of the frame that stands for it.
        entry: the weapon.
        name: its designation.
        frames: frames that govern it.
        told: tellings of the rules.
        batch: number of a further batch of a weapon named before: "and six more in 2019".
    """

    item: Item | None
    place: int
    entry: WeaponEntry
    name: str
    frames: tuple[Frame, ...]
    told: tuple[Telling, ...]
    batch: Count | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What the candidates of one sentence share.

    Attributes:
        parsed: the sentence.
        frames: its frames, denied ones too.
        places: positions of each actor's own items in the sentence.
        governors: preposition before each of these positions.
        lead: the first actor without a preposition.
        opening: what the sentence opens with: a pronoun, an institution, an actor, a weapon or another word.
        actors: actors that may take part, those of the sentence first.
        context: the article so far.
    """

    parsed: Parsed
    frames: tuple[Frame, ...]
    places: dict[str, list[int]]
    governors: dict[int, str]
    lead: str
    opening: str
    actors: tuple[Actor, ...]
    context: Context


def set_scene(parsed: Parsed, frames: list[Frame], tellings: list[Telling], context: Context) -> Scene:
    """Collect the actors of a sentence and of the article around it."""
    items = parsed.items
    places: dict[str, list[int]] = {}
    governors: dict[int, str] = {}
    actors: dict[str, Actor] = {}
    lead = ""
    for index, item in enumerate(items):
        if item.actor is not None and item.kind in "AC":
            actors.setdefault(item.actor.code, item.actor)
            places.setdefault(item.actor.code, []).append(index)
            governors[index] = governor(items, index) or "-"
            if not lead and governors[index] == "-" and not item.is_adjective:
                lead = item.actor.code
        for actor in (*item.owners, *item.demonyms, *item.makers):
            actors.setdefault(actor.code, actor)
    around = [
        *context.named_last,
        context.last_subject,
        context.label if context.label_paragraph == parsed.sentence.paragraph else None,
        *context.last_recipients,
        *context.last_suppliers,
        context.topic_recipient,
        context.topic_supplier,
        context.protagonist,
        *context.named_most[:_NAMED_MOST],
        *(a for a in context.named_most if a.code in context.titled),
        *(t.supplier for t in tellings),
        *(t.recipient for t in tellings),
    ]
    for other in around:
        if other is not None:
            actors.setdefault(other.code, other)
    return Scene(parsed, tuple(frames), places, governors, lead, _name_opening(items), tuple(actors.values()), context)


_OPENINGS = {"p": "pronoun", "I": "institution", "L": "firm", "A": "actor", "C": "actor", "W": "weapon", "N": "number"}


def _name_opening(items: list[Item]) -> str:
    """What a sentence opens with, which decides who "it" or "the army" may be."""
    for item in items[:5]:
        if item.kind in _OPENINGS:
            return _OPENINGS[item.kind]
        if item.word in ("its", "their", "his", "her"):
            return "possessive"
        if item.kind in "VvXF":
            break
    return "word"


def find_mentions(scene: Scene, tellings: list[Telling]) -> list[Mention]:
    """Weapons of a sentence that may be transferred: named ones, and general words that can stand in a claim."""
    found: list[Mention] = []
    seen: set[int] = set()
    items = scene.parsed.items
    for place, item in enumerate(items):
        if item.kind != "W" or item.weapon is None or not item.weapon.counts:
            continue
        told = tuple(t for t in tellings if t.mention is item)
        seen.update(id(t) for t in told)
        frames = tuple(f for f in scene.frames if any(w is item for w in f.weapons))
        if told:
            for family in dict.fromkeys(t.weapon.family for t in told):
                own = tuple(t for t in told if t.weapon.family == family)
                found.append(Mention(item, place, own[0].weapon, own[0].designation, frames, own))
        elif frames and all(f.status is None for f in frames):
            continue  # "never received the jets": no weighing makes a deal of it
        elif not item.weapon.is_generic or _is_candidate(item):
            found.append(Mention(item, place, item.weapon, item.designation, frames, ()))
    groups: dict[tuple[str, str], list[Telling]] = {}
    for telling in tellings:
        if id(telling) not in seen:
            groups.setdefault((telling.weapon.family, telling.rule), []).append(telling)
    for group in groups.values():
        first = group[0]
        frames = tuple(f for f in scene.frames if f.rule == first.rule)[:1]
        place = _find_place(items, frames[0]) if frames else 0
        found.append(Mention(None, place, first.weapon, first.designation, frames, tuple(group)))
    return [*found, *_find_batches(scene)] or _find_elided(scene)


def _find_place(items: list[Item], frame: Frame) -> int:
    """Position in the sentence of a frame's first word."""
    start = frame.scope[frame.start].start
    return next((place for place, item in enumerate(items) if item.start >= start), 0)


def _find_batches(scene: Scene) -> list[Mention]:
    """Further batches of a weapon that the sentence named before: "bought 12 in 2018 and six more a year later"."""
    items = scene.parsed.items
    found = []
    for place, item in enumerate(items):
        if item.number is None or not item.number.most:
            continue
        before = items[place - 1] if place else None
        after = items[place + 1] if place + 1 < len(items) else None
        is_more = (after is not None and after.kind == "E") or (before is not None and before.kind == "E")
        follows = items[place + 2] if after is not None and after.kind == "E" and place + 2 < len(items) else after
        if not is_more or (follows is not None and follows.kind not in "PY,.;:&-)" and follows.word not in _LATER):
            continue
        weapon = next((i for i in reversed(items[:place]) if i.kind == "W" and not i.is_blocked), None)
        if weapon is not None and weapon.weapon is not None and weapon.weapon.counts:
            found.append(Mention(None, place, weapon.weapon, weapon.designation, (), (), item.number))
    return found


_LATER = frozenset({"later", "last", "this", "next", "earlier", "since", "the", "a", "are", "were", "have"})


def _find_elided(scene: Scene) -> list[Mention]:
    """The weapon told last and the article's own, where a sentence names a party but no weapon: "Iraq took 16"."""
    items = scene.parsed.items
    if not scene.places or any(i.kind == "W" and not i.is_blocked for i in items):
        return []
    frame = next((f for f in scene.frames if f.status and f.frame in _MOVING), None)
    place = next((p for p, i in enumerate(items) if i.kind == "N"), None)
    if frame is not None:
        place = _find_place(items, frame)
    if place is None:
        return []
    context = scene.context
    near = context.last_named if context.current - context.last_named_index <= 2 else None
    meant = dict.fromkeys(w for w in (near, context.topic_weapon) if w is not None and w.weapon is not None)
    families = {w.weapon.family: w for w in reversed(meant) if w.weapon is not None}
    return [
        Mention(None, place, w.weapon, w.designation, (frame,) if frame else (), ())
        for w in families.values()
        if w.weapon is not None
    ]


_MOVING = frozenset({"supply", "acquire", "arrive", "equip", "cancel", "approve", "propose"})


def _is_candidate(item: Item) -> bool:
    """Whether a general word that no rule took up may be a claim of its own: counted or indefinite, and not vague."""
    assert item.weapon is not None
    if item.weapon.designation in _VAGUE or item.is_definite or item.is_blocked:
        return False
    return item.count is not None or item.is_indefinite or item.is_plural


_VAGUE = frozenset(
    {"weapon", "military equipment", "vehicle", "service", "system", "surveillance system", "boat", "ship", "aircraft"}
)


def list_parties(scene: Scene, mention: Mention) -> tuple[list[Actor | None], list[Actor]]:
    """Actors that may supply a weapon, None for one that nobody names, and actors that may receive it."""
    actors = dict.fromkeys(a for a in scene.actors if a.code != UNKNOWN)
    givers: dict[Actor | None, None] = dict.fromkeys(actors)
    if mention.entry.origin:
        givers.setdefault(Actor(mention.entry.origin, "historic_state" if mention.entry.origin == "SUHH" else "state"))
    for telling in mention.told:
        givers.setdefault(telling.supplier)
    return list(givers), list(actors)
