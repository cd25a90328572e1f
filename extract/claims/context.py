"""What an article is about: the parties that it keeps naming, and what was said last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extract.claims.roles import Role, assign_roles

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame
    from extract.claims.items import Item
    from extract.claims.model import Actor, WeaponEntry
    from extract.claims.tellings import Parsed, Telling

_DOMINANT = 0.4  # share of the roles told in words from which a topic fills gaps; set on the tuning part
_PROMINENT = 0.3  # share of all mentions of actors that makes one the protagonist; set on the tuning part
_MEMORY = 80
_EXPLICIT = 6  # weight from which a role is told by words, not guessed from an adjective


@dataclass(slots=True)
class Context:
    """State of the walk through one article; a new one for each article.

    Attributes:
        year: year of publication.
        topic_recipient: state that the article mostly tells receives.
        topic_supplier: state that it mostly tells supplies.
        is_recipient_sure: whether most roles told in words are that recipient's.
        last_subject: actor of the last clause's subject.
        subject_paragraph: paragraph of that clause.
        is_subject_firm: whether a company stood for that actor.
        speaker: actor named most, who says "we" in an interview.
        protagonist: the same, where the article names it much more than others.
        last_firm: state of the last company.
        last_recipients: recipients told last.
        last_suppliers: suppliers told last.
        last_paragraph: paragraph of the last telling.
        tellings: all tellings so far.
        topic_weapon: weapon of the headline or the lead.
        label: state that a paragraph opens with, as in "Ghana: four boats" or a dateline.
        label_paragraph: that paragraph.
        current: number of the sentence at hand.
        last_named: weapon named last, told or not.
        last_named_index: number of its sentence.
        suppliers_of: supplier by weapon family.
        named_last: actors of the last sentence that names any.
        paragraph: paragraph at hand.
        paragraph_actor: first state that it names.
        named_most: actors of the article, those named most first.
        ranks: place of each actor among them, from 1.
        shares: share of each actor in all mentions of actors.
        titled: actors that the title names.
        taking: how often frames tell in words that an actor receives.
        giving: how often they tell that it supplies.
        pairs: how often each supplier and recipient were told together.
        doubtful: tellings that the article as a whole may still bear out.
    """

    year: int | None = None
    topic_recipient: Actor | None = None
    topic_supplier: Actor | None = None
    is_recipient_sure: bool = False
    last_subject: Actor | None = None
    subject_paragraph: int = -1
    is_subject_firm: bool = False
    speaker: Actor | None = None
    protagonist: Actor | None = None
    last_firm: Actor | None = None
    last_recipients: tuple[Actor, ...] = ()
    last_suppliers: tuple[Actor, ...] = ()
    last_paragraph: int = -1
    tellings: list[Telling] = field(default_factory=list)
    topic_weapon: Item | None = None
    current: int = 0
    label: Actor | None = None
    label_paragraph: int = -1
    last_named: Item | None = None
    last_named_index: int = -9
    suppliers_of: dict[str, Actor] = field(default_factory=dict)
    named_last: tuple[Actor, ...] = ()
    paragraph: int = -1
    paragraph_actor: Actor | None = None
    named_most: tuple[Actor, ...] = ()
    ranks: dict[str, int] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    titled: frozenset[str] = frozenset()
    taking: Counter[str] = field(default_factory=Counter)
    giving: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    doubtful: list[Telling] = field(default_factory=list)

    def remember(self, telling: Telling) -> None:
        """Add a telling and what follows from it."""
        self.tellings.append(telling)
        if telling.recipient is not None:
            self.last_recipients = (telling.recipient,)
        if telling.supplier is not None:
            self.last_suppliers = (telling.supplier,)
            if not telling.supplier_inferred or telling.weapon.family not in self.suppliers_of:
                self.suppliers_of[telling.weapon.family] = telling.supplier
        self.last_paragraph = telling.sentence.paragraph
        if telling.supplier is not None and telling.recipient is not None:
            self.pairs[telling.supplier.code, telling.recipient.code] += 1

    def recent(self) -> list[Telling]:
        """The last tellings: what is told further back is no antecedent, and the work stays linear."""
        return self.tellings[-_MEMORY:]

    def focus(self, paragraph: int) -> Actor | None:
        """Who a paragraph is about so far."""
        return self.last_subject if self.subject_paragraph == paragraph else None

    def last_weapons(self) -> list[Telling]:
        """Tellings of the last sentence that has any."""
        if not self.tellings:
            return []
        index = self.tellings[-1].sentence.index
        return [t for t in self.recent() if t.sentence.index == index]


def build_context(parsed: list[tuple[Parsed, list[Frame]]], year: int | None = None) -> Context:
    """Find the parties that an article is about, from the roles that its frames tell in words.

    Args:
        parsed: sentences with their frames, title first.
        year: year of publication.

    Returns:
        A context without tellings.
    """
    recipients: Counter[str] = Counter()
    suppliers: Counter[str] = Counter()
    named: Counter[str] = Counter()
    actors: dict[str, Actor] = {}
    for sentence, frames in parsed:
        weight = 4 if sentence.sentence.field == "title" else 2 if sentence.sentence.paragraph == 0 else 1
        for item in sentence.items:
            if item.kind in "AC" and item.actor is not None:
                actors[item.actor.code] = item.actor
                named[item.actor.code] += weight
            for actor in (*item.owners, *item.demonyms):
                actors[actor.code] = actor
                named[actor.code] += weight
        for frame in frames:
            if frame.status in (None, "cancelled"):
                continue
            roles = assign_roles(frame, frame.weapons[0] if frame.weapons else None)
            scale = weight * (2 if frame.weapons else 1)
            for role in roles.recipients:
                _count(recipients, role, scale)
            for role in roles.suppliers:
                _count(suppliers, role, scale)
    most = _top(named, named)
    listed = sorted(named, key=lambda code: (-named[code], code))
    titled = frozenset(
        item.actor.code
        for sentence, _ in parsed
        if sentence.sentence.field == "title"
        for item in sentence.items
        if item.actor is not None
    )
    takes = Counter({c: recipients[c] + named[c] - suppliers[c] for c in named if recipients[c] or c == most})
    recipient = _top(takes, named)
    gives = Counter(
        {c: 2 * suppliers[c] + named[c] - 2 * recipients[c] for c in named if suppliers[c] and c != recipient}
    )
    supplier = _top(gives, named)
    sure = recipient is not None and (
        recipients[recipient] >= _DOMINANT * recipients.total() or named[recipient] >= _DOMINANT * named.total()
    )
    return Context(
        year=year,
        topic_recipient=actors.get(recipient or ""),
        topic_supplier=actors.get(supplier or ""),
        is_recipient_sure=sure,
        topic_weapon=_topic_weapon([sentence for sentence, _ in parsed]),
        speaker=actors.get(most or ""),
        named_most=tuple(actors[code] for code in listed),
        ranks={code: place for place, code in enumerate(listed, start=1)},
        shares={code: named[code] / named.total() for code in listed},
        titled=titled,
        taking=recipients,
        giving=suppliers,
        protagonist=actors.get(most or "") if most and named[most] >= _PROMINENT * named.total() else None,
    )


def _count(counter: Counter[str], role: Role, scale: int) -> None:
    """Count a role that words tell."""
    if role.actor is not None and role.weight >= _EXPLICIT:
        counter[role.actor.code] += scale


def _top(counter: Counter[str], named: Counter[str]) -> str | None:
    """The code counted most, if more than nothing; the one named more often among equals."""
    best = max(counter, key=lambda code: (counter[code], named[code], code), default=None)
    return best if best is not None and counter[best] > 0 else None


def _is_just_named(items: list[Item], item: Item) -> bool:
    """Whether a weapon's name is what something is called: "the airfield, which was called Akıncı"."""
    place = items.index(item)
    return place > 0 and items[place - 1].word in ("called", "named", "renamed", "dubbed", "nicknamed")


