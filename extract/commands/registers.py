"""The command that imports a trade register."""

# commands import what they need: the extractor alone must start in a moment, without the fetcher's libraries
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path

import click

from warehouse.contracts.register_deliveries import REGISTERS
from warehouse.settings import Settings
from warehouse.terminal import make_visible


@click.command()
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
