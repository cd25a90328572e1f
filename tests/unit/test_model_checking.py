"""What a model told, checked against its article: each claim differs from a good one in one thing."""

from __future__ import annotations

import doctest
import re
from dataclasses import asdict, replace
from typing import Any

import pytest
from model_server import NORWAY, SIGNED, tell_claim, tell_finland

from extract.claims import ArticleText, Claim, extract_article
from extract.model import grounding, weapons, withholding
from extract.model.answers import Answer
from extract.model.checking import Checked, check_answer
from extract.model.question import build_question, read_instructions
from extract.model.schema import COMPUTED, WORDS, build_answer_schema, build_claim_schema
from extract.model.settings import ModelSettings
from extract.model.version import describe_version
from warehouse.contracts import TRANSFER_CLAIMS


def check(*told: Any, article: ArticleText = NORWAY) -> Checked:
    question = build_question(article, model="m", temperature=0.0)
    return check_answer(question, Answer(told, prompt_tokens=0, completion_tokens=0, requests=1))


def test_a_good_answer_becomes_claims_of_the_contract_in_the_order_of_the_text():
    checked = check(tell_finland(), tell_claim())
    assert checked.refusals == ()
    norway, finland = checked.claims
    assert {**asdict(norway), "claim_id": ""} == {
        "article_id": NORWAY.article_id,
        "load_id": "load-1",
        "claim_id": "",
        "ordinal": 1,
        "supplier_text": "Hanwha",
        "supplier_code": "KOR",
        "supplier_type": "state",
        "recipient_text": "Norway",
        "recipient_code": "NOR",
        "recipient_type": "state",
        "weapon_text": "K9 self-propelled howitzers",
        "weapon_designation": "K9 Thunder",
        "weapon_family": "K9 Thunder",
        "weapon_category": "artillery",
        "quantity_min": 24,
        "quantity_max": 24,
        "quantity_is_approximate": False,
        "value_min": 180e6,
        "value_max": 180e6,
        "value_currency": "USD",
        "value_type": "contract",
        "status": "ordered",
        "condition": None,
        "deal_type": "sale",
        "order_year": 2025,
        "order_year_is_estimate": True,
        "delivery_year_first": 2026,
        "delivery_year_last": 2026,
        "delivery_year_is_estimate": False,
        "is_background": False,
        "is_domestic": False,
        "supplier_is_inferred": True,
        "confidence": 0.5,
        "rule_id": "model",
        "evidence_field": "text",
        "evidence_text": SIGNED,
        "evidence_start": 0,
        "evidence_end": len(SIGNED),
    }
    assert (finland.recipient_code, finland.status, finland.condition) == ("FIN", "delivered", "second_hand")
    assert NORWAY.text[finland.evidence_start : finland.evidence_end] == finland.evidence_text


def test_a_claim_has_the_id_that_the_rules_give_it():
    by_rules = {(c.recipient_code, c.weapon_family): c.claim_id for c in extract_article(NORWAY)}
    by_model = {(c.recipient_code, c.weapon_family): c.claim_id for c in check(tell_claim(), tell_finland()).claims}
    assert by_model.items() <= by_rules.items()
    assert len(by_model) == 2


DROPPED: list[tuple[dict[str, Any], str]] = [
    (
        {"evidence_text": "Norway has signed a contract with Hanwha for 240 K9 self-propelled howitzers."},
        "evidence_not_in_article",
    ),
    ({"evidence_text": "Norway bought guns."}, "evidence_not_in_article"),
    ({"evidence_text": SIGNED.replace("signed", "SIGNED")}, "evidence_not_in_article"),
    ({"evidence_text": SIGNED[:20] + " ... " + SIGNED[-20:]}, "evidence_not_in_article"),
    ({"evidence_text": "24 K9"}, "evidence_not_in_article"),
    ({"evidence_text": "orway has signed a contract"}, "evidence_not_in_article"),
    ({"evidence_text": ""}, "evidence_not_in_article"),
    ({"weapon_text": "Leopard 2A7"}, "weapon_not_in_article"),
    ({"weapon_text": "contract", "weapon_designation": "155 mm shell"}, "not_a_weapon_system"),
    ({"supplier_text": None, "supplier_code": "DEU"}, "supplier_not_in_article"),
    ({"supplier_text": "Rheinmetall", "supplier_code": "DEU"}, "supplier_not_in_article"),
    ({"supplier_text": "Hanwha", "supplier_code": "DEU"}, "supplier_conflict"),
    ({"supplier_text": "Narnia", "supplier_code": None}, "supplier_unknown"),
    ({"supplier_text": "Monday", "supplier_code": "XQZ"}, "supplier_unknown"),
    ({"recipient_text": "Sweden", "recipient_code": "SWE"}, "recipient_not_in_article"),
    ({"recipient_text": "Oslo", "recipient_code": "FIN"}, "recipient_conflict"),
    ({"supplier_text": None, "supplier_code": None, "recipient_text": None, "recipient_code": None}, "no_party"),
    ({"status": "rumoured"}, "claim_breaks_schema"),
    ({"quantity_max": "24"}, "claim_breaks_schema"),
    ({"is_background": None}, "claim_breaks_schema"),
    ({"note": "x"}, "claim_breaks_schema"),
]


