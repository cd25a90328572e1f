"""Builds a candidate: a new DuckDB file that dbt fills from the lake. Nobody reads it before gate 3 has.

What goes in, the candidate itself, and dbt are in `warehouse.building`; what others need of them is here, too.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from warehouse import history, lake, ops, releases
from warehouse.building.candidates import (
    INPUTS_FILE,
    Candidate,
    drop_database,
    drop_old_candidates,
    name_candidate,
    read_candidate,
)
from warehouse.building.dbt_process import dbt_log, last_words, run_build, run_build_on_spark, run_closing
from warehouse.building.dbt_results import TestResult, collect_results, read_test_results, write_results
from warehouse.building.inputs import describe_inputs, read_inputs, read_manifests
from warehouse.contracts import HISTORY_TABLES, OPS_TABLES, RAW_TABLES
from warehouse.database import create_parquet_view, quoted, write_database
from warehouse.disk import describe_full, full_disk_as, is_told_full
from warehouse.errors import BuildError, LakeError
from warehouse.files import write_json
from warehouse.observing import runs
from warehouse.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from warehouse.manifests import Manifest
    from warehouse.parquet import Part
    from warehouse.settings import DataDirectory, Settings

__all__ = [
    "Candidate",
    "Engine",
    "TestResult",
    "attach_lake",
    "build",
    "describe_inputs",
    "list_files",
    "read_candidate",
    "read_manifests",
    "read_test_results",
]

PUBLISHED_SCHEMAS = ("marts", "ops")
_KEPT_HERE = ("dbt/compiled/*", "dbt/run/*", "dbt/*.msgpack", "dbt/*.log")
"""What of a candidate helps only on the machine that built it."""

Engine = Literal["duckdb", "spark"]
"""What dbt runs its SQL on; the candidate is a DuckDB file either way."""


def build(settings: Settings, *, release_id: str | None = None, engine: Engine = "duckdb") -> Candidate:
    """Build a candidate from the current lake, or from what a kept release was built from.

    A failing dbt test or model doesn't stop the build: gate 3 sees it among the results and refuses. Builds of several
    processes follow one another.

    Args:
        settings: settings.
        release_id: build from the manifests and the history that this release pins, with the models as they are now:
            to compare with it. Publishing refuses such a candidate.
        engine: ``duckdb``, or ``spark`` for a lake that is too large for one machine.

    Raises:
        SparkError: Spark isn't installed.
        BuildError: dbt couldn't run at all, or the disk is full; the message names the log or the folder.
        LakeError: a Parquet file is missing, isn't what its gate saw, or is of an older contract; or a claim names a
            country that the reference list lacks.
        ReleaseError: the release isn't kept.
    """
    waiting = "another build is running; this one begins when it ends"
    with settings.data.storage.exclusive(settings.data.warehouse / ".build.lock", waiting=waiting):
        return _build(settings, release_id, engine)


def _build(settings: Settings, release_id: str | None, engine: Engine) -> Candidate:
    data = settings.data
    # the history must be whole: this candidate's keys and changes follow from it
    releases.finish_interrupted(data)
    manifests, inputs = read_inputs(data, release_id)
    candidate = name_candidate(data, inputs)
    shutil.rmtree(candidate.folder, ignore_errors=True)
    try:
        with full_disk_as(BuildError, data.candidates):
            candidate.folder.mkdir(parents=True)
            _fill(settings, candidate, manifests, engine)
    except BaseException:
        drop_database(candidate)
        raise
    data.storage.push(candidate.folder, last=INPUTS_FILE, skip=_KEPT_HERE)
    drop_old_candidates(data)
    return candidate


def _fill(settings: Settings, candidate: Candidate, manifests: dict[str, Manifest], engine: Engine) -> None:
    """Make the database, let dbt fill it, and write down what it was made from and what came out."""
    began = time.monotonic()
    data = settings.data
    attach_lake(data, candidate, manifests)
    if engine == "spark":
        exit_code = run_build_on_spark(settings, candidate, list_files(data, candidate, manifests))
    else:
        exit_code = run_build(settings, candidate)
    results = collect_results(candidate)
    _refuse_full_disk(candidate, results)
    _send_lineage(settings, candidate)
    if exit_code not in (0, 1) or not results:
        raise BuildError(last_words(candidate, "build"))
    if exit_code == 0:
        results += run_closing(settings, candidate)
    _keep_published_schemas(candidate)
    write_results(candidate, results)
    for manifest in manifests.values():
        write_json(candidate.manifest(manifest.table), asdict(manifest))
    write_json(candidate.folder / INPUTS_FILE, candidate.inputs)
    failed = "; ".join(result.name for result in results if not result.is_success)
    _tell(data, candidate, seconds=time.monotonic() - began, failed=failed if exit_code else None)


def attach_lake(data: DataDirectory, candidate: Candidate, manifests: dict[str, Manifest]) -> None:
    """Make the candidate's database: views on the files that the manifests name, and on facts and history.

    Raises:
        LakeError: a Parquet file is missing, or isn't what its gate saw.
    """
    for table in RAW_TABLES:
        lake.require_intact(data, manifests[table.name])
        lake.require_contract(data, manifests[table.name])
    with write_database(candidate.database) as connection:
        for (schema, name), files in list_files(data, candidate, manifests).items():
            connection.execute(f"create schema if not exists {schema}")
            create_parquet_view(connection, f"{schema}.{name}", files)
        _refuse_unlisted_countries(connection)


def list_files(
    data: DataDirectory, candidate: Candidate, manifests: dict[str, Manifest]
) -> dict[tuple[str, str], Sequence[Path | Part]]:
    """Return the Parquet files of every table that dbt reads, by schema and name."""
    until = candidate.inputs["history"]
    return {
        **{("raw", t.name): lake.current_files(data, t.name, manifest=manifests[t.name]) for t in RAW_TABLES},
        **{("raw_ops", t.name): ops.files(data, t.name) for t in OPS_TABLES},
        **{("raw_history", t.name): history.files(data, t.name, until=until) for t in HISTORY_TABLES},
    }


def _refuse_unlisted_countries(connection: duckdb.DuckDBPyConnection) -> None:
    """Stop at a code that no mart could show: it would drop its claims from every join."""
    known = read_seed("countries").select(["country_code"])
    connection.register("known_countries", known)
    found = connection.execute(
        "select code, load_id, count(*) from raw.transfer_claims, "
        "unnest([supplier_code, recipient_code]) as codes(code) where code is not null "
        "and code not in (select country_code from known_countries) group by all order by all"
    ).fetchall()
    connection.unregister("known_countries")
    if found:
        told = "; ".join(f"{code!r} in {count} claims of load {load}" for code, load, count in found[:5])
        raise LakeError(
            f"raw/transfer_claims: {told}{' …' if len(found) > 5 else ''}: no such country in "
            "dbt_project/seeds/countries.csv; add it there, or take the load out of the manifest and extract it again"
        )


def _refuse_full_disk(candidate: Candidate, results: list[TestResult]) -> None:
    log = dbt_log(candidate, "build").read_text(encoding="utf-8", errors="replace")
    if is_told_full(log) or any(is_told_full(result.message or "") for result in results):
        raise BuildError(describe_full(candidate.folder.parent))


def _send_lineage(settings: Settings, candidate: Candidate) -> None:
    """Send OpenLineage's events of the models, before another command of dbt writes over the results."""
    if runs.current():
        # OpenLineage takes a second to import
        from warehouse.observing.dbt_models import send_models  # noqa: PLC0415

        send_models(settings.data, candidate.dbt, candidate.database)


def _keep_published_schemas(candidate: Candidate) -> None:
    with write_database(candidate.database) as connection:
        history.export_changes(connection, candidate.folder)
        schemas = connection.execute(
            "select schema_name from duckdb_schemas() where not internal and database_name = current_database()"
        ).fetchall()
        for (schema,) in schemas:
            if schema not in (*PUBLISHED_SCHEMAS, "main"):
                connection.execute(f"drop schema {quoted(schema)} cascade")


def _tell(data: DataDirectory, candidate: Candidate, *, seconds: float, failed: str | None) -> None:
    """Append the fact that a candidate was built, or what of it failed."""
    fact = {
        "load_id": candidate.build_id,
        "table_name": "candidate",
        "stage": "build",
        "outcome": "built" if failed is None else "failed",
        "rows_in": sum(table["rows"] for table in candidate.inputs["tables"].values()),
        "reason": None if failed is None else failed[:2000],
        "seconds": seconds,
    }
    ops.append(data, "loads", [fact])
