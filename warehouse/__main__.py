"""Commands of the floor: ``python -m warehouse build|publish|releases|rollback|retire|diff|sql`` and more."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import click
from rich.table import Table

from warehouse import build as building
from warehouse import comparison, lake, releases, retirement
from warehouse.command_line import run
from warehouse.contracts import ARTICLES
from warehouse.contracts.render import write_files
from warehouse.errors import ArmsledgerError
from warehouse.maintenance import upkeep
from warehouse.maintenance.settings import Upkeep
from warehouse.prompt.shell import open_prompt
from warehouse.settings import PROJECT_ROOT, Settings
from warehouse.terminal import SafeConsole

_SHOWN_FIGURES = 40
"""Figures that `diff` prints; a screen holds as many."""


@click.group(help=__doc__)
def cli() -> None:
    """Group of the commands."""


@cli.command()
@click.option("--force", is_flag=True, help="Build even if nothing has changed since the published release.")
@click.option("--release", "release_id", help="Build from what this kept release was built from, to compare with it.")
@click.option(
    "--engine",
    type=click.Choice(get_args(building.Engine)),
    default="duckdb",
    help="What dbt runs on; spark is for a lake that is too large for one machine.",
)
def build(*, force: bool, release_id: str | None, engine: building.Engine) -> None:
    """Let dbt build a candidate from the lake; prints its id."""
    settings = Settings.from_environment()
    lake.initialise(settings.data)
    if release_id is not None:
        click.echo(building.build(settings, release_id=release_id, engine=engine).build_id)
        return
    inputs = building.describe_inputs(settings.data)
    if not force and releases.is_up_to_date(settings.data, inputs["fingerprint"]):
        click.echo("nothing has changed since the published release; use --force to build all the same", err=True)
        return
    click.echo(building.build(settings, engine=engine).build_id)


@cli.command()
@click.option("--build", "build_id", help="Candidate; the newest if left out.")
def publish(build_id: str | None) -> None:
    """Publish a candidate that gate 3 let pass; prints the release's id."""
    settings = Settings.from_environment()
    click.echo(releases.publish(settings, building.read_candidate(settings, build_id)).release_id)


@cli.command("releases")
def list_releases() -> None:
    """List the kept releases, newest first."""
    table = Table("release", "published at (UTC)", "code", "articles", "claims", "deals", "warnings", "current")
    table.columns[0].no_wrap = True  # other commands want it whole, on a narrow terminal too
    for release in releases.list_releases(Settings.from_environment().data):
        counts = release.row_counts
        table.add_row(
            release.release_id,
            release.published_at[:19].replace("T", " "),
            release.code_version,
            *(str(counts.get(f"marts.{name}", 0)) for name in ("dim_articles", "fct_transfer_claims", "fct_deals")),
            str(len(release.warnings)),
            "yes" if release.is_current else "",
        )
    SafeConsole().print(table)


@cli.command()
@click.argument("release_id")
def rollback(release_id: str) -> None:
    """Make the kept release RELEASE_ID the published one again."""
    release = releases.roll_back(Settings.from_environment().data, release_id)
    click.echo(f"{release.release_id} is the published release")
    click.echo(
        "the inputs of the release it replaces aren't built again; the next change of the lake brings a new release, "
        "so take a bad load out of the lake first: python -m warehouse retire TABLE LOAD --reason ...",
        err=True,
    )


@cli.command()
@click.argument("table")
@click.argument("load_id")
@click.option("--reason", required=True, help="Why; it is kept with the load and told in ops.loads.")
def retire(table: str, load_id: str, reason: str) -> None:
    """Take the promoted load LOAD_ID of the raw table TABLE out of the lake; its files stay in quarantine."""
    data = Settings.from_environment().data
    gone = retirement.retire(data, table, load_id, reason=reason)
    place = data.storage.address(gone.folder)
    if not gone.is_new:
        click.echo(f"{table} load {load_id} was retired before; its files are in {place}", err=True)
        return
    click.echo(f"{table} load {load_id} is retired: {gone.rows:,} rows; its files are in {place}")
    if table == ARTICLES.name:
        click.echo("claims read from it are made anew without it: run python -m extract events and gate 2", err=True)
    click.echo("no later build reads it; python -m warehouse build makes a candidate without it", err=True)


