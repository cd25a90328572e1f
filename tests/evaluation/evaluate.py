"""Score the extractor on the labelled articles: ``python tests/evaluation/evaluate.py``.

The articles fall into a tuning part, whose errors may be read, and a validation part, which only measures: its articles
are those whose SHA-1 of the id begins with a hexadecimal digit from 0 to 3.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.claims import Claim, extract_article
from extract.claims.exchange import read_article_lines, to_events

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).resolve().parent
DEVSET = HERE / "devset"
PARTS = ("tuning", "validation")
_Z = 1.96  # two-sided 95 %


def load_scorer() -> ModuleType:
    """Import the scorer that belongs to the labels."""
    spec = importlib.util.spec_from_file_location("devset_score", DEVSET / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def part_of(article_id: str) -> str:
    """Return the part that an article belongs to."""
    return "validation" if hashlib.sha1(article_id.encode()).hexdigest()[0] in "0123" else "tuning"


def extract_all() -> dict[str, list[Claim]]:
    """Extract the claims of all labelled articles; domestic ones are left out, as in the exchange format."""
    return {
        line.id: [claim for claim in extract_article(line.article) if not claim.is_domestic]
        for line in read_article_lines(DEVSET / "articles.jsonl")
    }


def measure(claims: dict[str, list[Claim]]) -> dict[str, dict[str, Any]]:
    """Score each part.

    Returns:
        Result of the scorer by part.
    """
    scorer = load_scorer()
    labels = scorer.read(DEVSET / "labels.jsonl")
    results = {}
    for part in PARTS:
        ids = [article_id for article_id in labels if part_of(article_id) == part]
        predictions = {article_id: to_events(claims.get(article_id, [])) for article_id in ids}
        results[part] = scorer.score(predictions, {article_id: labels[article_id] for article_id in ids})
    return results


def interval(hits: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    scale = 1 + _Z**2 / total
    middle = (share + _Z**2 / (2 * total)) / scale
    half = _Z * math.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2)) / scale
    return middle - half, middle + half


def reliability(claims: dict[str, list[Claim]]) -> list[tuple[float, int, int]]:
    """Return confidence, number of claims and number right, on the tuning part."""
    scorer = load_scorer()
    labels = scorer.read(DEVSET / "labels.jsonl")
    bins: dict[float, list[int]] = {}
    for article_id, found in claims.items():
        if part_of(article_id) != "tuning":
            continue
        right = {i for i, _ in scorer.pair_up(to_events(found), labels[article_id])}
        for index, claim in enumerate(found):
            cell = bins.setdefault(round(claim.confidence, 1), [0, 0])
            cell[0] += 1
            cell[1] += index in right
    return [(confidence, total, hits) for confidence, (total, hits) in sorted(bins.items())]


def show(claims: dict[str, list[Claim]]) -> None:
    """Print scores with intervals, and how far the confidence can be trusted."""
    for part, result in measure(claims).items():
        tp, fp, fn = result["tp"], result["fp"], result["fn"]
        print(f"{part}: {result['articles']} articles, {tp} found, {fp} wrong, {fn} missed")
        for name, hits, total in (("precision", tp, tp + fp), ("recall", tp, tp + fn)):
            low, high = interval(hits, total)
            print(f"  {name:<22} {hits / max(total, 1):.3f}  ({low:.3f} to {high:.3f})")
        print(f"  {'F1':<22} {result['f1']:.3f}")
        print(f"  {'all fields right':<22} {result['all_fields_right_rate']:.3f}")
        for field, value in result["field_accuracy"].items():
            print(f"    {field:<20} {value:.3f}")
        print(f"  {'role inversions':<22} {result['inversions']}")
        print(f"  {'negatives with a claim':<22} {result['negatives_with_false_positive']} of {result['negatives']}")
    print("confidence on the tuning part: claims, share right")
    for confidence, total, hits in reliability(claims):
        print(f"  {confidence:.1f}  {total:>4}  {hits / total:.2f}")


def main() -> int:
    """Run the evaluation."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    args = parser.parse_args()
    claims = extract_all()
    if args.json:
        kept = ("precision", "recall", "f1", "all_fields_right_rate", "field_accuracy", "inversions")
        print(json.dumps({part: {k: r[k] for k in kept} for part, r in measure(claims).items()}, indent=1))
    else:
        show(claims)
    return 0


if __name__ == "__main__":
    sys.exit(main())
