"""Runs dbt inside a Spark session, over the files that a build names: a child process, as dbt on DuckDB is one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.command_line import run as run_command
from warehouse.spark.inputs import SparkInput
from warehouse.spark.session import open_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def run(inputs: Path, tables: Path, arguments: list[str]) -> int:
    """Run a dbt command on the target ``spark``.

    The tables stay in ``tables``, as Parquet, ``<schema>.db/<table>/``.

    Args:
        inputs: JSON of source tables, each with its files as `SparkInput`.
        tables: folder for dbt's tables, which the workers see too.
        arguments: of dbt.

    Returns:
        Exit code as dbt's: 0 for success, 1 for models or tests that failed, 2 where dbt couldn't run.

    Raises:
        SparkError: Spark isn't there or can't start.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds to import

    with open_session("marts", folder=tables) as session:
        for name, files in json.loads(inputs.read_text(encoding="utf-8")).items():
            _read(session, [SparkInput(**file) for file in files]).createGlobalTempView(name)
        outcome = dbtRunner().invoke([*arguments, "--target", "spark"])
    if outcome.exception:
        return 2
    return 0 if outcome.success else 1


def _read(session: SparkSession, files: list[SparkInput]) -> DataFrame:
    """Read whole files at once, and then the parts; an older file lacks the columns that came later."""
    whole = [file.path for file in files if file.column is None]
    rows = session.read.option("mergeSchema", "true").parquet(*whole)
    for part in files:
        if part.column is not None:
            told = session.read.parquet(part.path)
            counted = told.where(told[part.column].isin(list(part.values)))
            rows = rows.unionByName(counted, allowMissingColumns=True)
    return rows


def main() -> None:
    """Run ``python -m warehouse.spark.dbt INPUTS TABLES DBT-ARGUMENTS…``."""
    import click  # noqa: PLC0415

    @click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
    @click.argument("inputs", type=click.Path(path_type=Path))
    @click.argument("tables", type=click.Path(path_type=Path))
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def command(inputs: Path, tables: Path, arguments: tuple[str, ...]) -> None:
        sys.exit(run(inputs, tables, list(arguments)))

    run_command(command, "python -m warehouse.spark.dbt")


if __name__ == "__main__":
    main()
