"""Every model and test of the dbt project is compiled for both engines, and each engine can read what comes out.

Each engine's own parser reads the SQL, and its own list says whether it knows the functions. What the SQL gives is
compared where marts are built on both (`tests/integration/test_spark_marts.py`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest
from spark_cluster import why_not

from warehouse.settings import DBT_PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    FindFaults = Callable[[str], list[str]]

needs_spark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

KINDS = {
    "candidate": {"model": 50, "test": 250, "analysis": 20},
    # analysts run the ready queries on the published file, which is DuckDB's
    "spark": {"model": 50, "test": 250},
}
"""Target -> what is compiled for it, and how many there are at least."""


def compile_for(target: str, folder: Path) -> subprocess.Popen[str]:
    """Begin to compile the project for a target, without a connection."""
    return subprocess.Popen(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "compile"),
            *("--target", target, "--no-introspect", "--no-populate-cache"),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(folder), "--log-path", str(folder)),
        ],
        env={**os.environ, "ARMSLEDGER_CANDIDATE": str(folder / "none.duckdb"), "DO_NOT_TRACK": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Give each target's SQL by the name of the model, test or analysis."""
    targets = ("candidate",) if why_not() else ("candidate", "spark")
    folders = {target: tmp_path_factory.mktemp(target) for target in targets}
    running = {target: compile_for(target, folder) for target, folder in folders.items()}
    for process in running.values():
        told, _ = process.communicate()
        assert process.returncode == 0, told[-3000:]
    return {target: read_compiled(target, folder) for target, folder in folders.items()}


def read_compiled(target: str, folder: Path) -> dict[str, str]:
    """Return the SQL that dbt wrote for a target; none of the kinds may be missing."""
    nodes = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    found = {}
    for kind, fewest in KINDS[target].items():
        some = {node["name"]: node.get("compiled_code") for node in nodes if node["resource_type"] == kind}
        assert len(some) >= fewest, kind
        assert [name for name, sql in some.items() if not sql] == []
        found |= some
    return found


@pytest.fixture(scope="module")
def duckdb_faults() -> Iterator[FindFaults]:
    """Give what lists the faults that DuckDB finds in a query: it can't read it, or lacks a function."""
    with duckdb.connect() as connection:
        known = {name for (name,) in connection.execute("select function_name from duckdb_functions()").fetchall()}

        def find(sql: str) -> list[str]:
            (read,) = connection.execute("select json_serialize_sql(?)", [sql]).fetchone()
            outcome = json.loads(read)
            if outcome["error"]:
                return [outcome["error_message"]]
            return sorted(set(re.findall(r'"function_name":"(\w+)"', read)) - known)

        yield find


@pytest.fixture(scope="module")
def spark_faults() -> Iterator[FindFaults]:
    """Give what lists the faults that Spark finds in a query, by its parser alone: no session, no table."""
    from py4j.protocol import Py4JJavaError
    from pyspark.java_gateway import launch_gateway

    gateway = launch_gateway()
    catalyst = gateway.jvm.org.apache.spark.sql.catalyst
    parser, functions = catalyst.parser.CatalystSqlParser(), catalyst.analysis.FunctionRegistry.builtin()

    def find(sql: str) -> list[str]:
        try:
            plan = parser.parsePlan(sql).toJSON()
        except Py4JJavaError as error:
            return [str(error.java_exception.getMessage())]
        called = set(re.findall(r'UnresolvedFunction","num-children":\d+,"nameParts":"\[(\w+)\]"', plan))
        return sorted(name for name in called if not functions.functionExists(catalyst.FunctionIdentifier(name)))

    yield find
    gateway.shutdown()
    with contextlib.suppress(BrokenPipeError):
        gateway.proc.stdin.close()  # Spark's process ends with its input
    gateway.proc.wait()


def test_duckdb_reads_every_model_test_and_ready_query(
    compiled: dict[str, dict[str, str]], duckdb_faults: FindFaults
) -> None:
    faults = {name: duckdb_faults(sql) for name, sql in compiled["candidate"].items()}
    assert {name: found for name, found in faults.items() if found} == {}


def test_a_fault_on_duckdb_is_found(duckdb_faults: FindFaults) -> None:
    assert duckdb_faults("select zip_with(a, b, (x, y) -> x = y) from c") == ["zip_with"]
    assert duckdb_faults("select a from b lateral view explode(c) d as e") != []


@needs_spark
def test_spark_reads_every_model_and_test(compiled: dict[str, dict[str, str]], spark_faults: FindFaults) -> None:
    assert compiled["spark"].keys() < compiled["candidate"].keys()
    faults = {name: spark_faults(sql) for name, sql in compiled["spark"].items()}
    assert {name: found for name, found in faults.items() if found} == {}


@needs_spark
def test_a_fault_on_spark_is_found(spark_faults: FindFaults) -> None:
    assert spark_faults("select list_slice(a, 1, 2), size(a) from b") == ["list_slice"]
    assert spark_faults("select list_filter(a, lambda x: x > 1) from b") != []


@needs_spark
def test_a_macro_with_two_forms_gives_each_engine_its_own(compiled: dict[str, dict[str, str]]) -> None:
    forms = {
        target: set(re.findall(r"\b(list_zip|zip_with|regexp_matches|rlike)\b", "\n".join(sql.values())))
        for target, sql in compiled.items()
    }
    assert forms == {"candidate": {"list_zip", "regexp_matches"}, "spark": {"zip_with", "rlike"}}
