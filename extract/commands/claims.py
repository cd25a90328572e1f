"""Commands that extract claims, and that show why one is there."""

# commands import what they need: the extractor alone must start in a moment, without the fetcher's libraries
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from extract.commands.common import ENGINES, tell_file
from warehouse.settings import Settings
from warehouse.terminal import SafeConsole, make_visible

if TYPE_CHECKING:
    from datetime import datetime

    from extract.engines import Engine
    from extract.events import Past


@click.command()
@click.option("--load", "load_id", help="Only the articles of this load.")
@click.option("--input", "input_path", type=click.Path(path_type=Path), help="JSONL with id, title, published, text.")
@click.option("--output", "output_path", type=click.Path(path_type=Path), help="JSONL with id and events, to write.")
@click.option(
    "--engine", type=click.Choice(ENGINES), default="local", help="spark: on the workers of a cluster (README)."
)
@click.option(
    "--past",
    type=click.Choice(("beside", "at_once", "no")),
    help="What to do with articles that only another version has read; else as ARMSLEDGER_REEXTRACT says.",
)
def events(
    load_id: str | None, input_path: Path | None, output_path: Path | None, *, engine: Engine, past: Past | None
) -> None:
    """Extract claims: from the lake to staging, or from a JSONL file to another.

    Articles that only another version of the extractor has read come as a load of their own, which stands beside the
    current claims until `compare` has shown what differs and `adopt` makes it current.
    """
    if (input_path is None) != (output_path is None):
        raise click.UsageError("--input and --output go together")
    if input_path and output_path:
        if load_id:
            raise click.UsageError("--load is for articles of the lake, --input for a file")
        if engine != "local" or past:
            raise click.UsageError("--engine and --past are for articles of the lake, --input for a file")
        _run_file(input_path, output_path)
        return
    from extract.engines import open_extraction
    from extract.events import read_past, stage_claims, stage_past

    settings, past = Settings.from_environment(), past or read_past()
    with open_extraction(engine) as apply:
        results = (
            stage_claims(settings, load_id=load_id, apply=apply),
            stage_past(settings, past, load_id=load_id, apply=apply),
        )
    if not any(results):
        told = "some extractor" if past == "no" else "the present extractor"
        click.echo(f"every article is covered by {told}; nothing to do", err=True)
    for result in filter(None, results):
        place = ", beside the current ones" if result.is_beside else ""
        click.echo(f"{result.outcome}, {result.rows} claims from {result.articles} articles{place}", err=True)
        for note in result.notes:
            click.echo(make_visible(note), err=True)
        click.echo(result.load_id)


def _run_file(input_path: Path, output_path: Path) -> None:
    from extract.extractors import read_mode

    if read_mode() != "llm":
        from extract.claims.exchange import run_file

        run_file(input_path, output_path)
        return
    from extract.model.files import extract_file
    from extract.model.settings import ModelSettings

    answers = Settings.from_environment().data.model_answers
    tell_file(extract_file(ModelSettings.from_environment(), answers, input=input_path, output=output_path))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--published", type=click.DateTime(["%Y-%m-%d"]), help="Day of publication, if the file doesn't tell it.")
@click.option("--id", "article_id", help="Which line of a JSONL file of several.")
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write one HTML page instead of printing.")
def explain(file: Path, published: datetime | None, article_id: str | None, page: Path | None) -> None:
    """Show why a claim is there or missing: mentions, frames, and the words behind each field.

    FILE is a text, an HTML page, or JSON lines with id, title, published and text.
    """
    from extract import explain as explaining

    article = explaining.read_article(file, published=published.date() if published else None, article_id=article_id)
    explanation = explaining.explain_article(article)
    if page:
        page.write_text(explaining.render_page(explanation), encoding="utf-8")
        click.echo(f"{page}: {len(explanation.claims)} claims explained")
        return
    explaining.print_explanation(explanation, SafeConsole(highlight=False))
