"""Articles for benchmarks, the same on every machine: made with a seed from committed texts."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from warehouse.contracts import ARTICLES

EVALUATION = Path(__file__).resolve().parents[1] / "evaluation"
SEED = 20261123
LENGTH = 3_000  # characters: about the median of a news article

# Everyday news, in which no weapon is named; states, money, dates and words like "order" stand in it as in any paper.
_EVERYDAY = """
The city council voted on Tuesday to widen the footpath along the river, after residents had asked for it for years.
Heavy rain closed two schools in the valley, and the bus company said its lines would run again by noon.
A bakery that has stood at the market square since 1911 won the regional prize for rye bread.
Researchers in Sweden followed four thousand children and found that those who read aloud slept better.
The museum extends its summer opening hours; tickets cost 9 euros, and families pay for one adult only.
Her second novel tells of three sisters who inherit a lighthouse and cannot agree on what to do with it.
Italy's vineyards expect a late harvest, since April was the coldest month of spring in forty years.
The orchestra opens its season with a symphony that had not been played in the town for half a century.
Volunteers planted 1,200 young oaks on the slope where last winter's storm had felled the spruces.
House prices in the suburbs rose by 3.4 per cent last year, the statistics office said.
The home side won 3-1 and moved up to fifth place, five points behind the leaders.
Doctors advise drinking plenty of water and staying out of the sun between eleven and four.
A night train will link Brussels and Prague again from December, four times a week.
The Japanese chef teaches his guests to cook rice slowly, and says that patience is the only secret.
Farmers from six villages share one cheese dairy and sell what it makes at the weekly market.
The library lends tools as well as books: drills, ladders and a machine that polishes floors.
Two walkers found a purse with 800 dollars on the beach and handed it in at the town hall.
The school's choir travels to Canada in June, where it sings at a festival with groups from thirty countries.
Shares of the retailer fell after it had announced that it would close a dozen of its smaller shops.
Astronomers in Chile measured the faint light of a galaxy that lies eleven billion light years away.
The ministry of health promised a new hospital wing by 2029, at a cost of 140 million.
Street musicians need no licence any more, but have to change their place every hour.
The swimming pool stays shut until the pump is repaired; season tickets keep their value.
An exhibition in Lisbon shows kites from Indonesia, Brazil and Malta, some of them six metres wide.
""".strip().splitlines()


def make_relevant(count: int) -> list[str]:
    """Make articles about arms deals: paragraphs of the labelled positives, shuffled and joined.

    Args:
        count: number of articles.
    """
    told = {}
    for folder in ("devset", "heldout"):
        for line in (EVALUATION / folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            told[row["id"]] = bool(row["events"])
    paragraphs = []
    for folder in ("devset", "heldout"):
        for line in (EVALUATION / folder / "articles.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if told[row["id"]]:
                paragraphs += row["text"].split("\n\n")
    return _join(paragraphs, count, "\n\n")


def make_irrelevant(count: int) -> list[str]:
    """Make articles of everyday news.

    Args:
        count: number of articles.
    """
    return _join(_EVERYDAY, count, " ")


def _join(pieces: list[str], count: int, joint: str) -> list[str]:
    """Join pieces in random order to texts of about ``LENGTH`` characters."""
    chance = random.Random(SEED)
    texts = []
    for _ in range(count):
        chosen: list[str] = []
        while sum(map(len, chosen)) < LENGTH:
            chosen.append(chance.choice(pieces))
        texts.append(joint.join(chosen)[:LENGTH])
    return texts


def make_batch(texts: list[str]) -> pa.RecordBatch:
    """Put texts into a record batch of articles.

    Args:
        texts: main texts.

    Returns:
        Rows with the columns of the contract ``articles``; those that no extractor reads are null.
    """
    moment = datetime(2024, 5, 6, tzinfo=UTC)
    filled = {field.name: None for field in ARTICLES.schema}
    rows = [
        filled
        | {
            "article_id": f"{number:016x}",
            "load_id": "bench",
            "title": text.split(". ")[0][:90],
            "text": text,
            "published_at": moment,
            "language": "en",
        }
        for number, text in enumerate(texts)
    ]
    schema = pa.schema([field.with_nullable(True) for field in ARTICLES.schema])
    return pa.RecordBatch.from_pylist(rows, schema=schema)
