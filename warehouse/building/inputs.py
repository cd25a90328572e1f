"""What a build is made from: the loads that the manifests name, the dbt project, the code, the history."""

from __future__ import annotations

import hashlib
import json
import subprocess
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from warehouse import history, releases
from warehouse.contracts import RAW_TABLES
from warehouse.manifests import Manifest, read_manifest, read_manifest_file
from warehouse.receipts import file_sha256
from warehouse.settings import DBT_PROJECT, PROJECT_ROOT

if TYPE_CHECKING:
    from warehouse.settings import DataDirectory


def describe_inputs(data: DataDirectory) -> dict[str, Any]:
    """Say what a build would be made from now: loads of each raw table, the dbt project, the code's version.

    The ``fingerprint`` in it is equal for two builds exactly when they'd hold the same marts; facts about runs
    (``ops``) are no input, so that a run which changes nothing leads to no new release.
    """
    return _describe(data, read_manifests(data))


def read_inputs(data: DataDirectory, release_id: str | None) -> tuple[dict[str, Manifest], dict[str, Any]]:
    """Return the manifests to build from, by raw table, and what they amount to: those of now, or of a kept release.

    Raises:
        ReleaseError: the release isn't kept.
    """
    if release_id is None:
        manifests = read_manifests(data)
        return manifests, _describe(data, manifests)
    release = releases.read_release(data, release_id)
    manifests = _read_pinned(data, release_id)
    return manifests, _describe(data, manifests) | {"history": release.inputs["history"], "rebuilt": release_id}


def read_manifests(data: DataDirectory) -> dict[str, Manifest]:
    """Return the current manifest of each raw table."""
    return {table.name: read_manifest(data, table) for table in RAW_TABLES}


def _read_pinned(data: DataDirectory, release_id: str) -> dict[str, Manifest]:
    """Return the manifests that a release pins; of a table that it didn't know yet, an empty one."""
    paths = {table: data.releases / release_id / f"{table.name}.manifest.json" for table in RAW_TABLES}
    data.storage.fetch(paths.values())
    return {
        table.name: read_manifest_file(path, table) if path.exists() else Manifest(table.name, 0, (), {})
        for table, path in paths.items()
    }


def _describe(data: DataDirectory, manifests: dict[str, Manifest]) -> dict[str, Any]:
    tables = {}
    for table in RAW_TABLES:
        manifest = manifests[table.name]
        tables[table.name] = {
            "sequence": manifest.sequence,
            "version": table.version,
            "rows": sum(entry.rows for entry in manifest.loads),
            "loads": {entry.load_id: entry.fingerprint for entry in manifest.loads if entry.files},
        }
    project = _project_fingerprint()
    loads = sorted(
        (table.name, entry.load_id, entry.fingerprint)
        for table in RAW_TABLES
        for entry in manifests[table.name].loads
        if entry.files  # a load without rows adds nothing to the marts
    )
    return {
        "fingerprint": hashlib.sha256(json.dumps([loads, project]).encode()).hexdigest(),
        "tables": tables,
        "history": history.newest_release(data),
        "dbt_project": project,
        "code_version": code_version(),
    }


def code_version() -> str:
    """Return the project's version, with the commit where there is one."""
    base = version("armsledger")
    try:
        commit = subprocess.run(
            ["git", "-C", str(PROJECT_ROOT), "rev-parse", "--short=12", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return base
    return f"{base}+g{commit}"


def _project_fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(DBT_PROJECT.rglob("*")):
        inside = path.relative_to(DBT_PROJECT)
        if path.is_file() and path.suffix in {".sql", ".yml", ".csv"} and inside.parts[0] not in ("target", "logs"):
            digest.update(f"{inside} {file_sha256(path)}\n".encode())
    return digest.hexdigest()
