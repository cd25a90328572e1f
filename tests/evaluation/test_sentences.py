"""Short texts, each with the transfers it tells: the forms in which news words a deal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from evaluate import load_scorer

from extract.claims import ArticleText, extract_article
from extract.claims.exchange import to_events

SENTENCES = [
    json.loads(line) for line in (Path(__file__).parent / "sentences.jsonl").read_text(encoding="utf-8").splitlines()
]
_EXPECTED = re.compile(r"(\S+)>(\S+) (.*?) (proposed|approved|ordered|delivered|cancelled)(?: (\d+))?$")
# Share of texts that must come out whole: parties, weapon, status and number of each transfer, and nothing else.
FLOOR = 0.85


def is_whole(sample: dict) -> bool:
    """Whether a text yields exactly what it tells."""
    article = ArticleText("s", "", sample.get("title", ""), sample["text"], 2024, 9)
    events = to_events(extract_article(article))
    if "expect_none_of" in sample:
        found = [f"{e['supplier']}>{e['recipient']}" for e in events]
        return not set(found) & set(sample["expect_none_of"])
    scorer = load_scorer()
    missing = [_EXPECTED.match(text).groups() for text in sample["expect"]]
    for event in events:
        hit = next(
            (
                want
                for want in missing
                if (str(event["supplier"]), str(event["recipient"]), event["status"]) == (want[0], want[1], want[3])
                and (scorer.same_designation(event["weapon"], want[2]) or want[2] in event["weapon"])
                and str(event["quantity"] or "") == (want[4] or "")
            ),
            None,
        )
        if hit is None:
            return False
        missing.remove(hit)
    return not missing


def test_most_texts_come_out_whole():
    failed = [sample["text"] for sample in SENTENCES if not is_whole(sample)]
    share = 1 - len(failed) / len(SENTENCES)
    assert share >= FLOOR, f"{share:.3f} of {len(SENTENCES)}; first failures: {failed[:5]}"


@pytest.mark.parametrize("verb", ["ordered", "bought", "purchased", "received", "acquired", "obtained", "procured"])
def test_buyers_are_recipients_active_and_passive(verb):
    active = f"Poland {verb} 24 Rafale fighters from France."
    passive = f"Twenty-four Rafale fighters were {verb} by Poland from France."
    for text in (active, passive):
        claims = extract_article(ArticleText("s", "", "", text, 2024, 9))
        assert [(c.supplier_code, c.recipient_code, c.quantity_max) for c in claims] == [("FRA", "POL", 24)], text


@pytest.mark.parametrize("verb", ["delivered", "sold", "supplied", "exported", "transferred", "donated", "shipped"])
def test_sellers_are_suppliers_active_and_passive(verb):
    active = f"France {verb} 24 Rafale fighters to Poland."
    passive = f"Twenty-four Rafale fighters were {verb} to Poland by France."
    for text in (active, passive):
        claims = extract_article(ArticleText("s", "", "", text, 2024, 9))
        assert [(c.supplier_code, c.recipient_code, c.quantity_max) for c in claims] == [("FRA", "POL", 24)], text


@pytest.mark.parametrize("noun", ["sale", "delivery", "transfer", "export", "shipment", "donation", "supply"])
def test_nouns_of_supply_keep_the_roles(noun):
    text = f"The {noun} of 24 Rafale fighters to Poland by France was completed in 2022."
    claims = extract_article(ArticleText("s", "", "", text, 2024, 9))
    assert [(c.supplier_code, c.recipient_code) for c in claims] == [("FRA", "POL")]


@pytest.mark.parametrize("noun", ["purchase", "acquisition", "procurement", "import"])
def test_nouns_of_acquisition_keep_the_roles(noun):
    text = f"Poland's {noun} of 24 Rafale fighters from France was completed in 2022."
    claims = extract_article(ArticleText("s", "", "", text, 2024, 9))
    assert [(c.supplier_code, c.recipient_code) for c in claims] == [("FRA", "POL")]


@pytest.mark.parametrize(
    "text",
    [
        "Poland did not order Rafale fighters from France.",
        "Poland never received the Rafale fighters from France.",
        "France has no plans to sell Rafale fighters to Poland.",
        "France denied that it had sold Rafale fighters to Poland.",
    ],
)
def test_negation_never_yields_an_order_or_delivery(text):
    claims = extract_article(ArticleText("s", "", "", text, 2024, 9))
    assert not [c for c in claims if c.status in ("ordered", "delivered")]


@pytest.mark.parametrize(
    "text",
    [
        "Norway signed an upgrade contract for its Leopard 2A4 tanks with Krauss-Maffei Wegmann in 2023.",
        "Kuwait signed a support agreement for its Eurofighter jets with Leonardo.",
        "Poland's F-16s will be brought to Viper standard by Lockheed Martin.",
        "The first exercise of Japanese F-15 fighters and American F-35s took place in May.",
        "Turkish engineers finished the modernisation of the second of Pakistan's three Agosta 90B submarines.",
    ],
)
def test_services_and_exercises_are_no_transfers(text):
    assert extract_article(ArticleText("s", "", "", text, 2024, 9)) == []


def test_what_is_bought_beside_spare_parts_is_a_transfer():
    text = "Oman bought spare parts for F-16s and 12 new Hawk trainers from the United Kingdom."
    claims = extract_article(ArticleText("s", "", "", text, 2024, 9))
    assert [(c.supplier_code, c.recipient_code, c.weapon_designation) for c in claims] == [("GBR", "OMN", "Hawk")]


@pytest.mark.parametrize(
    ("text", "recipients"),
    [
        ("Turkey signed the first sale of 24 Bayraktar TB2 drones to a NATO and EU member.", []),
        ("Poland, a NATO member, ordered 24 Bayraktar TB2 drones from Turkey.", ["POL"]),
        ("NATO ordered five RQ-4 Global Hawks from the United States.", ["NATO"]),
    ],
)
def test_an_organisation_takes_part_only_where_it_is_not_its_member(text, recipients):
    claims = extract_article(ArticleText("s", "", "", text, 2024, 9))
    assert [c.recipient_code for c in claims] == recipients
