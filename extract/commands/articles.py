"""Commands that bring articles to staging, or to a file: sources, archives, pages, and responses kept before."""

# commands import what they need: the extractor alone must start in a moment, without the fetcher's libraries
# ruff: noqa: PLC0415

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from extract.commands.common import ENGINES
from extract.errors import RegistryError, SourceUnreachable
from warehouse.errors import ArmsledgerError
from warehouse.settings import Settings
from warehouse.terminal import SafeConsole, make_visible

if TYPE_CHECKING:
    from extract.engines import Engine

_MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


@click.command()
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


@click.command()
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


@click.command()
@click.argument("archives", nargs=-1)
@click.option("--source", "source_id", help="Source of the registry that they belong to; alone, its own archives.")
@click.option("--processes", type=click.IntRange(min=1), help="Number of processes; by default one per core.")
@click.option("--again", is_flag=True, help="Read archives again that were loaded, staged or refused before.")
@click.option(
    "--engine", type=click.Choice(ENGINES), default="local", help="spark: on the workers of a cluster (README)."
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


@click.command()
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