def _topic_weapon(parsed: list[Parsed]) -> Item | None:
    """The weapon that title and lead are about: of those named there, the one that the article names most."""
    leading: dict[str, Item] = {}
    counts: Counter[str] = Counter()
    for sentence in parsed:
        for item in sentence.items:
            if item.kind != "W" or item.weapon is None or item.weapon.is_generic:
                continue
            counts[item.weapon.family] += 3 if sentence.sentence.field == "title" else 1
            if sentence.sentence.paragraph == 0 and not _is_just_named(sentence.items, item):
                leading.setdefault(item.weapon.family, item)
    return max(leading.values(), key=lambda item: counts[item.weapon.family] if item.weapon else 0, default=None)


def is_explicit(role: Role) -> bool:
    """Whether words tell the role, rather than an adjective or a place."""
    return role.weight >= _EXPLICIT


def matches_type(entry: WeaponEntry, item: Item) -> bool:
    """Whether a general word ("the jets", "these vehicles") can stand for a weapon."""
    general = item.weapon
    if general is None:
        return True
    if general.category == entry.category:
        return True
    if general.designation in ("gun", "vehicle", "system", "weapon"):
        return general.designation != "gun" or entry.category in (
            "artillery",
            "air_defence",
            "naval_weapon",
            "small_arms",
        )
    return {general.category, entry.category} <= {"missile", "air_defence"} or (
        {general.category, entry.category} <= {"artillery", "armoured_vehicle"}
        and general.designation in ("gun", "armoured vehicle", "tank")
    )
