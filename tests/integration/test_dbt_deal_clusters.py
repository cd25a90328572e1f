"""Deals from claims, measured: planted sets of deals, told by articles as news tells them, are found again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from dbt_candidate import Lake, fetch, run_dbt, write_candidate
from planted_news import ARTICLES, DEALS, REPEATED, TWINS, plant_deals, plant_news, plant_stories

from extract.claims.batch import extract_claims
from warehouse.contracts import ARTICLES as ARTICLES_TABLE

if TYPE_CHECKING:
    from pathlib import Path

    from planted_news import Planted

pytestmark = pytest.mark.slow

LEAST_PRECISION = 0.95
LEAST_RECALL = 0.95
"""What the project promises its analysts of deals found in news."""

LEAST_GROUPED = 0.9
"""Rewrites of which less than half is left are another text for the signatures; some of the planted ones are."""

SEEDS = range(5)
UNSEEN_SEEDS = range(5, 10)
"""Nobody looked at these while the rules were made."""


@dataclass(frozen=True)
class Found:
    """A built lake.

    Attributes:
        database: the candidate.
        planted: what was planted, by seed.
        deals: claim id to deal key.
    """

    database: Path
    planted: dict[int, Planted]
    deals: dict[str, str]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Build the deals of the planted claims."""
    lake, planted = plant(SEEDS)
    return build(tmp_path_factory.mktemp("clusters"), lake, planted)


def plant(seeds: range) -> tuple[Lake, dict[int, Planted]]:
    """Plant the news of these seeds in one lake."""
    lake = Lake()
    return lake, {seed: plant_news(lake, seed) for seed in seeds}


def build(folder: Path, lake: Lake, planted: dict[int, Planted]) -> Found:
    """Let dbt find the deals of a lake."""
    database = write_candidate(folder, lake)
    models = ("+fct_transfer_claims", "+fct_deals", "+dim_articles", "+dim_sources")
    outcome = run_dbt(database, "build", "--exclude-resource-type", "test", "unit_test", "--select", *models)
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    rows = fetch(database, "select claim_id, deal_key from marts.fct_transfer_claims")
    return Found(database, planted, {row["claim_id"]: row["deal_key"] for row in rows})


def score(truth: dict[str, int], deals: dict[str, str]) -> tuple[float, float]:
    """Return precision and recall over pairs of claims."""
    joined = same = both = 0
    for one, other in combinations(truth, 2):
        is_joined, is_same = deals[one] == deals[other], truth[one] == truth[other]
        joined, same, both = joined + is_joined, same + is_same, both + (is_joined and is_same)
    return both / joined, both / same


@pytest.mark.parametrize("seed", [*SEEDS, *UNSEEN_SEEDS])
def test_the_planted_set_is_what_it_claims(seed: int) -> None:
    lake = Lake()
    planted = plant_news(lake, seed)
    blocks: dict[tuple[str, str, int], list[int]] = {}
    for deal in plant_deals(seed):
        blocks.setdefault((deal.supplier, deal.recipient, deal.weapon), []).append(deal.quantity)
    twins = [quantities for quantities in blocks.values() if len(quantities) == 2]
    repeats = [article for article, original in planted.originals.items() if article != original]

    assert (len(lake.articles), len(set(planted.claims.values())), len(repeats)) == (ARTICLES, DEALS, REPEATED)
    assert (len(twins), sum(first == second for first, second in twins)) == (TWINS, TWINS // 2)
    assert len(plant_stories(seed)) == ARTICLES - REPEATED


@pytest.mark.parametrize("seed", SEEDS)
def test_pairs_of_claims_are_joined_with_precision_and_recall(found: Found, seed: int) -> None:
    precision, recall = score(found.planted[seed].claims, found.deals)

    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL


def test_sets_that_nobody_looked_at_come_out_as_well(tmp_path: Path) -> None:
    unseen = build(tmp_path, *plant(UNSEEN_SEEDS))
    truth = {claim: number for one in unseen.planted.values() for claim, number in one.claims.items()}
    precision, recall = score(truth, unseen.deals)

    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL


def test_deals_are_found_in_what_the_extractor_reads(tmp_path: Path) -> None:
    lake, planted = plant(SEEDS)
    articles = pa.RecordBatch.from_pylist(lake.articles, schema=ARTICLES_TABLE.schema)
    lake.claims = extract_claims(articles).to_pylist()
    numbers = {article: number for one in planted.values() for article, number in one.articles.items()}
    truth = {claim["claim_id"]: numbers[claim["article_id"]] for claim in lake.claims}
    read = build(tmp_path, lake, planted)
    precision, recall = score(truth, read.deals)

    assert len(truth) >= 0.95 * len(numbers)
    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL


def test_reprints_and_rewrites_fall_into_the_group_of_their_original(found: Found) -> None:
    rows = fetch(found.database, "select article_id, article_group_key from marts.dim_articles")
    groups = {row["article_id"]: row["article_group_key"] for row in rows}
    originals = {article: original for one in found.planted.values() for article, original in one.originals.items()}
    repeats = [article for article, original in originals.items() if article != original]
    together = [article for article in repeats if groups[article] == groups[originals[article]]]
    firsts = Counter(groups[article] for article in set(originals.values()))

    assert len(together) / len(repeats) >= LEAST_GROUPED
    assert max(firsts.values()) == 1


def test_deals_count_independent_reports_not_prints(found: Found) -> None:
    counts = fetch(
        found.database,
        """
        with told as (
            select
                deal_key,
                count(distinct article_key) as articles,
                count(distinct dim_articles.article_group_key) as reports
            from marts.fct_transfer_claims join marts.dim_articles using (article_key) group by deal_key
        )
        select deal_key from told join marts.fct_deals using (deal_key)
        where (article_count, independent_report_count) <> (articles, reports) or articles < reports
        """,
    )
    assert counts == []


def test_who_only_reprints_is_no_independent_source(found: Found) -> None:
    echoed = fetch(
        found.database,
        """
        with told as (
            select
                deal_key,
                count(distinct source_key) as sources,
                count(distinct source_key) filter (not dim_articles.is_reprint) as independent,
                bool_or(dim_articles.is_reprint) as is_echoed
            from marts.fct_transfer_claims
            join marts.dim_articles using (article_key, source_key)
            group by deal_key
        )
        select
            count(*) filter (is_echoed and source_count > independent_source_count) as echoed,
            count(*) filter ((source_count, independent_source_count) <> (sources, independent)) as wrong
        from told join marts.fct_deals using (deal_key)
        """,
    )
    assert echoed[0]["echoed"] > 0
    assert echoed[0]["wrong"] == 0