@pytest.mark.parametrize(("changes", "reason"), DROPPED)
def test_a_claim_that_does_not_hold_is_dropped_with_its_reason(changes, reason):
    checked = check(tell_claim(**changes), tell_finland())
    assert [claim.recipient_code for claim in checked.claims] == ["FIN"], "the other claim stays"
    assert [refusal.reason for refusal in checked.refusals] == [reason]
    assert checked.refusals[0].detail


@pytest.mark.parametrize("told", ["a claim", None, 3, [], {}])
def test_what_is_no_claim_at_all_is_dropped(told):
    checked = check(told, tell_claim())
    assert len(checked.claims) == 1
    assert [refusal.reason for refusal in checked.refusals] == ["claim_breaks_schema"]


EMPTIED: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"quantity_text": "240", "quantity_min": 240, "quantity_max": 240}, "quantity_emptied", {"quantity_max": None}),
    ({"quantity_min": 240, "quantity_max": 240}, "quantity_emptied", {"quantity_min": None}),
    ({"quantity_min": 0, "quantity_max": 24}, "quantity_emptied", {"quantity_max": None}),
    ({"quantity_text": None}, "quantity_emptied", {"quantity_max": None}),
    ({"quantity_text": "a contract"}, "quantity_emptied", {"quantity_max": None}),
    ({"quantity_text": "guns"}, "quantity_emptied", {"quantity_max": None}),
    (
        {"value_min": 18e6, "value_max": 18e6},
        "value_emptied",
        {"value_max": None, "value_currency": None, "value_type": None},
    ),
    ({"value_max": float("inf")}, "value_emptied", {"value_max": None}),
    ({"value_currency": "XQZ"}, "value_emptied", {"value_max": None, "value_currency": None}),
    ({"value_currency": None}, "value_emptied", {"value_max": None}),
    ({"order_year": 2011}, "order_year_emptied", {"order_year": None, "order_year_is_estimate": False}),
    ({"order_year": 20205}, "order_year_emptied", {"order_year": None}),
    (
        {"delivery_year_first": 2028},
        "delivery_year_last_emptied",
        {"delivery_year_first": 2028, "delivery_year_last": 2028},
    ),
]


@pytest.mark.parametrize(("changes", "reason", "left"), EMPTIED)
def test_a_number_that_the_article_does_not_tell_is_emptied_with_its_reason(changes, reason, left):
    checked = check(tell_claim(**changes))
    assert [refusal.reason for refusal in checked.refusals] == [reason]
    (claim,) = checked.claims
    assert {name: getattr(claim, name) for name in left} == left


def test_a_year_without_digits_is_an_estimate_however_sure_the_answer_is():
    (claim,) = check(tell_claim(order_year=2024, order_year_is_estimate=False)).claims
    assert (claim.order_year, claim.order_year_is_estimate) == (2024, True)
    (claim,) = check(tell_claim(order_year=2018, order_year_is_estimate=False)).claims
    assert (claim.order_year, claim.order_year_is_estimate) == (2018, False)


RESOLVED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"recipient_text": "Oslo", "recipient_code": None}, {"recipient_code": "NOR", "recipient_text": "Oslo"}),
    ({"recipient_code": "Norway"}, {"recipient_code": "NOR"}),
    ({"recipient_text": "the government of Norway"}, {"recipient_code": "NOR", "recipient_text": None}),
    ({"supplier_text": None}, {"supplier_code": "KOR", "supplier_is_inferred": True, "supplier_text": None}),
    ({"supplier_text": None, "supplier_code": None}, {"supplier_code": None, "supplier_is_inferred": False}),
    ({"supplier_code": "NOR", "supplier_text": "Norway"}, {"is_domestic": True}),
    ({"weapon_designation": "self-propelled howitzer"}, {"weapon_family": "K9 Thunder"}),
    ({"weapon_designation": "Zorn 9"}, {"weapon_family": "K9 Thunder"}),
    ({"weapon_category": "ship"}, {"weapon_category": "artillery"}),
    ({"evidence_text": "  " + SIGNED.replace(" ", "\n ", 3)}, {"evidence_text": SIGNED}),
    ({"quantity_min": None}, {"quantity_min": 24, "quantity_max": 24}),
    ({"delivery_year_first": None}, {"delivery_year_first": 2026, "delivery_year_last": 2026}),
]


