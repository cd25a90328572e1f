"""Planted news of deals: per seed 100 articles on 30 deals, as wire copy, follow-ups, rewrites and reprints tell them.

Each article has a text, so that near-duplicates are found by the parser's own signatures, and so that the extractor can
read the same news that the planted claims tell. Five seeds in a row share no recipient, so that they fit into one lake.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from extract.parsing.signature import text_hash, text_signature

if TYPE_CHECKING:
    from dbt_candidate import Lake

DEALS = 30
ARTICLES = 100
REPEATED = 35
"""Reprints and rewrites of 100 articles: wire copy has 30 to 40 %."""
SINGLES = 14
TWINS = 8
"""Pairs of deals with the same parties and weapon; half of them have the same number of units too."""

_SUPPLIERS = {
    "USA": "the United States", "FRA": "France", "DEU": "Germany", "SWE": "Sweden", "KOR": "South Korea",
    "ITA": "Italy", "ESP": "Spain", "GBR": "Britain", "ISR": "Israel", "TUR": "Turkey", "CHN": "China",
}  # fmt: skip
_RECIPIENTS = {
    "POL": "Poland", "ROU": "Romania", "GRC": "Greece", "EGY": "Egypt", "IND": "India", "IDN": "Indonesia",
    "MYS": "Malaysia", "THA": "Thailand", "PHL": "the Philippines", "VNM": "Vietnam", "BGD": "Bangladesh",
    "PAK": "Pakistan", "SAU": "Saudi Arabia", "QAT": "Qatar", "KWT": "Kuwait", "OMN": "Oman", "BHR": "Bahrain",
    "MAR": "Morocco", "DZA": "Algeria", "TUN": "Tunisia", "NGA": "Nigeria", "KEN": "Kenya", "BRA": "Brazil",
    "CHL": "Chile", "PER": "Peru", "COL": "Colombia", "ARG": "Argentina", "MEX": "Mexico", "AUS": "Australia",
    "NZL": "New Zealand", "JPN": "Japan", "FIN": "Finland", "NOR": "Norway", "DNK": "Denmark", "BEL": "Belgium",
    "PRT": "Portugal", "AUT": "Austria", "HUN": "Hungary", "BGR": "Bulgaria", "SVK": "Slovakia", "SVN": "Slovenia",
    "HRV": "Croatia", "SRB": "Serbia", "LTU": "Lithuania", "LVA": "Latvia", "EST": "Estonia", "AZE": "Azerbaijan",
    "KAZ": "Kazakhstan", "UZB": "Uzbekistan", "LKA": "Sri Lanka",
}  # fmt: skip
SEEDS_PER_LAKE = 5
_RECIPIENTS_PER_SEED = len(_RECIPIENTS) // SEEDS_PER_LAKE
_WEAPONS = (
    ("F-16", "F-16 fighter jets", "aircraft"),
    ("AH-64 Apache", "AH-64 Apache attack helicopters", "aircraft"),
    ("UH-60 Black Hawk", "UH-60 Black Hawk helicopters", "aircraft"),
    ("Leopard 2", "Leopard 2 tanks", "armoured_vehicle"),
    ("CAESAR", "CAESAR self-propelled howitzers", "artillery"),
    ("HIMARS", "HIMARS rocket launchers", "artillery"),
)
_FIRST_TOLD = (
    "{R} has ordered {n} {w} from {S}, the defence ministry said on {day}.",
    "{R} signed a contract with {S} for {n} {w} on {day}.",
    "{R} has signed an agreement to buy {n} {w} from {S}, officials said on {day}.",
    "{S} won an order from {R} for {n} {w}, the two governments said on {day}.",
)
_AGAIN_TOLD = (
    "{R} has ordered another {n} {w} from {S}, the defence ministry said on {day}.",
    "{R} signed a second contract with {S} for {n} {w} on {day}.",
    "{R} has placed a follow-on order with {S} for {n} {w}, officials said on {day}.",
    "{R} has ordered {n} more {w} from {S}, the minister said on {day}.",
    "{R} has signed a contract with {S} for an additional {n} {w}, the ministry said on {day}.",
)
_UNCOUNTED = ("{R} signed a contract with {S} for {w}, a spokesman said on {day}.",)
_PLANNED = (
    "{R} plans to buy {n} {w} from {S}, the minister told parliament on {day}.",
    "{R} wants to purchase {n} {w} from {S}, according to a budget paper seen on {day}.",
)
_DELIVERED = (
    "{S} has delivered {k} {w} to {R}, the air base said on {day}.",
    "{R} has received {k} {w} from {S}, its armed forces said on {day}.",
)
_DELIVERED_OF = (
    "{R} has received {k} {w} from {S} under the contract signed in {year}, its armed forces said on {day}.",
    "{S} has delivered {k} {w} to {R} that were ordered in {year}, officials said on {day}.",
)
_DELIVERED_OF_AGAIN = ("{R} has received {k} {w} from {S} under its second contract, the armed forces said on {day}.",)
_RETOLD = ("{R} ordered {n} {w} from {S} in {year}.", "In {year} {R} signed a contract with {S} for {n} {w}.")
_RETOLD_AGAIN = ("In {year} {R} signed a second contract with {S} for {n} {w}.",)
_ROUNDED = ("{R} ordered about {n} {w} from {S} in {year}, a report said on {day}.",)
_CANCELLED = ("{R} has cancelled its order for {n} {w} from {S}, the minister said on {day}.",)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

_WHO = ("The committee", "A spokesman", "The budget office", "An analyst in the capital", "The mayor", "The union",
        "A former official", "The opposition", "The auditor", "A local newspaper")  # fmt: skip
_DOES = ("declined to discuss", "welcomed", "asked for details of", "will review", "has long criticised",
         "described at length", "postponed a hearing on", "published a paper about", "praised")  # fmt: skip
_WHAT = ("the timetable", "the training of staff", "the cost of housing at the base", "the new road to the port",
         "the annual report", "the state of the hangars", "the search for engineers", "the tender rules",
         "the visit of the delegation", "the plans for next spring", "the noise over the valley")  # fmt: skip
_WHEN = ("after a long debate", "before the holiday", "in a short statement", "at a meeting behind closed doors",
         "without taking questions", "for the third week", "to the surprise of many", "in front of staff")  # fmt: skip


@dataclass(frozen=True)
class Deal:
    """One planted deal.

    Attributes:
        number: unlike that of any other deal.
        supplier: code.
        recipient: code.
        weapon: place in the list of weapons.
        quantity: units.
        signed: day of the contract.
        is_repeat: whether the news of the contract says that it is another one.
    """

    number: int
    supplier: str
    recipient: str
    weapon: int
    quantity: int
    signed: date
    is_repeat: bool = False


@dataclass(frozen=True)
class Story:
    """One article to be: whose deal it tells, when, in what words, and the claim that a careful reader takes from it.

    Attributes:
        deal: what it is about.
        day: of publication.
        lead: first sentence, the evidence.
        told: columns of its claim that differ from a plain order.
        filler: the other sentences.
    """

    deal: Deal
    day: date
    lead: str
    told: dict[str, Any]
    filler: tuple[str, ...] = ()


def plant_deals(seed: int) -> list[Deal]:
    """Make 30 deals: 14 without a twin and 8 pairs of twins, of equal and of other numbers, days to years apart.

    A second contract over the same number of units that is signed less than two years after the first says that it is
    another one; without these words no reader could tell it from a late report of the first.
    """
    rng = random.Random(f"deals {seed}")
    place = seed % SEEDS_PER_LAKE
    names = sorted(_RECIPIENTS)[place * _RECIPIENTS_PER_SEED : (place + 1) * _RECIPIENTS_PER_SEED]
    blocks = [(s, r, w) for s in sorted(_SUPPLIERS) for r in names for w in range(len(_WEAPONS))]
    chosen = rng.sample(blocks, SINGLES + TWINS)
    deals: list[Deal] = []
    for place, (supplier, recipient, weapon) in enumerate(chosen):
        signed = date(rng.randint(2012, 2020), rng.randint(1, 12), rng.randint(1, 28))
        first = Deal(seed * 100 + len(deals), supplier, recipient, weapon, rng.randint(8, 90), signed)
        deals.append(first)
        if place < TWINS:
            deals.append(_plant_twin(first, place, rng))
    return deals


def _plant_twin(first: Deal, place: int, rng: random.Random) -> Deal:
    days = (270, 430, 1100, 1600)[place % 4] + rng.randint(-20, 20)
    is_equal = place >= TWINS // 2
    quantity = first.quantity if is_equal else first.quantity + rng.choice([-1, 1]) * rng.randint(3, 6)
    is_repeat = rng.random() < 0.5 or (is_equal and days < 2 * 365)
    signed = first.signed + timedelta(days=days)
    return replace(first, number=first.number + 1, quantity=quantity, signed=signed, is_repeat=is_repeat)


def plant_stories(seed: int) -> list[Story]:
    """Make the 65 articles that no other article repeats: each deal is signed, most are planned or followed up."""
    rng = random.Random(f"stories {seed}")
    deals = plant_deals(seed)
    stories = [_announce(deal, rng, rng.choice(_AGAIN_TOLD if deal.is_repeat else _FIRST_TOLD)) for deal in deals]
    kinds = [_plan, _plan, _deliver, _deliver, _deliver, _retell, _retell, _round, _contradict, _count_nothing, _cancel]
    told = [(deal, kind) for deal in deals for kind in rng.sample(kinds, 2)]
    rng.shuffle(told)
    stories += [kind(deal, rng) for deal, kind in told[: ARTICLES - REPEATED - DEALS]]
    return [replace(story, filler=tuple(_write_filler(rng) for _ in range(12))) for story in stories]


def _write_filler(rng: random.Random) -> str:
    return f"{rng.choice(_WHO)} {rng.choice(_DOES)} {rng.choice(_WHAT)} {rng.choice(_WHEN)}."


def _story(deal: Deal, rng: random.Random, lead: str, day: date, told: dict[str, Any], **words: object) -> Story:
    supplier, recipient = _SUPPLIERS[deal.supplier], _RECIPIENTS[deal.recipient]
    text = lead.format(S=supplier, R=recipient, w=_WEAPONS[deal.weapon][1], day=rng.choice(_DAYS),
                       **{"n": deal.quantity, "year": deal.signed.year, **words})  # fmt: skip
    return Story(deal, day, text[0].upper() + text[1:], told)


def _announce(deal: Deal, rng: random.Random, lead: str) -> Story:
    # three of four leads date the order by the day of the report alone, as the extractor then does
    dated = rng.random() < 0.25
    told = {"order_year": deal.signed.year, "order_year_is_estimate": True} if dated else {}
    return _story(deal, rng, lead, deal.signed, {"quantity": deal.quantity, **told})


def _plan(deal: Deal, rng: random.Random) -> Story:
    day = deal.signed - timedelta(days=rng.randint(20, 240))
    return _story(deal, rng, rng.choice(_PLANNED), day, {"quantity": deal.quantity, "status": "proposed"})


def _deliver(deal: Deal, rng: random.Random) -> Story:
    day = deal.signed + timedelta(days=rng.randint(500, 1300))
    units = rng.choice([deal.quantity, max(2, deal.quantity // 3)])
    told: dict[str, Any] = {"status": "delivered", "quantity": units}
    told |= {"delivery_year_first": day.year, "delivery_year_is_estimate": True}
    if deal.is_repeat and rng.random() < 0.5:
        return _story(deal, rng, rng.choice(_DELIVERED_OF_AGAIN), day, told, k=units)
    if rng.random() < 0.5:
        told |= {"order_year": deal.signed.year}
        return _story(deal, rng, rng.choice(_DELIVERED_OF), day, told, k=units)
    return _story(deal, rng, rng.choice(_DELIVERED), day, told, k=units)


def _retell(deal: Deal, rng: random.Random) -> Story:
    day = deal.signed + timedelta(days=rng.randint(400, 1800))
    told = {"quantity": deal.quantity, "order_year": deal.signed.year, "is_background": True}
    return _story(deal, rng, rng.choice(_RETOLD_AGAIN if deal.is_repeat else _RETOLD), day, told)


def _round(deal: Deal, rng: random.Random) -> Story:
    day = deal.signed + timedelta(days=rng.randint(30, 300))
    units = round(deal.quantity, -1) or 10
    told = {"quantity": units, "quantity_is_approximate": True, "order_year": deal.signed.year}
    return _story(deal, rng, rng.choice(_ROUNDED), day, told, n=units)


def _contradict(deal: Deal, rng: random.Random) -> Story:
    day = deal.signed + timedelta(days=rng.randint(0, 3))
    units = deal.quantity + rng.choice([-2, -1, 1, 2])
    leads = _AGAIN_TOLD if deal.is_repeat and rng.random() < 0.5 else _FIRST_TOLD
    return _story(deal, rng, rng.choice(leads), day, {"quantity": units}, n=units)


def _count_nothing(deal: Deal, rng: random.Random) -> Story:
    day = deal.signed + timedelta(days=rng.randint(0, 5))
    return _story(deal, rng, rng.choice(_UNCOUNTED), day, {})


def _cancel(deal: Deal, rng: random.Random) -> Story:
    day = deal.signed + timedelta(days=rng.randint(60, 240))
    return _story(deal, rng, rng.choice(_CANCELLED), day, {"status": "cancelled", "quantity": deal.quantity})


@dataclass(frozen=True)
class Planted:
    """The news of one seed in a lake.

    Attributes:
        claims: claim id to the number of its deal.
        articles: article id to the number of its deal.
        originals: article id to the id of the article that it repeats, or its own.
    """

    claims: dict[str, int]
    articles: dict[str, int]
    originals: dict[str, str]


def plant_news(lake: Lake, seed: int) -> Planted:
    """Add the 100 articles of a seed to a lake, each with the claim that it makes."""
    rng = random.Random(f"news {seed}")
    planted = Planted({}, {}, {})
    stories = plant_stories(seed)
    ids = []
    for number, story in enumerate(stories):
        name, source = f"seed-{seed}/story-{number}", rng.choice(["harbour_wire", "quay_post"])
        ids.append(_publish(lake, planted, story, name=name, source=source, original=None))
    for number in range(REPEATED):
        place = rng.randrange(len(stories))
        story = stories[place]
        if number % 2:  # a rewrite: a few sentences are the editor's own
            kept = [s if rng.random() > 0.2 else _write_filler(rng) for s in story.filler]
            story = replace(story, filler=tuple(kept))
        story = replace(story, day=story.day + timedelta(days=rng.randint(0, 2)))
        name = f"seed-{seed}/again-{number}"
        _publish(lake, planted, story, name=name, source="echo_daily", original=ids[place])
    return planted


def _publish(lake: Lake, planted: Planted, story: Story, *, name: str, source: str, original: str | None) -> str:
    text = "\n\n".join([story.lead, *(" ".join(story.filler[n : n + 3]) for n in range(0, len(story.filler), 3))])
    # what repeats an article comes hours after it
    day = f"{story.day}T{'09' if original else '06'}:00"
    article_id = lake.add_article(name, day, source=source)
    lake.articles[-1] |= {
        "title": "Briefing",
        "text": text,
        "text_hash": text_hash(text),
        "text_signature": text_signature(text),
    }
    deal = story.deal
    family, _, category = _WEAPONS[deal.weapon]
    claim = lake.add_claim(
        article_id, deal.supplier, deal.recipient, family,
        weapon_category=category, evidence_text=story.lead, evidence_end=len(story.lead), **story.told,
    )  # fmt: skip
    planted.claims[claim] = deal.number
    planted.articles[article_id] = deal.number
    planted.originals[article_id] = original or article_id
    return article_id
