"""Seeds as files, for the tests that check them as data: bytes and rows just as they are committed."""

from __future__ import annotations

import csv
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"

Row = dict[str, str]


def read_seed(name: str) -> list[Row]:
    """Return the rows of a seed, each cell as its text."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def check_form(name: str, header: str) -> None:
    """Check that a seed is UTF-8 without byte order mark, with line feeds, this header, and no blank line."""
    raw = (SEEDS / f"{name}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf"), f"{name}.csv starts with a byte order mark"
    assert b"\r" not in raw, f"{name}.csv has carriage returns"
    assert raw.endswith(b"\n"), f"{name}.csv doesn't end with a line feed"
    lines = raw.decode("utf-8").splitlines()
    assert lines[0] == header
    assert all(line.strip() for line in lines), f"{name}.csv has a blank line"
