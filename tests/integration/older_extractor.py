"""An older version of the extractor: the project's own code with three rules as they might once have been."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class OlderExtractor:
    """A copy of the project in a folder of its own; its version follows from its code, as the project's does."""

    root: Path

    def run(self, data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run its command line on a data directory."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith("ARMSLEDGER")}
        return subprocess.run(
            [sys.executable, "-m", "extract", *arguments],
            cwd=self.root,
            env={**plain, "ARMSLEDGER_DATA": str(data), "PYTHONPATH": str(self.root), **environment},
            capture_output=True,
            text=True,
            check=False,
        )


def make_older_extractor(root: Path) -> OlderExtractor:
    """Copy the extractor; let it take a dozen for ten, lack a name of one country, and have one too many of another."""
    for package in ("extract", "warehouse"):
        shutil.copytree(PROJECT / package, root / package, ignore=shutil.ignore_patterns("atlas", "__pycache__"))
    seeds = root / "dbt_project" / "seeds"
    shutil.copytree(PROJECT / "dbt_project" / "seeds", seeds)
    _change(seeds / "country_aliases.csv", "\n10 Downing", "\nRuritania,AUT,name,false,,\n10 Downing")
    _change(root / "extract" / "claims" / "counts.py", "size = 12 if", "size = 10 if")
    aliases = (seeds / "country_aliases.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in aliases if not line.startswith("Holland,")]
    assert len(kept) == len(aliases) - 1
    (seeds / "country_aliases.csv").write_text("".join(kept), encoding="utf-8")
    return OlderExtractor(root)


def _change(path: Path, known: str, other: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert known in text, f"{path.name} has changed; choose another rule"
    path.write_text(text.replace(known, other, 1), encoding="utf-8")
