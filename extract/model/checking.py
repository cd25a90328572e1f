"""What a model told, checked against the article claim by claim: what holds becomes a claim, the rest a refusal."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from jsonschema import Draft202012Validator

from extract.claims import Claim
from extract.model.details import read_details
from extract.model.grounding import MAX_EVIDENCE, Reading, Span, find_quotation
from extract.model.parties import NoParty, Party, resolve_party
from extract.model.refusal import Refusal
from extract.model.schema import build_claim_schema
from extract.model.weapons import resolve_weapon
from warehouse.contracts import TRANSFER_CLAIMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.model.answers import Answer
    from extract.model.question import Question
    from extract.model.weapons import Weapon

CONFIDENCE = 0.5
"""Of every claim of a model: nothing is known about an unknown model's claims. Score one with ``events --input`` and
tests/evaluation/score.py before its claims are trusted more."""

RULE = "model"
"""Rule id of every claim of a model; the extractor's version tells which one."""


@dataclass(frozen=True)
class Checked:
    """What is left of an answer.

    Attributes:
        claims: in the order of the text, the title's first.
        refusals: claims and fields that didn't hold, each with its reason.
    """

    claims: tuple[Claim, ...]
    refusals: tuple[Refusal, ...]


class _Dropped(Exception):
    """A claim doesn't hold; carries the refusal."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, detail)


def check_answer(question: Question, answer: Answer) -> Checked:
    """Check each claim of an answer.

    Args:
        question: the article that was asked about.
        answer: the model's answer.
    """
    reading = Reading.of(question.article)
    claims: list[Claim] = []
    refusals: list[Refusal] = []
    for told in answer.claims:
        try:
            claim, notes = _check(told, question, reading)
        except _Dropped as dropped:
            refusals.append(dropped.refusal)
            continue
        refusals += notes
        if any(_same(claim, other) for other in claims):
            refusals.append(Refusal("claim_told_twice", _describe(told)))
            continue
        claims.append(claim)
    order = sorted(claims, key=lambda claim: (claim.evidence_field == "text", claim.evidence_start))
    return Checked(tuple(_number(order)), tuple(refusals))


def _check(told: Any, question: Question, reading: Reading) -> tuple[Claim, list[Refusal]]:
    _require_schema(told)
    told = {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in told.items()}
    span = _require_evidence(told, question)
    weapon = _require_weapon(told, reading)
    supplier = _require_party("supplier", told, reading, origin=weapon.origin)
    recipient = _require_party("recipient", told, reading)
    if supplier is None and recipient is None:
        raise _Dropped("no_party", f"neither supplier nor recipient: {_describe(told)}")
    details, notes = read_details(told, question.article)
    article = question.article
    source = article.title if span.field == "title" else article.text
    claim = Claim(
        article_id=article.article_id,
        load_id=article.load_id,
        ordinal=1,
        supplier_text=supplier.text if supplier else None,
        supplier_code=supplier.code if supplier else None,
        supplier_type=supplier.kind if supplier else None,
        recipient_text=recipient.text if recipient else None,
        recipient_code=recipient.code if recipient else None,
        recipient_type=recipient.kind if recipient else None,
        weapon_text=told["weapon_text"],
        weapon_designation=weapon.designation,
        weapon_family=weapon.family,
        weapon_category=weapon.category,
        status=told["status"],
        condition=told["condition"],
        deal_type=told["deal_type"],
        is_background=told["is_background"],
        is_domestic=bool(supplier and recipient and supplier.code == recipient.code),
        supplier_is_inferred=bool(supplier and (told["supplier_is_inferred"] or supplier.text is None)),
        confidence=CONFIDENCE,
        rule_id=RULE,
        evidence_field=span.field,
        evidence_text=source[span.start : span.end],
        evidence_start=span.start,
        evidence_end=span.end,
        **asdict(details),
    )
    _require_contract(claim)
    return claim, [replace(note, detail=f"{note.detail}: {_describe(told)}") for note in notes]


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(build_claim_schema())


def _require_schema(told: Any) -> None:
    error = next(iter(_validator().iter_errors(told)), None)
    if error is not None:
        where = ".".join(str(part) for part in error.absolute_path) or "claim"
        raise _Dropped("claim_breaks_schema", f"{where}: {error.message[:200]}")


def _require_evidence(told: dict[str, Any], question: Question) -> Span:
    quotation = told["evidence_text"]
    span = find_quotation(question.article, quotation)
    if span is None:
        raise _Dropped("evidence_not_in_article", f"{quotation[:300]!r}")
    if span.end - span.start > MAX_EVIDENCE:
        raise _Dropped("evidence_too_long", f"{span.end - span.start} characters; a sentence was asked for")
    if any(one.start < span.end and span.start < one.end for one in question.withheld[span.field]):
        raise _Dropped("evidence_is_an_instruction", f"{quotation[:300]!r}")
    return span


def _require_weapon(told: dict[str, Any], reading: Reading) -> Weapon:
    text = told["weapon_text"]
    if not reading.names(text):
        raise _Dropped("weapon_not_in_article", f"{text!r}")
    weapon = resolve_weapon(told["weapon_designation"], text, told["weapon_category"], article_key=reading.key)
    if not weapon.counts:
        raise _Dropped("not_a_weapon_system", f"{weapon.designation!r} is ammunition, service or supply")
    return weapon


def _require_party(side: str, told: dict[str, Any], reading: Reading, *, origin: str | None = None) -> Party | None:
    text, code = told[f"{side}_text"] or None, told[f"{side}_code"] or None
    if text is None and code is None:
        return None
    party = resolve_party(text, code, reading, origin=origin)
    if isinstance(party, NoParty):
        raise _Dropped(f"{side}_{party.reason}", f"{party.detail}: {_describe(told)}")
    return party


def _require_contract(claim: Claim) -> None:
    """Refuse a value that would send the whole load to quarantine."""
    row = asdict(claim)
    for column in TRANSFER_CLAIMS.columns:
        value = row.get(column.name)
        if value is None or column.name == "claim_id":
            continue
        try:
            pa.scalar(value, column.type)
        except (pa.ArrowException, OverflowError, UnicodeError, TypeError) as error:
            raise _Dropped("claim_breaks_contract", f"{column.name}: {type(error).__name__}") from error
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and not (
            math.isfinite(value)
            and (column.minimum is None or value >= column.minimum)
            and (column.maximum is None or value <= column.maximum)
        ):
            raise _Dropped("claim_breaks_contract", f"{column.name}: {value} is out of range")


def _same(first: Claim, second: Claim) -> bool:
    """Whether two claims tell the same, wherever they tell it."""
    places = {"evidence_field", "evidence_text", "evidence_start", "evidence_end", "weapon_text"}
    places |= {"supplier_text", "recipient_text", "supplier_is_inferred", "is_background"}
    one, other = asdict(first), asdict(second)
    return all(one[name] == other[name] for name in one if name not in places)


def _number(claims: list[Claim]) -> Iterator[Claim]:
    """Give each claim its ordinal and id, by the recipe of the contract, so that a review outlives the extractor."""
    ordinals: Counter[tuple[str, str, str]] = Counter()
    for claim in claims:
        key = (claim.supplier_code or "", claim.recipient_code or "", claim.weapon_family)
        ordinals[key] += 1
        words = "\x1f".join([claim.article_id, *key, str(ordinals[key])])
        digest = hashlib.blake2b(words.encode(), digest_size=8).hexdigest()
        yield replace(claim, ordinal=ordinals[key], claim_id=digest)


def _describe(told: dict[str, Any]) -> str:
    """Name a claim in a refusal's detail."""
    names = ("supplier_code", "supplier_text", "recipient_code", "recipient_text", "weapon_designation")
    return json.dumps({name: told[name] for name in names}, ensure_ascii=False)[:400]
