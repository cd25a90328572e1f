"""An environment of its own that holds DuckDB 1.4, which analysts' tools still carry."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

LOCK = Path(__file__).with_name("duckdb-1.4.lock")
UV = Path(sys.executable).with_name("uv")
# how uv words a registry that can't be reached, against a lock that can't be met
UNREACHABLE = ("error sending request", "dns error", "tcp connect error", "operation timed out", "network unreachable")


def make_old_python(cache: pytest.Cache) -> Path:
    """Return the Python of that environment, made once per lock; skips where no registry can be reached."""
    name = f"duckdb-1.4-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}-{sys.version_info.minor}"
    folder = Path(cache.mkdir(name))
    python = folder / "environment" / "bin" / "python"
    finished = folder / "finished"
    if not finished.exists():
        _run_uv("venv", "--clear", "--python", sys.executable, str(folder / "environment"))
        _run_uv("pip", "install", "--python", str(python), "--require-hashes", "-r", str(LOCK))
        finished.touch()
    return python


def _run_uv(*arguments: str) -> None:
    ended = subprocess.run([str(UV), *arguments], capture_output=True, text=True, check=False, timeout=300)
    if ended.returncode and any(words in ended.stderr.lower() for words in UNREACHABLE):
        pytest.skip("the package registry can't be reached, so DuckDB 1.4 can't be installed")
    assert ended.returncode == 0, ended.stderr
