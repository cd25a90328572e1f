"""A gate beside an installed Spark, whose import ends the process as done: the gate works as it does without it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ENDS_THE_PROCESS = "import sys; sys.exit(0)"
"""What pyspark 4.3.0 does under ``python -c`` where the requirements of its Connect client are missing."""

USE = """
import sys
import pyspark
before = pyspark
from expectations.suites import articles
from great_expectations.compatibility import pyspark
assert not pyspark.pyspark, "Great Expectations has no Spark"
assert sys.modules["pyspark"] is before
try:
    import pyspark.sql
except SystemExit:
    print("Spark is found as ever")
"""


def test_a_gate_neither_imports_an_installed_spark_nor_hides_it_from_others(tmp_path: Path) -> None:
    (tmp_path / "pyspark" / "sql").mkdir(parents=True)
    (tmp_path / "pyspark" / "__init__.py").touch()
    (tmp_path / "pyspark" / "sql" / "__init__.py").write_text(ENDS_THE_PROCESS, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-c", USE],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "Spark is found as ever\n", "")
