"""What speaks for and against a pair of actors beside a weapon.

Features name what the rules found, where the actors stand in the sentence, and what part they play in the article.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.claims.exporters import tier_of
from extract.claims.weighing.sequel import describe_sequel
from extract.claims.weights import weights_of

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame
    from extract.claims.items import Item
    from extract.claims.model import Actor
    from extract.claims.weighing.scene import Mention, Scene
    from extract.claims.weighing.sequel import Before


def describe_mention(scene: Scene, mention: Mention) -> list[str]:
    """Features of the weapon and the words that govern it, whoever the parties are."""
    sentence = scene.parsed.sentence
    found = [
        "bias",
        "title" if sentence.field == "title" else f"par{min(sentence.paragraph, 3)}",
        f"cat:{mention.entry.category}",
        "generic" if mention.entry.is_generic else "named",
        *_describe_rules(scene, mention),
    ]
    if mention.entry.needs_context:
        found.append("doubtful name")
    if mention.item is not None:
        found += _describe_words(scene, mention.item, mention.place)
    else:
        found += _describe_elided(scene, mention)
    kinds = [i.kind for i in scene.parsed.items]
    found.append(f"weapons:{min(kinds.count('W'), 5)}")
    found += [name for kind, name in (("M", "money"), ("Y", "year"), ("G", "negation")) if kind in kinds]
    return found


def _describe_rules(scene: Scene, mention: Mention) -> list[str]:
    """What the rules found: tellings of the weapon, the frames that govern it, and the others of the sentence."""
    found = ["told" if mention.told else "untold"]
    if mention.told:
        first = mention.told[0]
        found.append(f"sure:{int(max(t.certainty for t in mention.told) * 5)}")
        found.append(f"bases:{first.supplier_basis}/{first.recipient_basis}")
        found += [name for name, holds in (("faint", first.is_faint), ("anaphoric", first.is_anaphoric)) if holds]
    if not mention.frames:
        found.append("no frame")
    for frame in mention.frames[:2]:
        found += (f"frame:{frame.frame}", f"status:{frame.status}", f"opens:{frame.rule.split('+')[0]}")
        if frame.core is not None:
            found += (f"lemma:{frame.core.lemma}", f"form:{frame.core.form}")
            found += ["weak"] if frame.core.is_weak else []
    others = [f for f in scene.frames if f not in mention.frames]
    return [*found, *(f"other:{other.frame}:{other.status}" for other in others[:3])]


def _describe_elided(scene: Scene, mention: Mention) -> list[str]:
    """Features of a weapon that a pronoun, a number or nothing stands for."""
    context, family = scene.context, mention.entry.family
    found = ["batch" if mention.batch else "stands for" if mention.told else "elided"]
    topic = context.topic_weapon
    if topic is not None and topic.weapon is not None and topic.weapon.family == family:
        found.append("topic weapon")
    found.append(f"known:{min(sum(t.weapon.family == family for t in context.recent()), 3)}")
    if any(i.kind == "N" for i in scene.parsed.items):
        found.append("number")
    return found


def _describe_words(scene: Scene, item: Item, place: int) -> list[str]:
    """Features of the weapon's own phrase and the words around it."""
    items = scene.parsed.items
    found = [
        name
        for name, holds in (
            ("counted", item.count is not None),
            ("indefinite", item.is_indefinite),
            ("definite", item.is_definite),
            ("own", item.is_own),
            ("plural", item.is_plural),
            ("extra", item.is_extra),
            ("blocked", item.is_blocked),
            ("premodifier", item.is_premodifier),
            ("owned", bool(item.owners)),
            ("adjective", bool(item.demonyms)),
            ("maker", bool(item.makers)),
            ("first", place == 0),
        )
        if holds
    ]
    if item.condition:
        found.append(f"condition:{item.condition}")
    before = items[place - 1] if place else None
    after = items[place + 1] if place + 1 < len(items) else None
    found.append(f"before:{before.kind if before and before.kind not in 'PoV' else before.word if before else '^'}")
    found.append(f"after:{after.kind if after and after.kind not in 'PoV' else after.word if after else '$'}")
    found += [f"left:{other.word}" for other in items[max(0, place - 6) : place] if other.kind in "voBIU"]
    found += [f"right:{other.word}" for other in items[place + 1 : place + 6] if other.kind in "voBIU"]
    return [*found, *(f"has:{other.word}" for other in items if other.kind in "vB")]


