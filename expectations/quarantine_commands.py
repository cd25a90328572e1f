"""Command line of the quarantine: ``python -m expectations quarantine list|show|release|drop``."""

from __future__ import annotations

import getpass
import json
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.table import Table

from expectations import gate
from expectations.waiting import find_reasons, name_expectations, read_reasons
from warehouse import waivers
from warehouse.settings import Settings
from warehouse.terminal import SafeConsole, make_visible

if TYPE_CHECKING:
    from warehouse.waivers import Entry

LEAST_WIDTH = 120
REASON = click.option("--reason", required=True, help="Why; it is recorded with the decision.")
BY = click.option("--by", default=getpass.getuser, help="Who decides; by default the user of this machine.")


@click.group("quarantine", help="What gates have set aside: list it, look at it, release it or drop it.")
def quarantine() -> None:
    """Group of the commands."""


@quarantine.command("list", help="List what waits for a decision.")
@click.option("--all", "is_all", is_flag=True, help="Also what was decided on.")
@click.option("--table", "table_name", help="Only rows and loads of this table.")
def list_quarantine(*, is_all: bool, table_name: str | None) -> None:
    """List entries, newest first."""
    entries = [
        entry
        for entry in waivers.list_entries(Settings.from_environment().data)
        if (is_all or entry.status in ("open", "released")) and table_name in (None, entry.table_name)
    ]
    if not entries:
        click.echo("nothing waits in quarantine")
        return
    table = Table()
    for heading in ("id", "what", "status", "seen (UTC)", "times"):
        table.add_column(heading, max_width=20)
    # a name that is cut says nothing: long ones go on in the next line
    table.add_column("why", overflow="fold")
    for entry in entries:
        what = f"row {entry.key or '(no key)'}" if entry.kind == "row" else f"whole load, {entry.rows} rows"
        why = "\n".join(entry.why if entry.kind == "row" else name_expectations(entry.why) or entry.why)
        table.add_row(
            entry.entry_id,
            escape(f"{entry.table_name}\n{what}"),
            entry.status if entry.is_waivable or entry.status != "open" else "open, breaks the contract",
            f"{entry.seen_at:%Y-%m-%d %H:%M}",
            str(entry.times),
            escape(why[:200] + "…" if len(why) > 200 else why),
        )
    console = SafeConsole(width=max(SafeConsole().width, LEAST_WIDTH))
    console.print(table)
    console.print("python -m expectations quarantine show ID", highlight=False)


@quarantine.command("show", help="Show one row or load with everything that is known of it.")
@click.argument("entry_id")
def show(entry_id: str) -> None:
    """Show one entry."""
    data = Settings.from_environment().data
    entry = waivers.find_entry(data, entry_id)
    facts = {
        "id": entry.entry_id,
        "table": entry.table_name,
        "load": entry.load_id,
        "source": entry.source_id or "",
        "status": entry.status,
        "set aside": f"{entry.times} times, last {entry.seen_at:%Y-%m-%d %H:%M} UTC",
        "can be released": "yes" if entry.is_waivable else "no: it breaks the contract of the table",
        "decision": f"{entry.decided_by}: {entry.decision_reason}" if entry.decided_by else "",
        "report": data.storage.address(data.root / entry.report_path) if entry.report_path else "",
    }
    for name, value in facts.items():
        if value:
            click.echo(f"{name:16}{make_visible(value)}")
    for why in entry.why:
        click.echo(f"{'broke':16}{make_visible(why)}")
    labels = entry.why if entry.kind == "row" else name_expectations(entry.why)
    for reason in find_reasons(labels, read_reasons(data)):
        click.echo(f"{'which matters':16}{make_visible(reason)}")
    if entry.kind == "row":
        click.echo(make_visible(json.dumps(waivers.read_row(data, entry), indent=1, default=str, ensure_ascii=False)))
    else:
        folder = data.quarantine / entry.table_name / f"load={entry.load_id}"
        click.echo(f"{'files':16}{data.storage.address(folder)}")


@quarantine.command("release", help="Let a row pass in the next run; of a whole load, let the good rows pass now.")
@click.argument("entry_id")
@REASON
@BY
def release(entry_id: str, reason: str, by: str) -> None:
    """Release one entry."""
    settings = Settings.from_environment()
    entry = waivers.find_entry(settings.data, entry_id)
    if entry.kind == "row":
        waivers.decide(settings.data, entry, "released", by=by, why=reason)
        click.echo(f"released {entry.entry_id}: it comes back in the next run, past {'; '.join(entry.why)}")
        return
    waivers.restage_load(settings.data, entry, by=by, why=reason)
    receipt = gate.settle_load(settings, entry.table_name, entry.load_id)
    click.echo(f"{receipt.verdict} {receipt.subject}: {_tell_rest(entry, receipt.rows_set_aside, receipt.has_passed)}")
    for line in receipt.failures:
        click.echo(f"  critical {make_visible(line)}")


@quarantine.command("drop", help="Decide that a row or load never comes back; it is kept for the record.")
@click.argument("entry_id")
@REASON
@BY
def drop(entry_id: str, reason: str, by: str) -> None:
    """Drop one entry."""
    data = Settings.from_environment().data
    entry = waivers.find_entry(data, entry_id)
    waivers.decide(data, entry, "dropped", by=by, why=reason)
    click.echo(f"dropped {entry.entry_id}: it stays in quarantine for the record")


@quarantine.command("return", help="Bring released rows back now, as the next run would.")
@click.argument("table_name")
def bring_back(table_name: str) -> None:
    """Settle released rows."""
    settings = Settings.from_environment()
    loads = waivers.stage_released(settings.data, table_name)
    for load_id in loads:
        receipt = gate.settle_load(settings, table_name, load_id)
        click.echo(f"{receipt.verdict} {receipt.subject}")
    if not loads:
        click.echo(f"no released row of {table_name} waits")


def _tell_rest(entry: Entry, aside: int, has_passed: bool) -> str:
    if not has_passed:
        return "it is back in quarantine"
    return f"{entry.rows - aside} rows passed, {aside} are in quarantine one by one"
