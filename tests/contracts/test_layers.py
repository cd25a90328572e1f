"""Who may import whom: import-linter's contracts of ``pyproject.toml``, run as a test, and shown to bite."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("dags", "expectations", "extract", "warehouse")


def lint(folder):
    """Run import-linter over the packages of one folder, whatever is installed elsewhere."""
    code = (
        "import sys; sys.path.insert(0, '.'); "
        "from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


def test_the_import_direction_holds():
    ended = lint(PROJECT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 broken" in ended.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("warehouse/clock.py", "import extract"),
        ("extract/errors.py", "import expectations"),
        ("expectations/findings.py", "import extract"),
        ("expectations/findings.py", "import dags"),
        ("extract/errors.py", "import duckdb"),
        ("extract/errors.py", "import airflow"),
        ("expectations/findings.py", "import httpx"),
        ("dags/stages.py", "import great_expectations"),
    ],
)
def test_an_import_against_the_direction_is_found(tmp_path, module, line):
    for name in PACKAGES:
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "sample"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a", encoding="utf-8") as handle:
        handle.write(f"\n{line}\n")
    ended = lint(tmp_path)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "1 broken" in ended.stdout
