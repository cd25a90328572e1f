"""A standalone Spark master with two workers on loopback, of the classes in Spark's own package."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORKERS = 2
_DEFAULTS = """
spark.driver.memory 1g
spark.executor.memory 768m
spark.sql.shuffle.partitions 2
"""


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes:
        master: its address.
        environment: variables for a process that uses it.
        log: the master's log.
    """

    master: str
    environment: dict[str, str]
    log: Path


def why_not() -> str | None:
    """Say what is missing for Spark, None where nothing is."""
    from warehouse.errors import SparkError
    from warehouse.spark.session import require_spark

    try:
        require_spark()
    except SparkError as error:
        return str(error)
    return None


@contextlib.contextmanager
def run_cluster(folder: Path) -> Iterator[Cluster]:
    """Run a master and its workers while the block runs.

    Args:
        folder: for logs, configuration and what workers write.
    """
    spec = find_spec("pyspark")
    assert spec
    assert spec.origin
    home = Path(spec.origin).parent
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "spark-defaults.conf").write_text(_DEFAULTS, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    master = f"spark://127.0.0.1:{port}"
    environment = {
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",  # the pages of master and workers are bound to it too
        "PYSPARK_PYTHON": sys.executable,
        "ARMSLEDGER_SPARK_MASTER": master,
    }
    deploy = "org.apache.spark.deploy"
    commands = {
        "master": [f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"],
        **{
            f"worker-{number}": [
                *(f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0"),
                *("--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work-{number}"), master),
            ]
            for number in range(_WORKERS)
        },
    }
    with contextlib.ExitStack() as stack:
        for name, arguments in commands.items():
            log = stack.enter_context((folder / f"{name}.log").open("w", encoding="utf-8"))
            process = subprocess.Popen(
                [str(home / "bin" / "spark-class"), *arguments],
                env={**os.environ, **environment, "SPARK_DAEMON_MEMORY": "256m"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            stack.callback(_end, process)
        cluster = Cluster(master, environment, folder / "master.log")
        _wait_for_workers(cluster)
        yield cluster


def count_executors(cluster: Cluster) -> int:
    """Return how many executors the master has launched on its workers so far."""
    return cluster.log.read_text(encoding="utf-8").count("Launching executor")


def _wait_for_workers(cluster: Cluster) -> None:
    deadline = time.monotonic() + 120
    while cluster.log.read_text(encoding="utf-8").count("Registering worker") < _WORKERS:
        assert time.monotonic() < deadline, cluster.log.read_text(encoding="utf-8")[-2000:]
        time.sleep(0.2)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(20)
        return
    process.kill()
    process.wait()
