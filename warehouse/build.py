"""Builds a candidate: a new DuckDB file that dbt fills from the lake. Nobody reads it before gate 3 has."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from warehouse import clock, history, lake, ops, releases
from warehouse.contracts import HISTORY_TABLES, OPS_TABLES, RAW_TABLES
from warehouse.database import create_parquet_view, quoted, write_database
from warehouse.disk import describe_full, full_disk_as, is_told_full
from warehouse.errors import BuildError, LakeError
from warehouse.files import write_json
from warehouse.manifests import Manifest, read_manifest, read_manifest_file
from warehouse.observing import runs
from warehouse.receipts import file_sha256
from warehouse.reference import read_seed
from warehouse.settings import DBT_PROJECT, PROJECT_ROOT
from warehouse.spark.inputs import SparkInput
from warehouse.spark.session import require_spark
from warehouse.spark.tables import import_tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import duckdb

    from warehouse.parquet import Part
    from warehouse.settings import DataDirectory, Settings

PUBLISHED_SCHEMAS = ("marts", "ops")
KEPT_CANDIDATES = 3
INPUTS_FILE = "inputs.json"
"""Says what a candidate was built from; written last, so that a candidate with it is whole."""
_KEPT_HERE = ("dbt/compiled/*", "dbt/run/*", "dbt/*.msgpack", "dbt/*.log")
"""What of a candidate helps only on the machine that built it."""

Engine = Literal["duckdb", "spark"]
"""What dbt runs its SQL on; the candidate is a DuckDB file either way."""


@dataclass(frozen=True)
class Candidate:
    """A built database that waits for gate 3.

    Attributes:
        build_id: build; sorts by time.
        folder: where its files lie.
        inputs: what it was built from, as `describe_inputs` gives it.
    """

    build_id: str
    folder: Path
    inputs: dict[str, Any]

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / "armsledger.duckdb"

    @property
    def docs(self) -> Path:
        """Dbt's documentation as one static page."""
        return self.folder / "dbt" / "static_index.html"

    def manifest(self, table_name: str) -> Path:
        """Return the manifest of a raw table that it was built from."""
        return self.folder / f"{table_name}.manifest.json"

    @property
    def subject(self) -> str:
        """Name of the candidate in a receipt."""
        return f"candidate/{self.build_id}"

    @property
    def fingerprint(self) -> str:
        """sha256 of the database file as it is now."""
        return file_sha256(self.database)