def describe_actor(scene: Scene, mention: Mention, actor: Actor) -> list[str]:
    """Features of an actor beside a weapon; the same serve both roles, each with weights of its own."""
    found = [f"kind:{actor.kind}", f"tier:{tier_of(actor.code)}"]
    code = actor.code
    found.append(_match_origin(code, mention.entry.origin))
    item = mention.item
    if item is not None:
        for name, group in (("owner", item.owners), ("adj", item.demonyms), ("maker", item.makers)):
            if actor in group:
                found.append(name)
        if actor in item.origins:
            found.append("made")
    places = scene.places.get(code, ())
    if places:
        found += _describe_place(scene, mention, code, places)
    else:
        found.append("absent")
    for frame in mention.frames[:2]:
        found += _describe_relation(frame, actor, "")
    for other in scene.frames:
        if other not in mention.frames:
            found += _describe_relation(other, actor, "other ")
    for telling in mention.told:
        if telling.supplier == actor:
            found += ("ruled supplier", f"ruled supplier:{telling.supplier_basis}")
        if telling.recipient == actor:
            found += ("ruled recipient", f"ruled recipient:{telling.recipient_basis}")
    return found + _describe_part(scene, mention, actor, is_absent=not places)


def _match_origin(code: str, origin: str | None) -> str:
    """Whether the actor is where the weapon comes from."""
    if origin is None:
        return "origin:unknown"
    if code == origin or {code, origin} <= _SOVIET:
        return "origin:same"
    return "origin:other"


_SOVIET = frozenset({"RUS", "SUHH"})


def _describe_place(scene: Scene, mention: Mention, code: str, places: list[int] | tuple[int, ...]) -> list[str]:
    """Where the actor stands: side of the weapon, preposition, distance."""
    found: list[str] = []
    items = scene.parsed.items
    nearest = min(places, key=lambda p: abs(p - mention.place))
    side = "before" if nearest < mention.place else "after"
    item = items[nearest]
    how = "adj" if item.is_adjective else "poss" if item.is_possessive else scene.governors[nearest]
    distance = abs(nearest - mention.place)
    far = "near" if distance < 3 else "mid" if distance < 8 else "far"
    found += (f"{side}:{how}", f"{side}:{how}:{far}", f"{side}:{far}")
    if item.kind == "C":
        found.append(f"firm:{side}")
    if code == scene.lead:
        found.append("lead")
    low, high = sorted((nearest, mention.place))
    between = items[low + 1 : high]
    if not any(i.kind in "AC" and i.actor is not None and i.actor.code != code for i in between):
        found.append(f"nearest:{side}")
    if any(i.kind in ";-:" for i in between) or any(i.kind == "S" for i in between):
        found.append(f"apart:{side}")
    if any(i.kind in "VT" for i in between):
        found.append(f"verb between:{side}")
    for place in places:
        if place != nearest:
            found.append(f"also:{'before' if place < mention.place else 'after'}:{scene.governors[place]}")
    return found


def _bucket(weight: float) -> int:
    """Weights of the role tables in four steps."""
    return 0 if weight <= 0 else 1 if weight < 4 else 2 if weight < 7 else 3


