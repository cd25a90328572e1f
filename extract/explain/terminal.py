"""An explanation on a terminal, in colour where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from extract.explain.explanation import KINDS, name_sentence
from warehouse.terminal import make_visible

if TYPE_CHECKING:
    from rich.console import Console

    from extract.explain.explanation import Explanation, ShownClaim, ShownSentence

_STYLES = {
    "actor": "bold cyan",
    "company": "cyan",
    "weapon": "bold yellow",
    "blocked": "strike yellow",
    "transfer": "bold magenta",
    "number": "green",
    "money": "bold green",
    "year": "blue",
}


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Print an explanation.

    Args:
        explanation: what to print.
        console: where; rich leaves colours out where it is no terminal.
    """
    article = explanation.article
    told = f"{article.article_id}, published {_when(explanation)}, extractor {explanation.extractor}"
    console.print(Text(make_visible(told), style="dim"))
    legend = Text("marks: ")
    for kind, words in KINDS.items():
        legend.append(words, _STYLES[kind]).append("  ")
    console.print(legend)
    for sentence in explanation.sentences:
        _print_sentence(sentence, console)
    console.print()
    if explanation.refusal:
        console.print(Text(f"No claims: {explanation.refusal}.", style="bold"))
    elif not explanation.claims:
        console.print(Text("No claims.", style="bold"))
    for claim in explanation.claims:
        _print_claim(claim, console)


def _when(explanation: Explanation) -> str:
    article = explanation.article
    if article.year is None:
        return "at an unknown date (years like “last year” can't be read; give --published)"
    return f"{article.year}-{article.month:02}" if article.month else str(article.year)


def _print_sentence(sentence: ShownSentence, console: Console) -> None:
    """Print a sentence, its frames below it."""
    line = Text()
    line.append(f"{name_sentence(sentence.number)}  ", "dim")
    for piece in sentence.pieces:
        line.append(make_visible(piece.text), _STYLES.get(piece.kind))
    console.print()
    console.print(line)
    for frame in sentence.frames:
        shown = Text("rule ", "dim").append(frame.rule, "bold").append(f" (“{frame.words}”) {frame.reading}")
        for name, values in (("weapons", frame.weapons), ("parties", frame.parties)):
            if values:
                shown.append(f"; {name} ", "dim").append(", ".join(values))
        _print_below(shown, console)
    if sentence.claims:
        _print_below(Text(f"claim {', '.join(map(str, sentence.claims))}", "bold green"), console)
    for reason in sentence.silence:
        _print_below(Text("no claim: ", "bold red").append(reason), console)


def _print_below(text: Text, console: Console) -> None:
    text.plain = make_visible(text.plain)
    console.print(Padding(text, (0, 0, 0, 4), expand=False))


def _print_claim(claim: ShownClaim, console: Console) -> None:
    """Print a claim: evidence, then a table of its fields."""
    console.print(Text(make_visible(f"claim {claim.number}  {claim.heading}"), style="bold green"))
    _print_below(Text(f"“{claim.evidence}”"), console)
    told = f"{claim.evidence_at}; confidence {claim.confidence:.2f}; rule {claim.rule}"
    _print_below(Text(told, style="dim"), console)
    table = Table(show_edge=False, pad_edge=False, box=None)
    for name in ("field", "value", "words", "where", "how"):
        table.add_column(name, overflow="fold", header_style="dim")
    for source in claim.sources:
        words = f"“{source.words}”" if source.words else ""
        where = name_sentence(source.sentence) if source.sentence is not None else ""
        table.add_row(*(Text(make_visible(c)) for c in (source.name, source.value, words, where, source.how)))
    console.print(Padding(table, (0, 0, 0, 4), expand=False))
    console.print()
