"""What the tests of a bucket share: candidates and releases made by hand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floor_samples import build_candidate

from warehouse import database, releases
from warehouse.settings import DataDirectory, Settings

if TYPE_CHECKING:
    from warehouse.build import Candidate


def settings_of(data: DataDirectory) -> Settings:
    """Return settings that point at a machine's data directory."""
    return Settings(data=data, sources=data.root / "sources.toml")


def keep_candidate(data: DataDirectory, build_id: str, **options: object) -> Candidate:
    """Make a candidate as a build leaves it, in the bucket, too."""
    candidate = build_candidate(data, build_id, **options)
    data.storage.push(candidate.folder, last="inputs.json")
    return candidate


def publish(data: DataDirectory, build_id: str, **options: object) -> str:
    candidate = keep_candidate(data, build_id, **options)
    return releases.publish(settings_of(data), candidate).release_id


def count_deals(data: DataDirectory, release_id: str | None = None) -> int:
    path = releases.database_of(data, release_id)
    return database.query(path, "select count(*) as n from marts.fct_deals")["n"][0].as_py()
