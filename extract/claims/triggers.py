"""Words that tell a transfer: verbs and nouns of supply and acquisition, and what they say about its status.

A trigger has a role frame, a status and sometimes a kind of deal. The words are in ``trigger_words``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from extract.claims.trigger_words import NOUNS, VERBS

# Role frames: who is the subject of the active verb, or the owner of the noun.
#   supply      the supplier hands over, the weapon is the object
#   acquire     the recipient gets, the weapon is the object
#   arrive      the weapon is the subject
#   equip       the supplier's object is the recipient; the weapon follows "with"
#   deal        contracts and agreements: parties on both sides
#   win         the subject is the supplier of an order that follows
#   place       the subject is the recipient of an order that follows
#   fund        the subject pays, someone else supplies
#   licence     production under licence: the subject produces for itself
#   approve, sign, cancel, propose, resume: tell a status of the word that follows
FRAMES = ("supply", "acquire", "arrive", "equip", "deal", "win", "place", "licence", "fund")
OPERATORS = ("complete", "approve", "sign", "cancel", "propose", "resume", "deny")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger word.

    Attributes:
        lemma: base form or noun; names the rule of a claim.
        frame: one of ``FRAMES`` or ``OPERATORS``.
        status: status that the bare past form or the noun tells; None where the frame around it decides.
        deal_type: kind of deal that the word implies.
        form: base, s, ed (past and participle alike), past, part, ing, noun.
        is_weak: everyday word that needs a weapon as its direct object.
    """

    lemma: str
    frame: str
    status: str | None
    deal_type: str | None
    form: str
    is_weak: bool = False


_FORMS = ("base", "s", "past", "part", "ing")
_VOWELS = "aeiou"


def inflect(verb: str) -> tuple[str, str, str, str, str]:
    """Return base, third person, past, participle and -ing form of a regular verb; a particle follows unchanged.

    >>> inflect("hand over")
    ('hand over', 'hands over', 'handed over', 'handed over', 'handing over')
    >>> inflect("supply")[1:]
    ('supplies', 'supplied', 'supplied', 'supplying')
    """
    head, _, particle = verb.partition(" ")
    tail = f" {particle}" if particle else ""
    if head.endswith("y") and head[-2] not in _VOWELS:
        third, past, ing = head[:-1] + "ies", head[:-1] + "ied", head + "ing"
    elif head.endswith("e"):
        third, past, ing = head + "s", head + "d", head[:-1] + "ing"
        if head.endswith("ye"):  # eye: eyeing
            ing = head + "ing"
    elif head.endswith(("s", "sh", "ch", "x", "z")):
        third, past, ing = head + "es", head + "ed", head + "ing"
    else:
        third, past, ing = head + "s", head + "ed", head + "ing"
    return verb, third + tail, past + tail, past + tail, ing + tail


_DEALS = frozenset({"sale", "aid", "lease", "licensed_production"})


@cache
def load_triggers() -> dict[str, tuple[Trigger, ...]]:
    """Return all trigger words: surface form in lower case to its readings, verbs before nouns."""
    readings: dict[str, list[Trigger]] = {}
    for line in filter(None, VERBS.splitlines()):
        frame, rest = line.split(": ", 1)
        forms, status, deal, weak = _parse(rest)
        forms, _, tail = forms.partition(" + ")  # "give/gives/... + the go-ahead to"
        spelled = tuple(forms.split("/")) if "/" in forms else inflect(forms)
        spelled = tuple(f"{word} {tail}" for word in spelled) if tail else spelled
        for form, word in zip(_FORMS, spelled, strict=True):
            if word == "-":
                continue
            name = "ed" if form in ("past", "part") and spelled[2] == spelled[3] else form
            _add(readings, word, Trigger(spelled[0], frame, status, deal, name, weak))
    for line in filter(None, NOUNS.splitlines()):
        frame, rest = line.split(": ", 1)
        forms, status, deal, weak = _parse(rest)
        names = forms.split("/")
        for word in names:
            _add(readings, word, Trigger(names[0], frame, status, deal, "noun", weak))
    return {word: tuple(items) for word, items in readings.items()}


def _parse(rest: str) -> tuple[str, str | None, str | None, bool]:
    """Split the words of a line from its status, deal type and mark of weakness."""
    words = rest.split()
    weak = words[-1] == "weak"
    if weak:
        words.pop()
    deal = words.pop() if words[-1] in _DEALS | {"new"} else None
    status = words.pop()
    return " ".join(words), None if status == "none" else status, None if deal == "new" else deal, weak


def _add(readings: dict[str, list[Trigger]], word: str, trigger: Trigger) -> None:
    """Add one reading unless the same frame and form is there."""
    known = readings.setdefault(word, [])
    if all((k.frame, k.form) != (trigger.frame, trigger.form) for k in known):
        known.append(trigger)
