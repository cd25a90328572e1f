"""The long fault tests: ``make soak``. Many small loads must not slow down or grow; a run killed anywhere must recover.

Prints each figure beside its target and ends with 1 if one is missed. ``loads`` and ``kills`` run one part only.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click
import structlog
from rich.console import Console

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "benchmarks"), str(HERE.parent / "integration")]

PARTS = ("loads", "kills")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--loads", default=1000, show_default=True, help="Small loads, one after the other.")
@click.option("--trace", type=click.Path(path_type=Path), help="File for what is measured after each load, as JSON.")
@click.option("--kills", default=20, show_default=True, help="Runs that are killed.")
@click.option("--seed", default=20261125, show_default=True, help="Of the moments of the kills.")
def main(parts: tuple[str, ...], loads: int, trace: Path | None, kills: int, seed: int) -> None:
    """Run PARTS of the soak, or all."""
    # Great Expectations would tell of each expectation, a thousand times
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.basicConfig(level=logging.ERROR)
    from run import build_table

    reports = []
    if not parts or "loads" in parts:
        from small_loads import measure_loads

        reports.append(measure_loads(loads, trace=trace))
    if not parts or "kills" in parts:
        from random_kills import measure_kills

        reports.append(measure_kills(kills, seed))
    console = Console(highlight=False)
    for report in reports:
        console.print(build_table(report))
    missed = [one.what for report in reports for one in report.measurements if one.is_reached is False]
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
