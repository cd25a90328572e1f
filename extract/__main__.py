"""Command line: ``python -m extract``."""

# commands import what they need: the extractor alone must start in a moment, without the fetcher's libraries
# ruff: noqa: PLC0415

from __future__ import annotations

import json
import logging
import threading
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from extract.errors import RegistryError, SourceUnreachable
from warehouse import command_line
from warehouse.contracts.register_deliveries import REGISTERS
from warehouse.errors import ArmsledgerError
from warehouse.settings import Settings
from warehouse.terminal import SafeConsole, make_visible

if TYPE_CHECKING:
    from extract.engines import Engine
    from extract.events import Past
    from extract.model.files import FileResult

_ENGINES = ("local", "spark")
_MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Sources to articles, articles to claims."""
    # what pages and sites do wrong is told in ops.refusals; the libraries' own words about it would only repeat it
    logging.basicConfig(level=logging.CRITICAL)


@cli.command()
@click.option("--source", "source_id", help="Only this source, even if it is switched off.")
@click.option("--load", "load_id", help="Id of the load (with --source); one that is archived is replayed.")
def ingest(source_id: str | None, load_id: str | None) -> None:
    """Bring new articles of the sources to staging; print the load ids."""
    from extract.ingest import ingest_source
    from extract.sources import find_source, load_sources

    settings = Settings.from_environment()
    registry = load_sources(settings.sources)
    if load_id and not source_id:
        raise click.UsageError("--load needs --source: a load belongs to one source")
    sources = (
        (find_source(registry, source_id),)
        if source_id
        else tuple(s for s in registry if s.is_enabled and s.kind != "warc")
    )
    if not sources:
        raise RegistryError(f"{settings.sources}: no source is enabled; set enabled = true on one, or name one")
    failed: list[SourceUnreachable] = []
    for source in sources:
        try:
            result = ingest_source(settings, source, load_id=load_id)
        except SourceUnreachable as error:
            failed.append(error)
            click.echo(make_visible(str(error)), err=True)
            continue
        told = ", ".join(f"{count} {reason}" for reason, count in result.reasons.items())
        click.echo(
            f"{source.id}: {result.outcome}, {result.rows} articles{f'; refused: {told}' if told else ''}", err=True
        )
        click.echo(result.load_id)
    if len(failed) == len(sources):
        raise ArmsledgerError("no source could be reached; what was published stays as it is")


@cli.command()
@click.option("--load", "load_ids", multiple=True, help="Only this load; may be given several times.")
@click.option("--source", "source_id", help="Only loads of this source.")
@click.option(
    "--from", "first", type=click.DateTime(_MOMENTS), help="Only loads begun from this day or minute on, UTC."
)
@click.option(
    "--to", "last", type=click.DateTime(_MOMENTS), help="Only loads begun up to this day or minute, included."
)
def reparse(load_ids: tuple[str, ...], *, source_id: str | None, first: datetime | None, last: datetime | None) -> None:
    """Read archived responses again with the present parser; print the load ids that wait.

    Nothing is fetched. A load that gives other rows than before is staged anew and, once it passes its gate, replaces
    the old one; its claims are then extracted again. With --from or --to, loads that a gate refused come again, too.
    """
    from extract.reparse import list_archived, reparse_load
    from extract.replay import replay
    from extract.sources import load_sources

    if load_ids and (first or last):
        raise click.UsageError("--load names loads, --from and --to a span of them: take one or the other")
    settings = Settings.from_environment()
    registry = load_sources(settings.sources)
    if first or last:
        span = _read_span(first, last)
        results = replay(settings, registry, source_id=source_id, since=span[0], until=span[1])
    else:
        chosen = load_ids or list_archived(settings.data)
        results = filter(None, (reparse_load(settings, one, registry, only_source=source_id) for one in chosen))
    counts: dict[str, int] = {}
    for result in results:
        load_id = result.load_id
        counts[result.outcome] = counts.get(result.outcome, 0) + 1
        if result.outcome == "skipped":
            click.echo(f"{load_id}: skipped: {result.detail}", err=True)
        if result.staged_id:
            click.echo(f"{load_id}: {result.before} articles before, {result.rows} now", err=True)
            click.echo(result.staged_id)
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    click.echo(f"loads: {told or 'no archived load'}", err=True)


def _read_span(first: datetime | None, last: datetime | None) -> tuple[datetime, datetime]:
    """Return the first moment of a span and the one after its end; a day ends with its last moment."""
    since = (first or datetime.min).replace(tzinfo=UTC)
    if last is None:
        return since, datetime.max.replace(tzinfo=UTC)
    until = last.replace(tzinfo=UTC) + (timedelta(days=1) if last.time() == time.min else timedelta(minutes=1))
    if until <= since:
        raise click.UsageError("--to lies before --from")
    return since, until


@cli.command()
@click.option("--load", "load_id", help="Only the articles of this load.")
@click.option("--input", "input_path", type=click.Path(path_type=Path), help="JSONL with id, title, published, text.")
@click.option("--output", "output_path", type=click.Path(path_type=Path), help="JSONL with id and events, to write.")
@click.option(
    "--engine", type=click.Choice(_ENGINES), default="local", help="spark: on the workers of a cluster (README)."
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
    _tell_file(extract_file(ModelSettings.from_environment(), answers, input=input_path, output=output_path))


def _tell_file(result: FileResult) -> None:
    for article_id, refusals in result.refusals.items():
        for refusal in refusals:
            click.echo(make_visible(f"{article_id}: {refusal.reason}: {refusal.detail}"), err=True)
    click.echo(str(result.usage), err=True)


@cli.command()
def versions() -> None:
    """List the versions of the extractor whose claims are in the lake, and which are current."""
    from extract.versions.printing import build_versions
    from warehouse import lake
    from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
    from warehouse.manifests import read_manifest
    from warehouse.versions import list_versions

    data = Settings.from_environment().data
    lake.initialise(data)
    found = list_versions(read_manifest(data, TRANSFER_CLAIMS), read_manifest(data, ARTICLES))
    SafeConsole().print(build_versions(found))


@cli.command()
@click.argument("pair", nargs=-1, metavar="[OLDER NEWER]")
@click.option("--json", "as_json", is_flag=True, help="Of two versions: print one JSON object with all rows.")
@click.option("--csv", "folder", type=click.Path(path_type=Path), help="Of two versions: write CSV files to a folder.")
@click.option("--load", "load_id", help="Of a model: claims load; by default the last one that was compared.")
@click.option("--input", "input_path", type=click.Path(path_type=Path), help="Of a model: JSONL of articles.")
def compare(
    pair: tuple[str, ...], *, as_json: bool, folder: Path | None, load_id: str | None, input_path: Path | None
) -> None:
    """Show what version NEWER of the extractor gains, loses and changes against OLDER, in the articles both have read.

    Without versions: where rules and model differ, in a claims load made with ARMSLEDGER_EXTRACTOR=both, or on a file.
    """
    if len(pair) == 2:
        if load_id or input_path:
            raise click.UsageError("--load and --input are for rules beside a model; name no versions with them")
        _compare_versions(*pair, as_json=as_json, folder=folder)
        return
    if pair:
        raise click.UsageError("name two versions; python -m extract versions lists them")
    if as_json or folder:
        raise click.UsageError("--json and --csv are for two versions; python -m extract versions lists them")
    _compare_model(load_id, input_path)


def _compare_versions(older: str, newer: str, *, as_json: bool, folder: Path | None) -> None:
    from extract.versions.comparing import compare_versions
    from extract.versions.printing import build_tables, summarise, write_csv

    found = compare_versions(Settings.from_environment().data, older, newer)
    if folder:
        for path in write_csv(found, folder):
            click.echo(f"wrote {path}", err=True)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=1))
        return
    console = SafeConsole()
    console.print(summarise(found))
    for part in build_tables(found):
        console.print(part)
    for name, count in ((older, found.only_older), (newer, found.only_newer)):
        if count:
            click.echo(f"left out: {count:,} articles that only {name} has read", err=True)


@cli.command()
@click.argument("version")
@click.option("--reason", help="Why; it is told in ops.loads.")
def adopt(version: str, reason: str | None) -> None:
    """Make the claims of VERSION current for all articles that it has read; those of before stay beside.

    One step, and the way back is the same command with the other version.
    """
    from warehouse.versions import adopt as adopt_version

    done = adopt_version(Settings.from_environment().data, version, reason=reason)
    if not done.entered:
        click.echo(f"{version} is current already for all articles that it has read; nothing to do", err=True)
        return
    before, now = (sum(one.rows for one in entries) for entries in (done.left, done.entered))
    click.echo(f"{version} is current: {now:,} claims in place of {before:,}, which stay beside")
    if done.others:
        told = ", ".join(sorted({one.attributes["extractor_version"] for one in done.others}))
        click.echo(f"articles that it hasn't read keep the claims of {told}", err=True)
    click.echo("the next build reads them: python -m warehouse build, or the DAG build_warehouse", err=True)


def _compare_model(load_id: str | None, input_path: Path | None) -> None:
    from extract.model.printing import Line, build_table, read_lines

    if input_path and load_id:
        raise click.UsageError("--load is for what was compared before, --input for a file")
    console = SafeConsole(highlight=False)
    data = Settings.from_environment().data
    if not input_path:
        shown, lines = read_lines(data, load_id)
        if shown is None:
            named = f" as {load_id}" if load_id else ""
            raise ArmsledgerError(
                f"no claims load{named} was compared; set ARMSLEDGER_EXTRACTOR=both and extract events"
            )
        console.print(build_table(lines, f"{len(lines)} differences in {shown}"))
        return
    from extract.model.files import compare_file
    from extract.model.settings import ModelSettings

    result = compare_file(ModelSettings.from_environment(), data.model_answers, input=input_path)
    found = [Line.of(one, d) for one, comparison in result.comparisons.items() for d in comparison.differences]
    pairs = sum(comparison.pairs for comparison in result.comparisons.values())
    console.print(build_table(found, f"{pairs} claims in common, {len(found)} differences in {input_path}"))
    _tell_file(result)


@cli.command()
@click.argument("name", metavar="REGISTER", type=click.Choice(REGISTERS))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--edition", help="Year, month or day of the edition; else the day told in the file, or its last year + 1."
)
@click.option(
    "--replace", is_flag=True, help="Take the place of all loads of this edition; else the file adds to them."
)
def register(name: str, file: Path, edition: str | None, *, replace: bool) -> None:
    """Bring a register that you downloaded to staging; print the load id.

    REGISTER is sipri: a trade register of the SIPRI Arms Transfers Database, as CSV in either export schema.
    """
    from extract.trade_registers.importing import import_register

    result = import_register(Settings.from_environment(), name, file, edition=edition, replace=replace)
    if result.outcome == "already_promoted":
        click.echo(f"{file.name} is in the lake already, as edition {result.edition}; nothing to do", err=True)
    else:
        told = f"{result.records} records, {result.rows} delivery years, edition {result.edition}"
        click.echo(f"staged, {told}; {result.repaired} repaired, {result.broken} set aside", err=True)
    if result.broken_path:
        click.echo(f"records set aside, with line and reason: {result.broken_path}", err=True)
    if result.unknown_columns:
        told = ", ".join(result.unknown_columns)
        click.echo(make_visible(f"columns left out, since no schema has them: {told}"), err=True)
    click.echo(result.load_id)


@cli.command()
@click.argument("archives", nargs=-1)
@click.option("--source", "source_id", help="Source of the registry that they belong to; alone, its own archives.")
@click.option("--processes", type=click.IntRange(min=1), help="Number of processes; by default one per core.")
@click.option("--again", is_flag=True, help="Read archives again that were loaded, staged or refused before.")
@click.option(
    "--engine", type=click.Choice(_ENGINES), default="local", help="spark: on the workers of a cluster (README)."
)
def warc(
    archives: tuple[str, ...], *, source_id: str | None, processes: int | None, again: bool, engine: Engine
) -> None:
    """Bring the articles of web archives that may hold a claim to staging; print the load ids.

    ARCHIVES are WARC files, folders of them, or URLs. Each becomes a load; a finished one isn't read again.
    """
    from extract.bulk.archives import BulkOptions, stage_archive
    from extract.bulk.download import local_file
    from extract.bulk.places import find_archives, find_source_of_archives
    from extract.bulk.terminal import show_progress
    from extract.engines import open_archives
    from extract.fetching.policy import FetchPolicy

    if not archives and not source_id:
        raise click.UsageError("name archives, or the source of the registry whose archives to read with --source")
    if processes and engine != "local":
        raise click.UsageError("--processes is for this machine; how many Spark takes is its own setting")
    settings = Settings.from_environment()
    places = find_archives(list(archives), find_source_of_archives(settings.sources, source_id))
    failed = 0
    with open_archives(engine) as apply:
        for place in places:
            try:
                with (
                    local_file(settings.data, place, FetchPolicy.from_environment()) as path,
                    show_progress(place.name) as report,
                ):
                    result = stage_archive(settings, place, path, options=BulkOptions(processes, again, report, apply))
            except SourceUnreachable as error:
                failed += 1
                click.echo(make_visible(str(error)), err=True)
                continue
            told = ", ".join(f"{count} {reason}" for reason, count in result.counts.items())
            left = f"; left out: {told}" if told else ""
            pages = f" of {result.pages} pages" if result.pages else ""
            click.echo(f"{place.name}: {result.outcome}, {result.rows} articles{pages}{left}", err=True)
            if result.outcome in ("staged", "empty"):
                click.echo(result.load_id)
    if failed:
        raise ArmsledgerError(f"{failed} of {len(places)} archives could not be read; run the command again for them")


@cli.command()
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


@cli.command()
@click.option("--input", "folder", type=click.Path(path_type=Path), required=True, help="Folder of HTML files.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="JSONL file to write.")
def text(folder: Path, output: Path) -> None:
    """Read the main text, title and date of HTML files, on all cores."""
    from rich.progress import track

    from extract.textual import list_pages, write_texts

    total = len(list_pages(folder))
    console = SafeConsole(stderr=True)
    pages = write_texts(folder, output)
    for _ in track(pages, "pages", total, console=console, transient=True, disable=not console.is_terminal):
        pass
    console.print(f"{output}: {total} pages")


@cli.group(invoke_without_command=True)
@click.pass_context
def sources(context: click.Context) -> None:
    """List the sources of the registry."""
    if context.invoked_subcommand:
        return
    from rich.table import Table

    from extract.sources import load_sources

    settings = Settings.from_environment()
    table = Table(title=str(settings.sources), title_justify="left")
    for name in ("id", "kind", "enabled", "publisher", "location"):
        table.add_column(name, overflow="fold")
    for one in load_sources(settings.sources):
        enabled = "yes" if one.is_enabled else "no"
        table.add_row(one.id, one.kind, enabled, one.publisher, one.location)
    SafeConsole().print(table)


@sources.command("check")
@click.option("--source", "source_ids", multiple=True, help="Only this source; may be given several times.")
@click.option("--enabled", is_flag=True, help="Only the sources that are switched on.")
def check_sources(source_ids: tuple[str, ...], *, enabled: bool) -> None:
    """Try each source: its list, one page, its terms; nothing is kept. Exit code 1 if one that is on can't be used."""
    import asyncio

    from rich.table import Table

    from extract.check import check_sources
    from extract.fetching.policy import FetchPolicy
    from extract.sources import find_source, load_sources

    settings = Settings.from_environment()
    registry = load_sources(settings.sources)
    chosen = tuple(find_source(registry, one) for one in source_ids) if source_ids else registry
    wanted = tuple(source for source in chosen if source.is_enabled or not enabled)
    checks = asyncio.run(check_sources(wanted, FetchPolicy.from_environment()))
    table = Table(title=str(settings.sources), title_justify="left")
    for name in ("id", "on", "usable", "list", "entries", "newest", "page", "terms"):
        table.add_column(name, overflow="fold")
    for one in checks:
        on, usable = ("yes" if told else "no" for told in (one.source.is_enabled, one.is_usable))
        newest = one.newest.date().isoformat() if one.newest else ""
        entries = "" if one.entries is None else str(one.entries)
        table.add_row(one.source.id, on, usable, one.outcome, entries, newest, one.page, one.terms)
    SafeConsole().print(table)
    broken = [one.source.id for one in checks if one.source.is_enabled and not one.is_usable]
    if broken:
        raise ArmsledgerError(f"can't be used: {', '.join(broken)}; the reasons are explained in extract/README.md")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8098, show_default=True, help="TCP port; 0 for a free one.")
def samples(host: str, port: int) -> None:
    """Serve the sample publishers until stopped."""
    from extract.sample.server import sample_hosts, serve_samples

    with serve_samples(port, host=host) as address:
        click.echo(f"serving {', '.join(sample_hosts())} at {address}; stop with Ctrl-C")
        click.echo(f'export ARMSLEDGER_HOST_OVERRIDES="*.example={address}"')
        threading.Event().wait()


if __name__ == "__main__":
    command_line.run(cli, "python -m extract")
