"""Who a sentence and a paragraph are about: actors that "it", "the army" and "the company" mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.frame_model import Frame, Party
from extract.claims.parties import governor
from extract.claims.roles import Role

if TYPE_CHECKING:
    from extract.claims.context import Context
    from extract.claims.items import Item
    from extract.claims.model import Actor
    from extract.claims.tellings import Parsed


def replace_pronouns(parsed: Parsed, frame: Frame, context: Context) -> Frame:
    """Put who is meant for "it", "they" and "the company" among the parties of a frame."""
    parties = []
    for told in frame.parties:
        party = told
        if party.actor is None and party.item.kind in "pL" and party.item.word not in ("we", "us", "i"):
            is_noun = frame.scope[frame.start].kind == "T"
            if (
                party.relation == "subject"
                and party.item.kind == "p"
                and (frame.is_passive or frame.frame == "arrive" or is_noun)
            ):
                continue  # "they were handed over": the weapons
            found = _meant_actor(parsed, party.item, context, frame)
            if found is not None:
                party = Party(party.relation, found[0], party.item, found[1])
        parties.append(party)
    return replace(frame, parties=tuple(parties))


def _meant_actor(parsed: Parsed, item: Item, context: Context, frame: Frame) -> tuple[Actor, bool] | None:
    """Who a pronoun or "the company" means, and whether it is a firm."""
    if item.kind == "L":
        return (context.last_firm, True) if context.last_firm is not None else None
    for index in range(len(parsed.items) - 1, -1, -1):
        other = parsed.items[index]
        if other.start >= item.start or other.kind not in "AC" or other.actor is None or other.is_adjective:
            continue
        if governor(parsed.items, index) is None:
            return other.actor, other.kind == "C"
    if context.last_paragraph == parsed.sentence.paragraph and frame.frame == "acquire" and context.last_recipients:
        return context.last_recipients[-1], False
    focus = context.focus(parsed.sentence.paragraph)
    return (focus, context.is_subject_firm) if focus is not None else None


def open_paragraph(parsed: Parsed, context: Context) -> None:
    """Take a leading "Ghana:" as what the paragraph is about."""
    items = list(parsed.items[:4])
    while items and items[0].kind in "-o" and not items[0].word.isalnum():  # a bullet
        items.pop(0)
    is_label = len(items) > 1 and items[1].kind in ":-"
    if items and items[0].kind == "A" and items[0].actor is not None and (is_label or len(parsed.items) == 1):
        context.last_subject = items[0].actor
        context.is_subject_firm = False
        context.subject_paragraph = parsed.sentence.paragraph
        context.label = items[0].actor
        context.label_paragraph = parsed.sentence.paragraph


def follow_subject(parsed: Parsed, frames: list[Frame], context: Context) -> None:
    """Remember who the sentence is about, and its last company."""
    subject: Actor | None = None
    is_firm = False
    for frame in frames:
        for party in frame.parties:
            if party.relation == "subject" and party.actor is not None and subject is None:
                subject, is_firm = party.actor, party.is_firm
    for index, item in enumerate(parsed.items):
        if item.kind == "C" and item.actor is not None:
            context.last_firm = item.actor
        if subject is None and item.kind == "A" and not item.is_adjective and governor(parsed.items, index) is None:
            subject, is_firm = item.actor, False
    opening = parsed.items[0] if parsed.items else None
    if opening is not None and opening.kind == "A" and opening.is_possessive:
        subject, is_firm = opening.actor, False
    if subject is not None:
        context.last_subject = subject
        context.is_subject_firm = is_firm
        context.subject_paragraph = parsed.sentence.paragraph


def resolve_role(parsed: Parsed, role: Role, context: Context, others: set[str], *, is_recipient: bool) -> Role | None:
    """Actor of "the army", "it", "the company": in the sentence before, in the paragraph, or the article's topic."""
    if role.actor is not None:
        return role
    item = role.item
    if item is None:
        return None
    basis = f"{item.kind}"
    if item.kind == "p" and item.word in ("we", "us", "i"):
        actor = context.speaker
    elif item.kind == "L":
        actor = context.last_firm
    else:
        topic = context.topic_recipient if is_recipient else context.topic_supplier
        near = context.last_recipients if is_recipient and context.last_paragraph == parsed.sentence.paragraph else ()
        sure = topic if is_recipient and context.is_recipient_sure and item.kind == "I" else None
        focus = context.focus(parsed.sentence.paragraph)
        label = context.label if context.label_paragraph == parsed.sentence.paragraph else None
        pool = (
            ("before", _before(parsed, item)),
            ("label", label),
            ("topic", sure),
            *(("near", a) for a in near if item.kind == "I"),
            ("focus", None if context.is_subject_firm and is_recipient else focus),
            ("protagonist", context.protagonist),
            ("topic", topic),
        )
        name, actor = next(((n, a) for n, a in pool if a is not None and a.code not in others), ("", None))
        basis = f"{item.kind}:{name}"
    return Role(actor, None, role.weight - 3, role.is_firm, basis) if actor is not None else None


def _before(parsed: Parsed, item: Item) -> Actor | None:
    """The nearest actor before an item in its sentence that is no one's object."""
    found: Actor | None = None
    for index, other in enumerate(parsed.items):
        if other.start >= item.start:
            break
        if (
            other.kind in "AC"
            and other.actor is not None
            and not other.is_adjective
            and governor(parsed.items, index) is None
        ):
            found = other.actor
    return found


def leading_actor(parsed: Parsed) -> Actor | None:
    """The state that a sentence opens with as its subject: "Kuwait's ministry said that the first TB2s are due"."""
    for index, item in enumerate(parsed.items[:6]):
        if (
            item.kind == "A"
            and not item.is_adjective
            and not item.is_possessive
            and governor(parsed.items, index) is None
        ):
            after = parsed.items[index + 1] if index + 1 < len(parsed.items) else None
            return item.actor if after is not None and after.kind not in "-:" else None
    return None
