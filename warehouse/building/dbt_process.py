"""Runs dbt on a candidate as a child process: in this one it would keep the database locked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.building.dbt_results import collect_freshness
from warehouse.database import write_database
from warehouse.errors import BuildError
from warehouse.files import write_json
from warehouse.settings import DBT_PROJECT, PROJECT_ROOT
from warehouse.spark.inputs import SparkInput
from warehouse.spark.session import require_spark
from warehouse.spark.tables import import_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.building.candidates import Candidate
    from warehouse.building.dbt_results import TestResult
    from warehouse.parquet import Part
    from warehouse.settings import Settings


def run_build(settings: Settings, candidate: Candidate) -> int:
    """Run ``dbt build`` on the candidate's database; return its exit code."""
    return _run(
        settings,
        candidate,
        "build",
        (str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build", *_folders(candidate)),
    )


def run_build_on_spark(
    settings: Settings, candidate: Candidate, files: Mapping[tuple[str, str], Sequence[Path | Part]]
) -> int:
    """Run ``dbt build`` on Spark, and bring its tables into the candidate's database; return dbt's exit code.

    Args:
        settings: settings.
        candidate: candidate.
        files: the files of every table that dbt reads, by schema and name.

    Raises:
        SparkError: Spark isn't installed.
    """
    require_spark()
    inputs, tables = candidate.folder / "spark_inputs.json", candidate.folder / "spark_tables"
    write_json(inputs, {name: [asdict(SparkInput.of(one)) for one in found] for (_, name), found in files.items()})
    runner = (sys.executable, "-m", "warehouse.spark.dbt", str(inputs), str(tables), "--no-use-colors")
    exit_code = _run(settings, candidate, "build", (*runner, "build", *_folders(candidate)))
    manifest = candidate.dbt / "manifest.json"
    if manifest.exists():
        with write_database(candidate.database) as connection:
            import_tables(connection, manifest, tables)
    shutil.rmtree(tables, ignore_errors=True)
    return exit_code


def run_closing(settings: Settings, candidate: Candidate) -> list[TestResult]:
    """Look which sources stand still, and write the catalogue's page; return what was found of the sources.

    Both run in one process, since each start of dbt takes seconds.

    Raises:
        BuildError: dbt couldn't run.
    """
    closing = (sys.executable, "-m", "warehouse.building.dbt_closing", *_folders(candidate))
    if _run(settings, candidate, "docs", closing) != 0:
        raise BuildError(last_words(candidate, "docs"))
    _forget_places(candidate)
    return collect_freshness(candidate)


def dbt_log(candidate: Candidate, command: str) -> Path:
    """Return the log of what dbt printed."""
    return candidate.folder / f"dbt_{command}.log"


def last_words(candidate: Candidate, command: str) -> str:
    """Return an error message with the end of dbt's log."""
    log = dbt_log(candidate, command)
    tail = " / ".join(line.strip() for line in log.read_text(encoding="utf-8").splitlines()[-6:] if line.strip())
    return f"dbt {command} could not run: {tail} (whole log: {log})"


def _folders(candidate: Candidate) -> tuple[str, ...]:
    return (
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(candidate.dbt), "--log-path", str(candidate.dbt)),
    )


def _run(settings: Settings, candidate: Candidate, command: str, arguments: tuple[str, ...]) -> int:
    environment = {
        **_find_parsed(candidate),
        **os.environ,
        # relative to the folder that it runs in: dbt reads its project anew whenever a value of the profile changes
        "ARMSLEDGER_CANDIDATE": candidate.database.name,
        "ARMSLEDGER_DBT_THREADS": str(settings.dbt_threads),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    with dbt_log(candidate, command).open("w", encoding="utf-8") as log:
        return subprocess.run(
            arguments, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=candidate.folder, check=False
        ).returncode


def _find_parsed(candidate: Candidate) -> dict[str, str]:
    """Return dbt's setting that leads to what the newest candidate knows of the project: it saves dbt seconds.

    What has changed since, dbt reads anew, and all of it where the file is damaged.
    """
    known = sorted(candidate.folder.parent.glob("*/dbt/partial_parse.msgpack"))
    return {"DBT_PARTIAL_PARSE_FILE_PATH": str(known[-1])} if known else {}


def _forget_places(candidate: Candidate) -> None:
    """Take the folders of this machine out of dbt's page, which is published with the reports."""
    page = candidate.docs.read_text(encoding="utf-8")
    for folder in (candidate.folder, DBT_PROJECT, PROJECT_ROOT):
        page = page.replace(json.dumps(str(folder))[1:-1], ".")
    candidate.docs.write_text(page, encoding="utf-8")
