"""Weighing: pairs add up, rivals are told from companions, a forest is walked, the words choose the details."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from extract.claims import ArticleText, extract_article
from extract.claims.assemble import group_tellings, settle_deals
from extract.claims.engine import read_article, walk
from extract.claims.weighing.attach import Attacher
from extract.claims.weighing.deals import describe_groups
from extract.claims.weighing.features import describe_actor, describe_mention, describe_pair
from extract.claims.weighing.forest import Forest
from extract.claims.weighing.joining import SAME, compare
from extract.claims.weighing.models import load_models
from extract.claims.weighing.scene import find_mentions
from extract.claims.weighing.scorer import PairWeights, Scorer
from extract.claims.weighing.sequel import Before, describe_sequel

NEVER = Forest((((-1, -9.0, 0, 0),),), 0.0, 0.45)
DEAL = "Poland ordered 24 Rafale fighters from France in 2021 for 4 billion euros. Germany watched."


def article(text: str, title: str = "") -> ArticleText:
    return ArticleText("a", "l", title, text, 2024, 6)


class Watcher:
    """A chooser that lets everything through and keeps what it saw."""

    def __init__(self) -> None:
        self.scenes = []

    def choose(self, scene, tellings):
        self.scenes.append((scene, tellings))
        return tellings


RULES = Watcher()


def first_scene(text: str):
    watcher = Watcher()
    walk(read_article(article(text)), watcher)
    return next((s, t) for s, t in watcher.scenes if find_mentions(s, t))


def test_weights_of_features_add_up():
    weights = PairWeights({"Mbias": -1.0, "Mtold": 2.5, "Sbias": 9.0})
    assert weights.weigh("M", ["bias", "told", "unknown"]) == 1.5


def test_a_pair_is_kept_where_its_features_weigh_enough():
    """With one weight for "named first in the sentence", the first state named is taken for the supplier."""
    weights = PairWeights({"Mbias": 1.0, "Sruled supplier": -20.0, "Slead": 8.0, "Rlead": -8.0})
    told = walk(read_article(article(DEAL)), Scorer(weights))
    surest = max(told, key=lambda t: t.odds.chance)
    assert surest.supplier is not None
    assert surest.supplier.code == "POL"
    assert surest.odds.rank == 0
    assert not surest.odds.is_ruled


def test_what_rules_tell_side_by_side_is_no_rival():
    text = "Denmark, the Netherlands and Norway have pledged F-16s to Ukraine."
    told = walk(read_article(article(text)), Scorer(load_models().pairs))
    ruled = [t for t in told if t.odds.is_ruled]
    assert {t.supplier.code for t in ruled} == {"DNK", "NLD", "NOR"}
    assert all(t.odds.lead > 0 for t in ruled)
    assert {c.supplier_code for c in extract_article(article(text))} == {"DNK", "NLD", "NOR"}


def test_a_denied_weapon_is_no_candidate():
    scenes = Watcher()
    walk(read_article(article("France denied that it had sold Rafale fighters to Poland.")), scenes)
    assert not any(find_mentions(scene, tellings) for scene, tellings in scenes.scenes)


def test_features_name_relation_place_and_part():
    scene, tellings = first_scene(DEAL)
    [mention] = find_mentions(scene, tellings)
    words = describe_mention(scene, mention)
    assert {"told", "frame:acquire", "lemma:order", "counted", "money", "year"} <= set(words)
    poland, france = (next(a for a in scene.actors if a.code == code) for code in ("POL", "FRA"))
    assert {"ruled recipient", "lead", "role:acquire:active:subject"} <= set(describe_actor(scene, mention, poland))
    assert {"ruled supplier", "origin:same", "after:from"} <= set(describe_actor(scene, mention, france))
    assert {"ruled", "recipient first"} <= set(describe_pair(scene, mention, france, poland, None))


GIFTS = "Italy gave twelve Puma 4x4 vehicles to Chad, and France three AML-90 armoured cars to Niger."


def test_a_pair_knows_whose_the_weapon_before_was():
    scene, tellings = first_scene(GIFTS)
    puma, aml = find_mentions(scene, tellings)
    actor = {a.code: a for a in scene.actors}
    before = Before(puma.place, 0, puma.entry.family, actor["ITA"], actor["TCD"], is_sure=True)
    told = {
        (giver, taker): set(describe_sequel(scene, aml, actor[giver], actor[taker], before))
        for giver, taker in (("FRA", "NER"), ("ITA", "TCD"), ("ITA", "NER"))
    }
    assert {"sequel:party:sr", "sequel:sure:sr", "sequel:sr:|>"} <= told["FRA", "NER"]
    assert {"sequel:party:SR", "sequel:SR:<|"} <= told["ITA", "TCD"]
    assert {"sequel:party:Sr", "sequel:Sr:<>"} <= told["ITA", "NER"]


def test_a_pair_knows_what_an_earlier_sentence_told_last():
    scene, tellings = first_scene(DEAL)
    [mention] = find_mentions(scene, tellings)
    poland, france = (next(a for a in scene.actors if a.code == code) for code in ("POL", "FRA"))
    earlier = Before(None, 0, mention.entry.family, france, None, is_sure=False)
    assert "paragraph:Sr:same weapon" in describe_sequel(scene, mention, france, poland, earlier)
    elsewhere = replace(earlier, paragraph=7, family="other", supplier=poland)
    assert "article:sr:other weapon" in describe_sequel(scene, mention, france, poland, elsewhere)


def test_the_scorer_hands_each_weapon_the_pair_chosen_before_it():
    """A weight for "the same parties as before" makes the second weapon follow the first."""

    def choose(weights):
        told = walk(read_article(article(GIFTS)), Scorer(PairWeights(weights)))
        puma, aml = [(t.supplier.code, t.recipient.code) for t in told if t.odds.rank == 0]
        return puma, aml

    alone = {"Mbias": -1.0, "Sruled supplier": 2.0, "Rruled recipient": 2.0}
    puma, aml = choose(alone)
    assert puma != aml
    assert choose(alone | {"Psequel:party:SR": 20.0}) == (puma, puma)


def test_a_forest_is_walked_and_its_trees_add_up():
    trees = (((0, 0.5, 1, 2), (-1, -1.0, 0, 0), (-1, 2.0, 0, 0)), ((-1, 0.5, 0, 0),))
    forest = Forest(trees, -0.5, 0.5)
    assert forest.rate([0.5]) == pytest.approx(1 / (1 + 2.718281828459045))
    assert forest.rate([0.6]) == pytest.approx(1 / (1 + 2.718281828459045**-2))


def test_a_row_is_given_up_early_only_where_the_whole_forest_leaves_it_out():
    forest = load_models().forest
    width = 1 + max(node[0] for tree in forest.trees for node in tree)
    chance = random.Random(3)
    rows = [[chance.uniform(-6, 6) for _ in range(width)] for _ in range(2_000)]
    expected = [rated if rated >= forest.accept else None for rated in map(forest.rate, rows)]
    assert [forest.rate_accepted(row) for row in rows] == expected
    assert {rated is None for rated in expected} == {True, False}


def test_deals_below_the_forest_s_threshold_are_left_out():
    models = load_models()
    told = walk(read_article(article(DEAL)), Scorer(models.pairs))
    doubtful = [replace(t, supplier_basis="topic") for t in told]
    assert settle_deals(doubtful, replace(models, forest=NEVER)) == []
    [deal] = settle_deals(told, models)
    assert 0.45 <= deal[0].certainty <= 1.0


def test_what_a_rule_read_in_so_many_words_stands_by_itself():
    models = load_models()
    told = walk(read_article(article(DEAL)), Scorer(models.pairs))
    assert [group[0].weapon.family for group in settle_deals(told, replace(models, forest=NEVER))] == ["Rafale"]


@pytest.mark.parametrize(
    ("text", "deals"),
    [
        ("Poland bought 24 Rafale fighters from France in 2018 and 12 more in 2021.", 2),
        ("Poland bought 24 Rafale fighters from France. The Rafales will arrive from France next year.", 1),
    ],
)
def test_a_further_batch_is_a_deal_of_its_own_and_the_same_jets_are_not(text, deals):
    assert len(extract_article(article(text))) == deals


def test_the_joiner_decides_which_tellings_are_one_deal():
    models = load_models()
    reading = read_article(article("France sold Poland 24 Rafales. Poland has got 24 Rafales from France."))
    told = walk(reading, RULES)
    always, never = (Forest((((-1, odds, 0, 0),),), 0.0, SAME) for odds in (9.0, -9.0))
    assert len(told) == 2
    assert len(group_tellings(told, always)) == 1
    assert len(group_tellings(told, never)) == 2
    assert len({len(compare(a, b)) for a in told for b in told}) == 1
    weighed = [t for t in walk(reading, Scorer(models.pairs)) if t.odds.is_kept]
    assert models.joiner.rate(compare(*weighed)) >= SAME


def test_a_deal_told_elsewhere_speaks_for_its_neighbours():
    models = load_models()
    rows = describe_groups(group_tellings(walk(read_article(article(DEAL)), Scorer(models.pairs)), models.joiner))
    assert len({len(row) for row in rows}) == 1


def test_details_are_chosen_by_weight():
    """With the weights of "deals of another year" the year that the rules took is given up."""
    models = load_models()
    reading = read_article(article(DEAL))
    [deal] = settle_deals(walk(reading, Scorer(models.pairs)), models)
    from extract.claims.assemble import find_details

    found = find_details(deal)
    chosen = models.attacher.attach(deal, found, reading.surroundings)
    assert (chosen.count.most, chosen.order.first, chosen.money.most) == (24, 2021, 4_000_000_000)
    heads = {head: {"bias": -9.0} for head in ("quantity", "order", "delivery", "price")}
    none = Attacher(
        heads | {s: {} for s in ("proposed", "approved", "ordered", "cancelled")} | {"delivered": {"rule:ordered": 1.0}}
    )
    left = none.attach(deal, found, reading.surroundings)
    assert (left.count, left.order, left.delivery, left.money, left.status) == (None, None, None, None, "delivered")


def test_a_price_in_the_next_sentence_belongs_to_the_deal_before():
    text = (
        "Hungary ordered 218 Lynx infantry fighting vehicles from Germany in 2020. The deal is worth 2 billion euros."
    )
    [claim] = extract_article(article(text))
    assert (claim.value_max, claim.value_currency, claim.quantity_max) == (2_000_000_000, "EUR", 218)


def test_a_further_batch_is_a_deal_of_its_own():
    text = "Norway ordered 24 K9 howitzers from South Korea in 2017, and four more in 2022."
    assert [c.quantity_max for c in extract_article(article(text))] == [24, 4]


def test_no_order_is_dated_after_its_article_and_no_delivery_before_its_order():
    for text in (
        "Poland ordered 24 Rafale fighters from France. Deliveries are to begin in 2029.",
        "In 2015 Poland retired its Fitters. It ordered 24 Rafale fighters from France in 2021, delivered since 2023.",
    ):
        for claim in extract_article(article(text)):
            assert claim.order_year is None or claim.order_year <= 2024
            if claim.order_year is not None and claim.delivery_year_first is not None:
                assert claim.delivery_year_first >= claim.order_year
