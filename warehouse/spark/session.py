"""A Spark session: on the master that the environment names, else on the cores of this machine."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
import warnings
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from warehouse.errors import SparkError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

MASTER = "ARMSLEDGER_SPARK_MASTER"
_INSTALL = "run `make setup-spark`, or leave --engine out: one machine needs no Spark"
_LOOPBACK = ("127.0.0.1", "localhost")


@contextlib.contextmanager
def open_session(name: str, *, folder: Path | None = None) -> Iterator[SparkSession]:
    """Open a Spark session and stop it at the end.

    The master is that of ``ARMSLEDGER_SPARK_MASTER``, else that of Spark's own configuration where ``SPARK_CONF_DIR``
    names one, else all cores of this machine. What Spark's configuration says of the rest holds; workers need this
    project's packages and see the data directory under the same path.

    Args:
        name: what the application is called on the cluster.
        folder: where tables are kept while the session lives, on a disk or store that the workers share.

    Raises:
        SparkError: Spark or Java is missing, or the master can't be reached.
    """
    with warnings.catch_warnings():
        # said of pandas 3, which no call here touches
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
        session = _open(name, folder)
        try:
            yield session
        finally:
            session.stop()


def require_spark() -> None:
    """Refuse where Spark or Java is missing.

    Raises:
        SparkError: the message tells what to install.
    """
    if not importlib.util.find_spec("pyspark"):
        raise SparkError(f"Spark isn't installed; {_INSTALL}")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise SparkError("Spark needs Java 17 or newer; on Debian: apt install default-jre-headless")


def _open(name: str, folder: Path | None) -> SparkSession:
    require_spark()
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    # workers run the Python of the same environment, unless the cluster's says otherwise
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(f"armsledger {name}")
    for key, value in choose_options(os.environ, folder=folder).items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # Java's errors have a class of their own, those of the start others
        raise SparkError(f"Spark could not start: {_first_line(error)}; {MASTER} names the master") from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def choose_options(environment: os._Environ[str] | dict[str, str], *, folder: Path | None) -> dict[str, str]:
    """Return the session's options; what stands in Spark's own configuration is left out.

    Args:
        environment: variables of the process.
        folder: where tables are kept while the session lives.

    Returns:
        Options by name.

    >>> choose_options({"ARMSLEDGER_SPARK_MASTER": "spark://10.0.0.5:7077"}, folder=None)["spark.master"]
    'spark://10.0.0.5:7077'
    """
    options = {
        # times are UTC everywhere in the project; tables live as long as the session
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.showConsoleProgress": "false",
    }
    if folder:
        options["spark.sql.warehouse.dir"] = str(folder)
    master = environment.get(MASTER)
    if not master and not environment.get("SPARK_CONF_DIR"):
        master = "local[*]"
    if master:
        options["spark.master"] = master
    if master and (master.startswith("local") or urlsplit(master).hostname in _LOOPBACK):
        # nothing that runs on one machine listens beyond it
        options |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
        }
    if master and master.startswith("local"):
        # the default of 200 parts is for a cluster
        options["spark.sql.shuffle.partitions"] = str(2 * (os.cpu_count() or 1))
    return options


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
