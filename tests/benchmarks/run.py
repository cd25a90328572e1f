"""Run the benchmarks and print them beside their targets: ``make bench``.

A benchmark is a module ``bench_<name>.py`` in this folder with a function ``run() -> Report``; a new one needs nothing
else.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from results import Measurement, Report

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # what tests and benchmarks share lies there
_MIN_WIDTH = 130  # columns that a table with its notes takes


def list_benchmarks() -> list[str]:
    """Return the names of all benchmarks, sorted."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(names: tuple[str, ...], as_json: bool) -> None:
    """Run the benchmarks NAMES, or all."""
    known = list_benchmarks()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise click.UsageError(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(known)}")
    reports = {name: importlib.import_module(f"bench_{name}").run() for name in names or known}
    if as_json:
        click.echo(json.dumps({name: asdict(report) for name, report in reports.items()}, indent=1))
        return
    console = Console(highlight=False)
    console = Console(highlight=False, width=max(console.width, _MIN_WIDTH))
    console.print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for report in reports.values():
        console.print(build_table(report))


def build_table(report: Report) -> Table:
    """Build the table of one report."""
    table = Table(title=report.title, title_justify="left")
    table.add_column("")
    for name in ("measured", "target"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", style="dim", overflow="fold")
    for one in report.measurements:
        bounds = ((">=", one.target), ("<=", one.limit))
        target = ", ".join(f"{sign} {bound:,g} {one.unit}" for sign, bound in bounds if bound is not None)
        table.add_row(one.what, tell(one), target, one.note)
    return table


def tell(one: Measurement) -> str:
    """A measured number with its unit, coloured by whether it reaches the target."""
    if one.value is None:
        return "not measured"
    number = f"{one.value:,.0f}" if one.value >= 100 else f"{one.value:,.2f}"
    words = f"{number} {one.unit}"
    if one.is_reached is None:
        return words
    return f"[{'green' if one.is_reached else 'red'}]{words}"


if __name__ == "__main__":
    main()