@cli.command()
@click.argument("before")
@click.argument("after")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all figures.")
def diff(before: str, after: str, *, as_json: bool) -> None:
    """Show what changed from release BEFORE to release AFTER: rows by table, figures by country and year."""
    found = comparison.compare(Settings.from_environment().data, before, after)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=1))
        return
    console = SafeConsole()
    if not found.tables:
        console.print(f"{before} and {after} hold the same rows")
        return
    console.print(_build_tables(found))
    if found.figures:
        console.print(_build_figures(found))
    if len(found.figures) > _SHOWN_FIGURES:
        console.print(f"… {len(found.figures) - _SHOWN_FIGURES:,} more figures; all with --json")


def _build_tables(found: comparison.Comparison) -> Table:
    table = Table("table", "before", "after", "added", "removed", "changed", "columns that changed")
    for change in found.tables:
        numbers = (change.before, change.after, change.added, change.removed, change.changed)
        columns = ", ".join(f"{name} {count:,}" for name, count in change.columns.items())
        table.add_row(change.table, *(_tell(number) for number in numbers), columns)
    return table


def _build_figures(found: comparison.Comparison) -> Table:
    table = Table("supplier", "recipient", "year", "category", "basis", "deals", "quantity", "USD m", "TIV")
    for figure in found.figures[:_SHOWN_FIGURES]:
        millions = [None if value is None else value / 1e6 for value in figure.value_usd]
        pairs = (figure.deals, figure.quantity, millions, figure.tiv)
        table.add_row(
            figure.supplier_code,
            figure.recipient_code,
            str(figure.year or "unknown"),
            figure.weapon_category,
            figure.basis,
            *(" → ".join(dict.fromkeys(_tell(value) for value in pair)) for pair in pairs),
        )
    return table


def _tell(number: float | None) -> str:
    return "–" if number is None else f"{number:,.6g}" if isinstance(number, float) else f"{number:,}"


@cli.command()
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Only list what would be done.")
def maintain(*, is_dry_run: bool) -> None:
    """Put small files of the lake together and remove what nobody needs any more; lists each.

    How long things stay is told by ARMSLEDGER_KEEP_<WHAT>_DAYS, see README.md of the folder warehouse/.
    """
    settings = Settings.from_environment()
    outcome = upkeep.maintain(settings.data, Upkeep.from_environment(), is_dry_run=is_dry_run)
    for line in upkeep.describe(settings.data, outcome):
        click.echo(line)
    if outcome.problems:
        raise ArmsledgerError("; ".join(outcome.problems))


@cli.command()
@click.option("--query", "-q", help="Run this query and end; without it a prompt opens.")
@click.option("--release", "release_id", help="A kept release; the published database if left out.")
def sql(query: str | None, release_id: str | None) -> None:
    r"""Query the published warehouse, read-only: history, completion, and ready queries (\queries)."""
    path = releases.database_of(Settings.from_environment().data, release_id)
    if not path.exists():
        raise ArmsledgerError(f"{path} doesn't exist yet; run `make run` to build and publish it")
    if query and not query.lstrip().startswith("\\"):
        duckdb = Path(sys.executable).with_name("duckdb")
        os.execv(duckdb, [str(duckdb), "-readonly", "-cmd", "set search_path = 'marts,ops'", str(path), "-c", query])
    open_prompt(path, query)


@cli.command()
@click.option("--force", is_flag=True, help="Build even if the site of this release is there already.")
def atlas(*, force: bool) -> None:
    """Write the atlas of the published release as a static site; prints its front page."""
    from warehouse.atlas.site import build_atlas  # noqa: PLC0415 - loads the chart library, which other commands don't need

    click.echo(build_atlas(Settings.from_environment(), force=force).root / "index.html")


@cli.command()
def contracts() -> None:
    """Write dbt's source definitions and doc blocks from the contracts."""
    for path in write_files():
        click.echo(f"wrote {path.relative_to(PROJECT_ROOT)}")


def main() -> None:
    """Run a command."""
    run(cli, "python -m warehouse")


if __name__ == "__main__":
    main()
