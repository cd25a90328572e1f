"""Candidates: built databases that wait for gate 3, each in a folder of its own."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse import clock
from warehouse.errors import BuildError
from warehouse.receipts import file_sha256

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from warehouse.settings import DataDirectory, Settings

KEPT_CANDIDATES = 3
INPUTS_FILE = "inputs.json"
"""Says what a candidate was built from; written last, so that a candidate with it is whole."""


@dataclass(frozen=True)
class Candidate:
    """A built database that waits for gate 3.

    Attributes:
        build_id: build; sorts by time.
        folder: where its files lie.
        inputs: what it was built from, as `describe_inputs` gives it.
    """

    build_id: str
    folder: Path
    inputs: dict[str, Any]

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / "armsledger.duckdb"

    @property
    def dbt(self) -> Path:
        """Folder of dbt's artefacts."""
        return self.folder / "dbt"

    @property
    def docs(self) -> Path:
        """Dbt's documentation as one static page."""
        return self.dbt / "static_index.html"

    def manifest(self, table_name: str) -> Path:
        """Return the manifest of a raw table that it was built from."""
        return self.folder / f"{table_name}.manifest.json"

    @property
    def subject(self) -> str:
        """Name of the candidate in a receipt."""
        return f"candidate/{self.build_id}"

    @property
    def fingerprint(self) -> str:
        """sha256 of the database file as it is now."""
        return file_sha256(self.database)


def name_candidate(data: DataDirectory, inputs: dict[str, Any]) -> Candidate:
    """Return the candidate that these inputs are about to become, with an id that sorts after all others."""
    build_id = f"{clock.compact(_next_moment(data))}-{inputs['fingerprint'][:8]}"
    return Candidate(build_id, data.candidates / build_id, inputs)


def _next_moment(data: DataDirectory) -> datetime:
    """Return now, or the second after the newest candidate where the clock isn't past it: the newest must sort last."""
    named = (path.name.partition("-")[0] for path in data.candidates.glob("[1-9]*T*Z-*"))
    newest = max(named, default="")
    return clock.after(newest) if newest else clock.now()


def read_candidate(settings: Settings, build_id: str | None = None) -> Candidate:
    """Return a finished candidate.

    Args:
        settings: settings.
        build_id: build, or None for the newest.

    Raises:
        BuildError: there is none.
    """
    folder, storage = settings.data.candidates, settings.data.storage
    finished = [name.split("/")[0] for name in storage.names(folder, f"*/{INPUTS_FILE}")]
    told = storage.address(folder)
    if build_id is None:
        if not finished:
            raise BuildError(f"no candidate in {told}; run python -m warehouse build")
        build_id = finished[-1]
    elif build_id not in finished:
        raise BuildError(f"no candidate {build_id} in {told}; there are: {', '.join(finished) or 'none'}")
    # another machine may have built it, and its gate writes into it
    storage.pull(folder / build_id)
    inputs = json.loads((folder / build_id / INPUTS_FILE).read_text(encoding="utf-8"))
    return Candidate(build_id, folder / build_id, inputs)


def drop_database(candidate: Candidate) -> None:
    """Remove what a failed build left of the database: it helps nobody, and its room may be needed. Logs stay."""
    for left in candidate.folder.glob(f"{candidate.database.name}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def drop_old_candidates(data: DataDirectory) -> None:
    """Remove all but the newest candidates."""
    for folder in sorted(path for path in data.candidates.iterdir() if path.is_dir())[:-KEPT_CANDIDATES]:
        shutil.rmtree(folder)
    if data.storage.is_remote:
        for name in data.storage.names(data.candidates, f"*/{INPUTS_FILE}")[:-KEPT_CANDIDATES]:
            data.storage.remove_folder((data.candidates / name).parent, marker=INPUTS_FILE)
