"""Commands about the sources of the registry, and the server of the samples."""

# commands import what they need: the extractor alone must start in a moment, without the fetcher's libraries
# ruff: noqa: PLC0415

from __future__ import annotations

import threading

import click

from warehouse.errors import ArmsledgerError
from warehouse.settings import Settings
from warehouse.terminal import SafeConsole


@click.group(invoke_without_command=True)
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


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8098, show_default=True, help="TCP port; 0 for a free one.")
def samples(host: str, port: int) -> None:
    """Serve the sample publishers until stopped."""
    from extract.sample.server import sample_hosts, serve_samples

    with serve_samples(port, host=host) as address:
        click.echo(f"serving {', '.join(sample_hosts())} at {address}; stop with Ctrl-C")
        click.echo(f'export ARMSLEDGER_HOST_OVERRIDES="*.example={address}"')
        threading.Event().wait()
