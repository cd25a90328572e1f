"""What the user sees of an embedded run: progress while it works, then transfers, verdicts, times and places."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from warehouse import database, ops, releases
from warehouse.shelf import DATABASE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from rich.console import Console

    from dags.embedded import EmbeddedRun
    from warehouse.settings import DataDirectory, Settings

SHOWN_TRANSFERS = 40
SHOWN_PROBLEMS = 15

_TRANSFERS = """
select
    suppliers.country_name as supplier,
    recipients.country_name as recipient,
    years.year_name as year,
    replace(string_agg(distinct weapon_category, ', ' order by weapon_category), '_', ' ') as weapons,
    sum(transfers.deal_count) filter (where transfers.basis = 'ordered') as deals_ordered,
    sum(transfers.quantity) filter (where transfers.basis = 'ordered') as units_ordered,
    sum(transfers.quantity) filter (where transfers.basis = 'delivered') as units_delivered,
    sum(transfers.value_usd) filter (where transfers.basis = 'ordered') / 1e6 as usd_m_ordered
from marts.fct_country_year_transfers as transfers
inner join marts.dim_countries as suppliers on transfers.supplier_country_key = suppliers.country_key
inner join marts.dim_countries as recipients on transfers.recipient_country_key = recipients.country_key
inner join marts.dim_years as years on transfers.transfer_year_key = years.year_key
where transfers.deal_count > 0
group by suppliers.country_name, recipients.country_name, years.year_name, years.year
order by years.year desc nulls last, usd_m_ordered desc nulls last, supplier, recipient
"""


class Stages:
    """Shows one line per stage with its running time, and remembers the times."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Show a stage while the block runs."""
        line = self._bar.add_task(name, total=1)
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = time.monotonic() - began
            self._bar.update(line, completed=1)