@dataclass(frozen=True)
class TestResult:
    """What dbt says about one test, or about one model that it couldn't build.

    Attributes:
        name: test or model.
        model: model that was tested.
        column: column that was tested, or None.
        severity: critical stops publishing, warning is reported.
        is_success: whether it held.
        failures: rows that broke it, or None where dbt doesn't count them.
        message: dbt's message, or None.
    """

    __test__ = False  # pytest would take it for a test class

    name: str
    model: str
    column: str | None
    severity: Literal["critical", "warning"]
    is_success: bool
    failures: int | None
    message: str | None


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
    if release_id is None:
        manifests = read_manifests(data)
        inputs = _describe(data, manifests)
    else:
        release = releases.read_release(data, release_id)
        manifests = _read_pinned(data, release_id)
        inputs = _describe(data, manifests) | {"history": release.inputs["history"], "rebuilt": release_id}
    build_id = f"{clock.compact(_next_moment(data))}-{inputs['fingerprint'][:8]}"
    candidate = Candidate(build_id, data.candidates / build_id, inputs)
    shutil.rmtree(candidate.folder, ignore_errors=True)
    try:
        with full_disk_as(BuildError, data.candidates):
            candidate.folder.mkdir(parents=True)
            _fill(settings, candidate, manifests, engine)
    except BaseException:
        # what is left of the database helps nobody, and its room may be needed; logs stay
        for left in candidate.folder.glob(f"{candidate.database.name}*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        raise
    data.storage.push(candidate.folder, last=INPUTS_FILE, skip=_KEPT_HERE)
    _drop_old_candidates(data)
    return candidate


def _next_moment(data: DataDirectory) -> datetime:
    """Return now, or the second after the newest candidate where the clock isn't past it: the newest must sort last."""
    named = (path.name.partition("-")[0] for path in data.candidates.glob("[1-9]*T*Z-*"))
    newest = max(named, default="")
    return clock.after(newest) if newest else clock.now()


def _fill(settings: Settings, candidate: Candidate, manifests: dict[str, Manifest], engine: Engine) -> None:
    """Make the database, let dbt fill it, and write down what it was made from and what came out."""
    began = time.monotonic()
    data, inputs = settings.data, candidate.inputs
    attach_lake(data, candidate, manifests)
    if engine == "spark":
        exit_code = _run_dbt_on_spark(settings, candidate, manifests)
    else:
        exit_code = _run_dbt(settings, candidate, "build")
    results = _collect_results(candidate)
    _refuse_full_disk(candidate, results)
    _send_lineage(settings, candidate)
    if exit_code not in (0, 1) or not results:
        raise BuildError(_last_words(candidate, "build"))
    if exit_code == 0 and _run_dbt(settings, candidate, "docs", "generate", "--static") != 0:
        raise BuildError(_last_words(candidate, "docs"))
    if exit_code == 0:
        _forget_places(candidate)
    _keep_published_schemas(candidate)
    write_json(candidate.folder / "dbt_results.json", [asdict(result) for result in results])
    for manifest in manifests.values():
        write_json(candidate.manifest(manifest.table), asdict(manifest))
    write_json(candidate.folder / INPUTS_FILE, inputs)
    ops.append(
        data,
        "loads",
        [
            {
                "load_id": candidate.build_id,
                "table_name": "candidate",
                "stage": "build",
                "outcome": "built" if exit_code == 0 else "failed",
                "rows_in": sum(manifest["rows"] for manifest in inputs["tables"].values()),
                "reason": None if exit_code == 0 else "; ".join(r.name for r in results if not r.is_success)[:2000],
                "seconds": time.monotonic() - began,
            }
        ],
    )


def describe_inputs(data: DataDirectory) -> dict[str, Any]:
    """Say what a build would be made from now: loads of each raw table, the dbt project, the code's version.

    The ``fingerprint`` in it is equal for two builds exactly when they'd hold the same marts; facts about runs
    (``ops``) are no input, so that a run which changes nothing leads to no new release.
    """
    return _describe(data, read_manifests(data))


def read_manifests(data: DataDirectory) -> dict[str, Manifest]:
    """Return the current manifest of each raw table."""
    return {table.name: read_manifest(data, table) for table in RAW_TABLES}


def _read_pinned(data: DataDirectory, release_id: str) -> dict[str, Manifest]:
    """Return the manifests that a release pins; of a table that it didn't know yet, an empty one."""
    paths = {table: data.releases / release_id / f"{table.name}.manifest.json" for table in RAW_TABLES}
    data.storage.fetch(paths.values())
    return {
        table.name: read_manifest_file(path, table) if path.exists() else Manifest(table.name, 0, (), {})
        for table, path in paths.items()
    }


def _describe(data: DataDirectory, manifests: dict[str, Manifest]) -> dict[str, Any]:
    tables = {}
    for table in RAW_TABLES:
        manifest = manifests[table.name]
        tables[table.name] = {
            "sequence": manifest.sequence,
            "version": table.version,
            "rows": sum(entry.rows for entry in manifest.loads),
            "loads": {entry.load_id: entry.fingerprint for entry in manifest.loads if entry.files},
        }
    project = _project_fingerprint()
    loads = sorted(
        (table.name, entry.load_id, entry.fingerprint)
        for table in RAW_TABLES
        for entry in manifests[table.name].loads
        if entry.files  # a load without rows adds nothing to the marts
    )
    return {
        "fingerprint": hashlib.sha256(json.dumps([loads, project]).encode()).hexdigest(),
        "tables": tables,
        "history": history.newest_release(data),
        "dbt_project": project,
        "code_version": code_version(),
    }


def code_version() -> str:
    """Return the project's version, with the commit where there is one."""
    base = version("armsledger")
    try:
        commit = subprocess.run(
            ["git", "-C", str(PROJECT_ROOT), "rev-parse", "--short=12", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return base
    return f"{base}+g{commit}"


def read_candidate(settings: Settings, build_id: str | None = None) -> Candidate:
    """Return a finished candidate.

    Args:
        settings: settings.
        build_id: build, or None for the newest.

    Raises:
        BuildError: there is none.
    """
    folder, storage = settings.data.candidates, settings.data.storage
    finished = [name.split("/")[0] for name in storage.names(folder, f"*/{INPUTS_FILE}")]
    told = storage.address(folder)
    if build_id is None:
        if not finished:
            raise BuildError(f"no candidate in {told}; run python -m warehouse build")
        build_id = finished[-1]
    elif build_id not in finished:
        raise BuildError(f"no candidate {build_id} in {told}; there are: {', '.join(finished) or 'none'}")
    # another machine may have built it, and its gate writes into it
    storage.pull(folder / build_id)
    inputs = json.loads((folder / build_id / INPUTS_FILE).read_text(encoding="utf-8"))
    return Candidate(build_id, folder / build_id, inputs)


def read_test_results(candidate: Candidate) -> list[TestResult]:
    """Return dbt's results for a candidate.

    Raises:
        BuildError: they are missing.
    """
    path = candidate.folder / "dbt_results.json"
    try:
        return [TestResult(**fields) for fields in json.loads(path.read_text(encoding="utf-8"))]
    except FileNotFoundError as error:
        raise BuildError(f"{path} is missing; run python -m warehouse build again") from error


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
    log = _dbt_log(candidate, "build").read_text(encoding="utf-8", errors="replace")
    if is_told_full(log) or any(is_told_full(result.message or "") for result in results):
        raise BuildError(describe_full(candidate.folder.parent))


def _run_dbt_on_spark(settings: Settings, candidate: Candidate, manifests: dict[str, Manifest]) -> int:
    """Let dbt build on Spark, and bring its tables into the candidate's database."""
    require_spark()
    inputs, tables = candidate.folder / "spark_inputs.json", candidate.folder / "spark_tables"
    files = list_files(settings.data, candidate, manifests)
    write_json(inputs, {name: [asdict(SparkInput.of(one)) for one in found] for (_, name), found in files.items()})
    runner = (sys.executable, "-m", "warehouse.spark.dbt", str(inputs), str(tables))
    exit_code = _run_dbt(settings, candidate, "build", runner=runner)
    manifest = candidate.folder / "dbt" / "manifest.json"
    if manifest.exists():
        with write_database(candidate.database) as connection:
            import_tables(connection, manifest, tables)
    shutil.rmtree(tables, ignore_errors=True)
    return exit_code


def _run_dbt(settings: Settings, candidate: Candidate, *arguments: str, runner: tuple[str, ...] | None = None) -> int:
    environment = {
        **os.environ,
        "ARMSLEDGER_CANDIDATE": str(candidate.database),
        "ARMSLEDGER_DBT_THREADS": str(settings.dbt_threads),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [
        *(runner or (str(Path(sys.executable).with_name("dbt")),)),
        "--no-use-colors",
        *arguments,
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
        "--target-path",
        str(candidate.folder / "dbt"),
        "--log-path",
        str(candidate.folder / "dbt"),
    ]
    with _dbt_log(candidate, arguments[0]).open("w", encoding="utf-8") as log:
        return subprocess.run(
            command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=candidate.folder, check=False
        ).returncode


def _forget_places(candidate: Candidate) -> None:
    """Take the folders of this machine out of dbt's page, which is published with the reports."""
    page = candidate.docs.read_text(encoding="utf-8")
    for folder in (candidate.folder, DBT_PROJECT, PROJECT_ROOT):
        page = page.replace(json.dumps(str(folder))[1:-1], ".")
    candidate.docs.write_text(page, encoding="utf-8")


def _send_lineage(settings: Settings, candidate: Candidate) -> None:
    """Send OpenLineage's events of the models, before another command of dbt writes over the results."""
    if runs.current():
        # OpenLineage takes a second to import
        from warehouse.observing.dbt_models import send_models  # noqa: PLC0415

        send_models(settings.data, candidate.folder / "dbt", candidate.database)


def _dbt_log(candidate: Candidate, command: str) -> Path:
    return candidate.folder / f"dbt_{command}.log"


def _last_words(candidate: Candidate, command: str) -> str:
    log = _dbt_log(candidate, command)
    tail = " / ".join(line.strip() for line in log.read_text(encoding="utf-8").splitlines()[-6:] if line.strip())
    return f"dbt {command} could not run: {tail} (whole log: {log})"


def _collect_results(candidate: Candidate) -> list[TestResult]:
    target = candidate.folder / "dbt"
    try:
        outcomes = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
        nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    known = {**nodes["nodes"], **nodes.get("unit_tests", {})}
    return [_as_result(outcome, known[outcome["unique_id"]]) for outcome in outcomes]


def _as_result(outcome: dict[str, Any], node: dict[str, Any]) -> TestResult:
    is_warning = outcome["status"] == "warn" or (node.get("config", {}).get("severity") or "").lower() == "warn"
    attached = node.get("attached_node") or node.get("model") or (node.get("depends_on", {}).get("nodes") or [None])[0]
    return TestResult(
        name=node["name"],
        model=attached.split(".")[-1] if attached and node["resource_type"] != "model" else node["name"],
        column=node.get("column_name"),
        severity="warning" if is_warning else "critical",
        is_success=outcome["status"] in ("pass", "success"),
        failures=outcome.get("failures"),
        message=outcome.get("message"),
    )


def _keep_published_schemas(candidate: Candidate) -> None:
    with write_database(candidate.database) as connection:
        history.export_changes(connection, candidate.folder)
        schemas = connection.execute(
            "select schema_name from duckdb_schemas() where not internal and database_name = current_database()"
        ).fetchall()
        for (schema,) in schemas:
            if schema not in (*PUBLISHED_SCHEMAS, "main"):
                connection.execute(f"drop schema {quoted(schema)} cascade")


def _project_fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(DBT_PROJECT.rglob("*")):
        inside = path.relative_to(DBT_PROJECT)
        if path.is_file() and path.suffix in {".sql", ".yml", ".csv"} and inside.parts[0] not in ("target", "logs"):
            digest.update(f"{inside} {file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _drop_old_candidates(data: DataDirectory) -> None:
    for folder in sorted(path for path in data.candidates.iterdir() if path.is_dir())[:-KEPT_CANDIDATES]:
        shutil.rmtree(folder)
    if data.storage.is_remote:
        for name in data.storage.names(data.candidates, f"*/{INPUTS_FILE}")[:-KEPT_CANDIDATES]:
            data.storage.remove_folder((data.candidates / name).parent, marker=INPUTS_FILE)
