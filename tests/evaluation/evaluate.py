"""Score the extractor on labelled articles: ``make eval``, or ``python tests/evaluation/evaluate.py --help``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import score
from measures import Reliability, Result, Share, dump, extract_events, measure, measure_all
from rich.console import Console
from rich.table import Table

from extract.claims import EXTRACTOR_VERSION

if TYPE_CHECKING:
    from types import ModuleType

# Row, what it is called, the share it must reach (None: told for information); the numbers are the project's goals.
_ROWS: tuple[tuple[str, str, float | None], ...] = (
    ("precision", "precision", 0.90),
    ("recall", "recall", 0.80),
    ("status", "status right", 0.90),
    ("quantity", "quantity right", 0.90),
    ("value", "value with currency right", 0.95),
    ("order_year", "order year right", 0.85),
    ("delivery_year", "delivery year right", 0.85),
    ("category", "category right", None),
    ("all_fields", "all fields right", 0.60),
)
_MAX_HARD_NEGATIVES = 0.03
_MIN_WIDTH = 124  # columns that the table of three sets takes


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--articles", type=click.Path(path_type=Path), help="JSONL of articles, in place of the committed sets.")
@click.option("--labels", type=click.Path(path_type=Path), help="JSONL of labels for --articles.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--errors", default=0, metavar="N", help="List the N worst training articles, or of --articles.")
@click.option("--cross-validate", is_flag=True, help="Score the training texts by weights trained without them.")
def main(articles: Path | None, labels: Path | None, as_json: bool, errors: int, cross_validate: bool) -> None:
    """Print precision, recall, field accuracies and calibration beside their targets.

    The weights were trained on the training texts: what they score there is too good. --cross-validate trains them
    anew without each fourth of these texts, which takes some minutes. The validation part of the development set
    (articles whose id has a SHA-1 that begins with 0-3) and the held-out set are only ever scored.
    """
    if (articles is None) != (labels is None):
        raise click.UsageError("--articles and --labels go together")
    hard: Share | None = None
    if articles and labels:
        results = [measure(articles.name, extract_events(articles), score.read(labels))]
    elif cross_validate:
        from train import cross_validate as rate_training  # it needs scikit-learn

        results = [rate_training()]
    else:
        results, hard = measure_all()
    if as_json:
        click.echo(dump(results, hard))
        return
    console = Console(highlight=False)
    console = Console(highlight=False, width=max(console.width, _MIN_WIDTH))
    console.print(f"extractor {EXTRACTOR_VERSION}; shares with counts and 95 % intervals\n")
    console.print(build_scores(results))
    if hard is not None:
        verdict = "met" if hard.rate <= _MAX_HARD_NEGATIVES else "missed"
        console.print(
            f"\nhard negatives with a claim: {tell(hard)}; target at most {_MAX_HARD_NEGATIVES:.0%}, {verdict}"
        )
    for result in results:
        console.print("")
        console.print(build_reliability(result.name, result.reliability))
    if errors:
        score.show(results[0].raw, errors)


def load_scorer() -> ModuleType:
    """Give the scorer to tests that compare single events."""
    return score


def tell(share: Share) -> str:
    """A share with its interval and counts.

    >>> tell(Share(9, 10))
    '0.900 [0.60-0.98] 9/10'
    """
    low, high = share.interval
    return f"{share.rate:.3f} [{low:.2f}-{high:.2f}] {share.hits}/{share.total}"


def build_scores(results: list[Result]) -> Table:
    """Build the table of scores: a row per measure, a column per set."""
    table = Table(title="supplier, recipient, weapon; fields of the matches", title_justify="left")
    table.add_column("", no_wrap=True)
    table.add_column("target", justify="right", no_wrap=True)
    for result in results:
        table.add_column(f"{result.name} ({result.articles})", no_wrap=True)
    for key, words, target in _ROWS:
        cells = [_mark(tell(r.shares[key]), r.shares[key].rate, target) for r in results]
        table.add_row(words, f">= {target:.2f}" if target else "", *cells)
        if key == "recall":
            table.add_row("F1", "", *(f"{r.f1:.3f}" for r in results))
    table.add_row("inversions", "0", *(f"[{'green' if not r.inversions else 'red'}]{r.inversions}" for r in results))
    table.add_row("negatives with a claim", "", *(tell(r.shares["negatives"]) for r in results))
    return table


def _mark(words: str, rate: float, target: float | None) -> str:
    """Colour a cell by whether it reaches its target."""
    words = words.replace("[", r"\[", 1)
    return words if target is None else f"[{'green' if rate >= target else 'red'}]{words}"


def build_reliability(name: str, reliability: Reliability) -> Table:
    """Build the reliability table of one set."""
    title = f"confidence on {name}: expected calibration error {reliability.error:.3f}"
    table = Table(title=title, title_justify="left")
    for column in ("confidence", "claimed", "observed", "claims"):
        table.add_column(column, justify="right")
    for one in reliability.bins:
        low, high = one.observed.interval
        observed = rf"{one.observed.rate:.3f} \[{low:.2f}-{high:.2f}]"
        table.add_row(f"{one.low:.1f}-{one.low + 0.1:.1f}", f"{one.claimed:.3f}", observed, str(one.observed.total))
    return table


if __name__ == "__main__":
    main()