def _describe_relation(frame: Frame, actor: Actor, prefix: str) -> list[str]:
    """Relation of the actor to a frame."""
    found = []
    table = weights_of(frame)
    for party in frame.parties:
        if party.actor != actor:
            continue
        give, take = table.get(party.relation, (0, 0))
        firm = "firm" if party.is_firm else ""
        found.append(f"{prefix}weight:{_bucket(give)}{_bucket(take)}{firm}")
        found.append(f"{prefix}relation:{party.relation}{firm}")
        if not prefix:
            voice = "passive" if frame.is_passive else "active"
            found.append(f"role:{frame.frame}:{voice}:{party.relation}{firm}")
    return found


def _describe_part(scene: Scene, mention: Mention, actor: Actor, *, is_absent: bool) -> list[str]:
    """The part that an actor plays in the article so far and as a whole."""
    context = scene.context
    code = actor.code
    paragraph = scene.parsed.sentence.paragraph
    where = "far " if is_absent else "here "
    rank = context.ranks.get(code, 9)
    found = [f"{where}rank:{min(rank, 4)}", f"share:{min(int(context.shares.get(code, 0.0) * 8), 4)}"]
    named = (
        ("named before", actor in context.named_last),
        ("opened paragraph", context.paragraph_actor == actor and context.paragraph == paragraph),
        ("subject", context.last_subject == actor and context.subject_paragraph == paragraph),
        ("old subject", context.last_subject == actor and context.subject_paragraph != paragraph),
        ("label", context.label == actor and context.label_paragraph == paragraph),
        ("last recipient", actor in context.last_recipients),
        ("last recipient here", actor in context.last_recipients and context.last_paragraph == paragraph),
        ("last supplier", actor in context.last_suppliers),
        ("topic recipient", context.topic_recipient == actor),
        ("sure topic", context.topic_recipient == actor and context.is_recipient_sure),
        ("topic supplier", context.topic_supplier == actor),
        ("protagonist", context.protagonist == actor),
        ("family's supplier", context.suppliers_of.get(mention.entry.family) == actor),
        ("in title", code in context.titled),
    )
    parts = [name for name, holds in named if holds]
    found += [where + name for name in parts]
    found += [f"{scene.opening}:{where}{name}" for name in parts]
    found.append(f"{scene.opening}:{where}rank:{min(rank, 4)}")
    state = "told" if mention.told else "framed" if mention.frames else "bare"
    found.append(f"{state}:{where}")
    found.append(
        f"takes:{_share(context.taking.get(code, 0), context.taking.get(code, 0) + context.giving.get(code, 0))}"
    )
    return found


def _share(part: int, whole: int) -> str:
    """How often the article tells in words that an actor receives rather than supplies."""
    if not whole:
        return "untold"
    return "often" if part > 0.7 * whole else "both" if part > 0.3 * whole else "never"


def describe_pair(
    scene: Scene, mention: Mention, supplier: Actor | None, recipient: Actor, before: Before | None
) -> list[str]:
    """Features of a supplier and a recipient together."""
    found = [] if before is None else describe_sequel(scene, mention, supplier, recipient, before)
    if supplier is None:
        return [*found, "no supplier"]
    here = scene.places
    both = (supplier.code in here) + (recipient.code in here)
    found.append(f"here:{both}")
    if both == 2:
        first = min(here[supplier.code]) < min(here[recipient.code])
        found.append("supplier first" if first else "recipient first")
    for telling in mention.told:
        if telling.supplier == supplier and telling.recipient == recipient:
            found += ("ruled", f"ruled:{int(telling.certainty * 5)}", f"ruled:{telling.rule.split('+')[-1]}")
    elsewhere = scene.context.pairs.get((supplier.code, recipient.code), 0)
    reverse = scene.context.pairs.get((recipient.code, supplier.code), 0)
    found.append(f"elsewhere:{min(elsewhere, 3)}")
    if reverse:
        found.append(f"reverse:{min(reverse, 2)}")
    if mention.entry.origin == recipient.code:
        found.append("to its origin")
    if tier_of(supplier.code) > tier_of(recipient.code):
        found.append("lesser exporter supplies")
    return found
