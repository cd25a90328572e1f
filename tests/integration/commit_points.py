"""The commit points of ARCHITECTURE.md as patterns of names, and a trace of every change of a name.

A process can be killed anywhere, but a reader sees a difference only when a file or folder gets or loses a name that
doesn't begin with a dot. So the list is complete if each such change of a run is one of its points, or one that no
reader can tell. The others stand here, too, each with its reason.
"""

from __future__ import annotations

import fnmatch
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COMMIT_POINTS = {
    "a load in staging": ("staging/*/load=*",),
    "setting rows aside": ("staging/*/load=*/_load.json",),
    "promotion": ("raw/*/manifest.json",),
    "quarantine": ("quarantine/*/load=*",),
    "a fact": ("ops/*/[1-9]*.parquet",),
    "a candidate": ("warehouse/candidates/*/inputs.json",),
    "a verdict of gate 3": ("warehouse/candidates/*/receipt.json",),
    "publishing, rolling back": ("warehouse/armsledger.duckdb",),
    "completing a release": ("warehouse/releases/*", "history/*/[1-9]*.parquet"),
    "compaction": ("raw/*/manifest.json", "ops/*/merged.json", "history/*/merged.json"),
}
"""Row in ARCHITECTURE.md -> what gets its name then, relative to the data directory."""

BESIDE = {
    "raw/*/v*/empty.parquet": "no rows, and the same each time",
    "ops/*/0-empty.parquet": "no rows, and the same each time",
    "history/*/0-empty.parquet": "no rows, and the same each time",
    "raw/*/v*/load=*/*.parquet": "read where the manifest names it",
    "raw/*/v*/bundle-*.parquet": "read where the manifest names it",
    "ops/*/merged-*.parquet": "read where merged.json names it",
    "history/*/merged-*.parquet": "read where merged.json names it",
    "staging/*/load=*/*.parquet": "read where _load.json names it",
    "staging/*/load=*/receipt.json": "read in quarantine, where it comes with the load's folder",
    "quarantine/*/rows/*.parquet": "read where a fact names it, and the same when it is written again",
    "archive/*/load=*/*": "read where the load is made again, and written before its manifest",
    "warehouse/candidates/*/**": "read once inputs.json is there",
    "warehouse/seeds_receipt.json": "whoever doesn't find it checks the seeds",
    "reports/**": "pages for people, each of them whole; what they show is in ops",
    "logs/maintenance-*.json": "a list for people",
}
"""Other names that come and go -> why no reader can tell."""

IN_PLACE = {
    "warehouse/candidates/*/**": "read once inputs.json is there",
    "logs/*.jsonl": "grows by whole lines",
}
"""Files that have their name before they are whole -> why no reader is misled."""


@dataclass(frozen=True)
class Point:
    """A commit point, as one stage of `stage_runs` passes it.

    Attributes:
        name: its row in ARCHITECTURE.md.
        stage: stage.
        pattern: what gets its name then.
    """

    name: str
    stage: str
    pattern: str


POINTS = (
    Point("a load in staging", "ingest", "staging/articles/load=second_day-*"),
    Point("setting rows aside", "ingest", "staging/articles/load=second_day-*/_load.json"),
    Point("promotion", "ingest", "raw/articles/manifest.json"),
    Point("a fact", "ingest", "ops/loads/*-promoted-articles-second_day-*.parquet"),
    Point("a load in staging", "claims", "staging/transfer_claims/load=*"),
    Point("promotion", "claims", "raw/transfer_claims/manifest.json"),
    Point("a fact", "claims", "ops/loads/*-promoted-transfer_claims-*.parquet"),
    Point("a candidate", "build", "warehouse/candidates/*/inputs.json"),
    Point("a verdict of gate 3", "gate", "warehouse/candidates/*/receipt.json"),
    Point("publishing, rolling back", "publish", "warehouse/armsledger.duckdb"),
    Point("completing a release", "publish", "warehouse/releases/[1-9]*"),
    Point("completing a release", "publish", "history/published_claims/[1-9]*.parquet"),
    Point("a fact", "publish", "ops/releases/*-published-*.parquet"),
    Point("quarantine", "refuse", "quarantine/articles/load=*"),
    Point("compaction", "maintain", "raw/articles/manifest.json"),
    Point("compaction", "maintain", "ops/loads/merged.json"),
    Point("publishing, rolling back", "roll_back", "warehouse/armsledger.duckdb"),
)
"""Where runs are killed: in the order of a run, then what comes more rarely."""


def is_like(name: str, pattern: str) -> bool:
    """Whether a path is like a pattern, part by part; ``**`` at the end stands for any parts.

    >>> is_like("raw/articles/manifest.json", "raw/*/manifest.json"), is_like("raw/a/b/manifest.json", "raw/*")
    (True, False)
    """
    parts, wanted = name.split("/"), pattern.split("/")
    if wanted[-1] == "**":
        wanted.pop()
        parts = parts[: len(wanted)]
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def is_commit_point(name: str) -> bool:
    """Whether a change of this path is one of a commit point."""
    return any(is_like(name, pattern) for patterns in COMMIT_POINTS.values() for pattern in patterns)


def is_listed(name: str, listed: Iterable[str]) -> bool:
    """Whether a path is like one of the patterns."""
    return any(is_like(name, pattern) for pattern in listed)


def with_parents(name: str) -> set[str]:
    """Return a path and those of the folders that it lies in."""
    parts = name.split("/")
    return {"/".join(parts[:count]) for count in range(1, len(parts) + 1)}


def rows_of_architecture() -> set[str]:
    """Return the first column of the table of commit points."""
    text = (PROJECT_ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("## Commit points")[2].partition("\nIn a bucket")[0]
    return set(re.findall(r"^\| ([^|]+?) \|", table, flags=re.MULTILINE)) - {"what", "---"}


def trace_names(root: Path, told: Path) -> None:
    """Tell every name below a folder that this process gives or takes from now on, one line each.

    The interpreter itself tells of them (``sys.addaudithook``), so it doesn't matter which module makes the change.
    """

    def tell(change: str, path: Any) -> None:
        name = os.path.relpath(os.fspath(path), root)
        if not is_aside(name):
            with told.open("a", encoding="utf-8") as lines:
                lines.write(f"{change} {name}\n")

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.rename":
            tell("-", arguments[0])
            tell("+", arguments[1])
        elif event == "os.link":
            tell("+", arguments[1])
        # what is removed with its folder is named from within that
        elif event == "shutil.rmtree" or (event in ("os.remove", "os.rmdir") and arguments[1] == -1):
            tell("-", arguments[0])

    sys.addaudithook(hear)


def is_aside(name: str) -> bool:
    """Whether a path lies where no reader looks."""
    return any(part.startswith(".") for part in name.split("/"))


@dataclass(frozen=True)
class Trace:
    """Names that a run gave and took.

    Attributes:
        given: paths of files and folders, relative to the data directory.
        taken: the same.
    """

    given: frozenset[str]
    taken: frozenset[str]

    @classmethod
    def read(cls, told: Path) -> Trace:
        """Read what `trace_names` told."""
        lines = told.read_text(encoding="utf-8").splitlines()
        given, taken = (frozenset(line[2:] for line in lines if line[0] == sign) for sign in "+-")
        return cls(given, taken)
