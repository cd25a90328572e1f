"""Command line: ``python -m extract``."""

# commands import what they need: the extractor alone must start in a moment, without the fetcher's libraries
# ruff: noqa: PLC0415

from __future__ import annotations

import logging
import threading

import click

from extract.errors import RegistryError, SourceUnreachable
from warehouse import command_line
from warehouse.errors import ArmsledgerError
from warehouse.settings import Settings


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
    sources = (find_source(registry, source_id),) if source_id else tuple(s for s in registry if s.is_enabled)
    if not sources:
        raise RegistryError(f"{settings.sources}: no source is enabled; set enabled = true on one, or name one")
    failed: list[SourceUnreachable] = []
    for source in sources:
        try:
            result = ingest_source(settings, source, load_id=load_id)
        except SourceUnreachable as error:
            failed.append(error)
            click.echo(str(error), err=True)
            continue
        told = ", ".join(f"{count} {reason}" for reason, count in result.reasons.items())
        click.echo(
            f"{source.id}: {result.outcome}, {result.rows} articles{f'; refused: {told}' if told else ''}", err=True
        )
        click.echo(result.load_id)
    if len(failed) == len(sources):
        raise ArmsledgerError("no source could be reached; what was published stays as it is")


@cli.command()
@click.option("--port", default=8098, show_default=True, help="TCP port on 127.0.0.1; 0 for a free one.")
def samples(port: int) -> None:
    """Serve the sample publishers on this machine until stopped."""
    from extract.sample.server import sample_hosts, serve_samples

    with serve_samples(port) as address:
        click.echo(f"serving {', '.join(sample_hosts())} at {address}; stop with Ctrl-C")
        click.echo(f'export ARMSLEDGER_HOST_OVERRIDES="*.example={address}"')
        threading.Event().wait()


if __name__ == "__main__":
    command_line.run(cli, "python -m extract")