@contextlib.contextmanager
def progress(console: Console) -> Iterator[Stages]:
    """Show stages on the console while the block runs."""
    columns = (SpinnerColumn(finished_text="[green]✓"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        yield Stages(bar)


def print_run(console: Console, settings: Settings, run: EmbeddedRun) -> None:
    """Print what a run did: transfers, gates, problems, times, places.

    Args:
        console: terminal.
        settings: settings of the run.
        run: what ran.
    """
    data = settings.data
    published = releases.find_published(data)
    if published:
        _print_transfers(console, published)
    _print_gates(console, data, run.began)
    _print_problems(console, data, run.began)
    _print_times(console, run)
    _print_places(console, data, run.log)
    for outcome in run.outcomes:
        if not outcome.has_succeeded:
            tasks = sorted({task.task_id for task in outcome.tasks if task.state == "failed"})
            reason = "no source could be ingested: " if "announce_articles" in tasks else ""
            where = f"{reason}{outcome.dag_id} failed at {', '.join(tasks)}; the log is {run.log}"
            console.print(f"[red]error:[/red] {where}", soft_wrap=True)
    if not run.has_succeeded and published:
        console.print("The published warehouse is as it was before.")


def _print_transfers(console: Console, published: Path) -> None:
    rows = database.query(published, _TRANSFERS).to_pylist()
    table = Table(
        "supplier",
        "recipient",
        "year",
        "weapons",
        title="Arms transfers by supplier, recipient and year",
        box=box.SIMPLE_HEAD,
    )
    for heading in ("deals", "ordered", "delivered", "USD m"):
        table.add_column(heading, justify="right")
    for row in rows[:SHOWN_TRANSFERS]:
        table.add_row(
            escape(row["supplier"]),
            escape(row["recipient"]),
            str(row["year"]),
            row["weapons"],
            _number(row["deals_ordered"]),
            _number(row["units_ordered"]),
            _number(row["units_delivered"]),
            _number(row["usd_m_ordered"]),
        )
    console.print(table)
    if len(rows) > SHOWN_TRANSFERS:
        console.print(f'{len(rows) - SHOWN_TRANSFERS} more rows: make sql Q="from marts.fct_country_year_transfers"\n')


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"


def _print_gates(console: Console, data: DataDirectory, began: datetime) -> None:
    told = [row for row in ops.read(data, "validations", since=began).to_pylist() if row["occurred_at"] >= began]
    runs = [row for row in told if row["verdict"] != "empty"]
    table = Table("gate", "load", title="Gates", box=box.SIMPLE_HEAD)
    for heading in ("rows", "set aside", "checks", "warnings"):
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    colours = {"failed": "red", "rows_set_aside": "yellow"}
    for row in runs:
        verdict = row["verdict"].replace("_", " ")
        table.add_row(
            "marts" if row["table_name"] == "candidate" else row["table_name"],
            escape(row["load_id"]),
            str(row["rows_in"]),
            str(row["rows_quarantined"]),
            str(row["checks"]),
            str(row["warnings"]),
            f"[{colours.get(row['verdict'], 'green')}]{verdict}",
        )
    console.print(table if runs else "Gates: nothing new to validate\n")


def _print_problems(console: Console, data: DataDirectory, began: datetime) -> None:
    refusals = [row for row in ops.read(data, "refusals", since=began).to_pylist() if row["occurred_at"] >= began]
    unreachable = [
        row
        for row in ops.read(data, "loads", since=began).to_pylist()
        if row["occurred_at"] >= began and row["outcome"] in ("unreachable", "quarantined")
    ]
    broken = [
        row
        for row in ops.read(data, "validation_results", since=began).to_pylist()
        if row["occurred_at"] >= began and row["action"] in ("refused", "set_aside")
    ]
    for row in broken[:SHOWN_PROBLEMS]:
        count = "" if row["unexpected_count"] is None else f", {row['unexpected_count']} rows"
        told = f"{row['table_name']}: {row['expectation']}({row['column_name'] or ''}){count}"
        action = "[red]refused:[/red]" if row["action"] == "refused" else "[yellow]set aside:[/yellow]"
        console.print(f"{action} {escape(told)}", soft_wrap=True)
    if len(broken) > SHOWN_PROBLEMS:
        console.print(f"{len(broken) - SHOWN_PROBLEMS} more in the report\n")
    for row in _once(unreachable):
        name = escape(row["source_id"] or row["load_id"])
        console.print(f"[yellow]{row['outcome']}:[/yellow] {name}: {escape(row['reason'] or '')}", soft_wrap=True)
    if not refusals:
        return
    table = Table("source", "page", "reason", title="Left out on the way in", box=box.SIMPLE_HEAD)
    for row in refusals[:SHOWN_PROBLEMS]:
        table.add_row(escape(row["source_id"]), escape(row["url"]), escape(row["reason"]))
    console.print(table)
    if len(refusals) > SHOWN_PROBLEMS:
        console.print(f"{len(refusals) - SHOWN_PROBLEMS} more in ops.refusals\n")


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the last fact of each load: a task that was tried again tells the same."""
    return list({row["load_id"]: row for row in rows}.values())


def _print_times(console: Console, run: EmbeddedRun) -> None:
    table = Table("stage", "task", title="Time", box=box.SIMPLE_HEAD)
    table.add_column("seconds", justify="right")
    tasks = {outcome.dag_id: outcome.tasks for outcome in run.outcomes}
    for stage, duration in run.seconds.items():
        table.add_row(stage, "", f"{duration:.1f}")
        for task in tasks.get(stage, ()):
            name = task.task_id if task.map_index < 0 else f"{task.task_id} {task.map_index + 1}"
            state = "" if task.state == "success" else f" ({task.state})"
            table.add_row("", f"{name}{state}", f"{task.seconds:.1f}")
    table.add_row("all", "", f"{sum(run.seconds.values()):.1f}", style="bold")
    console.print(table)


def _print_places(console: Console, data: DataDirectory, log: Path) -> None:
    table = Table.grid(padding=(0, 2))
    current = releases.current_release_id(data)
    if current:
        # in a bucket each release is one file, and the newest has no second name
        path = data.releases / current / DATABASE_FILE if data.storage.is_remote else data.published
        table.add_row("warehouse", data.storage.address(path))
    table.add_row("reports", data.storage.address(data.reports / "index.html"))
    table.add_row("atlas", data.storage.address(data.reports / "atlas" / "index.html"))
    table.add_row("dbt docs", data.storage.address(data.reports / "dbt" / "index.html"))
    table.add_row("log", str(log))
    console.print(table, soft_wrap=True)