@pytest.mark.parametrize(("changes", "left"), RESOLVED)
def test_an_answer_is_resolved_by_the_seeds_and_the_article(changes, left):
    checked = check(tell_claim(**changes))
    assert checked.refusals == ()
    (claim,) = checked.claims
    assert {name: getattr(claim, name) for name in left} == left


def test_a_supplier_that_only_the_weapons_origin_tells_is_inferred():
    text = "Norway took delivery of its first two F-35A fighters on Monday."
    article = replace(NORWAY, title="Fighters for Norway", text=text)
    told = tell_claim(
        supplier_text=None,
        supplier_code="USA",
        supplier_is_inferred=False,
        weapon_text="F-35A fighters",
        weapon_designation="F-35A",
        weapon_category="aircraft",
        quantity_text="two",
        quantity_min=2,
        quantity_max=2,
        **dict.fromkeys(("value_text", "value_min", "value_max", "value_currency", "value_type")),
        evidence_text=text,
    )
    (claim,) = check(told, article=article).claims
    assert (claim.supplier_code, claim.supplier_is_inferred, claim.weapon_family) == ("USA", True, "F-35 Lightning II")
    assert claim.weapon_designation == "F-35A"
    assert check(told | {"supplier_code": "FRA"}, article=article).refusals[0].reason == "supplier_not_in_article"


def test_a_deal_told_twice_is_one_claim_and_two_contracts_are_two():
    twice = check(tell_claim(), tell_claim(evidence_text=NORWAY.title, recipient_text="Oslo"))
    assert [refusal.reason for refusal in twice.refusals] == ["claim_told_twice"]
    assert len(twice.claims) == 1
    more = check(tell_claim(), tell_claim(quantity_text="48", quantity_min=48, quantity_max=48))
    assert [claim.ordinal for claim in more.claims] == [1, 2]
    assert len({claim.claim_id for claim in more.claims}) == 2


@pytest.mark.parametrize(
    "changes",
    [{"quantity_text": "24 bn", "quantity_max": 24 * 10**30, "quantity_min": 24}, {"weapon_designation": "\ud800"}],
)
def test_nothing_that_an_answer_holds_breaks_the_batch(changes):
    assert all(isinstance(claim, Claim) for claim in check(tell_claim(**changes)).claims)


def test_evidence_may_differ_in_blanks_quotes_and_dashes_and_is_cut_from_the_article():
    text = "“We have ordered the K9,” said the minister – Norway’s own – in Oslo on Monday with Hanwha."
    article = replace(NORWAY, text=text)
    plain = text.replace("“", '"').replace("”", '"').replace("’", "'").replace("–", "-")
    told = tell_claim(evidence_text=plain, weapon_text="K9", **dict.fromkeys(("quantity_min", "quantity_max")))
    told |= dict.fromkeys(("value_min", "value_max", "delivery_year_first", "delivery_year_last"))
    (claim,) = check(told, article=article).claims
    assert claim.evidence_text == text


def test_a_whole_article_is_no_evidence():
    long = "Norway has signed a contract with Hanwha for the K9. " * 30
    checked = check(tell_claim(evidence_text=long.strip(), weapon_text="K9"), article=replace(NORWAY, text=long))
    assert [refusal.reason for refusal in checked.refusals] == ["evidence_too_long"]


def test_the_schema_is_the_contract_but_for_what_is_computed():
    properties = build_claim_schema()["properties"]
    asked = {column.name: column for column in TRANSFER_CLAIMS.columns if column.name not in COMPUTED}
    assert set(properties) == set(asked) | set(WORDS)
    assert {column.name for column in TRANSFER_CLAIMS.columns} >= COMPUTED
    for name, column in asked.items():
        assert ("null" in properties[name]["type"]) == column.nullable, name
        assert [v for v in properties[name].get("enum", []) if v is not None] == list(column.allowed), name
    items = build_answer_schema()["properties"]["claims"]["items"]
    assert items["required"] == list(properties)
    assert items["additionalProperties"] is False


def test_the_instructions_name_every_field_that_is_asked():
    told = read_instructions()
    fields = [name for name in build_claim_schema()["properties"] if not name.endswith("_is_estimate")]
    assert [name for name in fields if f"`{name}`" not in told] == []


def test_the_version_is_that_of_model_and_temperature_wherever_the_model_runs():
    settings = ModelSettings("Some/Model 7B", "http://a.example/v1")
    version = describe_version(settings)
    assert re.fullmatch(r"llm-some-model-7b-[0-9a-f]{10}", version)
    assert describe_version(replace(settings, url="http://b.example/v1", key="k", retries=1)) == version
    others = {describe_version(replace(settings, **change)) for change in ({"model": "Other"}, {"temperature": 0.5})}
    assert len(others | {version}) == 3


@pytest.mark.parametrize("module", [grounding, weapons, withholding])
def test_examples_in_the_docstrings_hold(module):
    result = doctest.testmod(module)
    assert (result.attempted > 0, result.failed) == (True, 0)
