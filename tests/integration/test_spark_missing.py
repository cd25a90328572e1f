"""Commands with ``--engine spark`` where Spark or Java is missing, or doesn't start: one line that says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from floor_samples import promote_articles
from spark_cluster import why_not

from warehouse import lake

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import DataDirectory

WITHOUT_SPARK = "import sys; sys.modules['pyspark'] = None\n"
"""Python's own way to let a package be missing, installed or not."""

COMMANDS = {
    "events": ("extract", "events", "--engine", "spark"),
    "warc": ("extract", "warc", "archives", "--engine", "spark"),
    "build": ("warehouse", "build", "--engine", "spark"),
}


def run(data: DataDirectory, command: str, *, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command over a lake with one load, in a folder with one archive."""
    promote_articles(data, "load-1")
    folder = data.root.parent
    (folder / "archives").mkdir(exist_ok=True)
    (folder / "archives" / "a.warc.gz").touch()
    package, *arguments = COMMANDS[command]
    script = (
        f"{before}import runpy, sys\nsys.argv[1:] = {arguments!r}\nrunpy.run_module({package!r}, run_name='__main__')"
    )
    known = {name: value for name, value in os.environ.items() if name not in ("JAVA_HOME", "ARMSLEDGER_SPARK_MASTER")}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={**known, "ARMSLEDGER_DATA": str(data.root), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def assert_told(done: subprocess.CompletedProcess[str], told: str) -> None:
    """Compare what a command says at its end; it says nothing of Python."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1] == f"error: {told}"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_spark_is_told_with_the_command_that_adds_it(data: DataDirectory, command: str) -> None:
    done = run(data, command, before=WITHOUT_SPARK)
    assert_told(
        done, "Spark isn't installed; run `make setup-spark`, or leave --engine out: one machine needs no Spark"
    )
    assert lake.list_staged(data, "transfer_claims") == lake.list_staged(data, "articles") == []
    assert list(data.candidates.glob("*/*.duckdb")) == []


def test_a_missing_java_is_told_with_the_package_that_brings_it(data: DataDirectory, tmp_path: Path) -> None:
    (tmp_path / "pyspark").mkdir()
    (tmp_path / "pyspark" / "__init__.py").touch()  # where the extra isn't installed, this is what is found of it
    done = run(data, "events", PATH=str(tmp_path), PYTHONPATH=str(tmp_path))
    assert_told(done, "Spark needs Java 17 or newer; on Debian: apt install default-jre-headless")


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_a_java_that_cannot_start_is_told(data: DataDirectory, tmp_path: Path) -> None:
    done = run(data, "events", JAVA_HOME=str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("error: Spark could not start: [JAVA_GATEWAY_EXITED]")
    assert "Traceback" not in done.stderr
