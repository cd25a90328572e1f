"""Builds the atlas of a release: aside in full, then put in place of the last one; nothing is built twice."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from warehouse import database, releases
from warehouse.atlas import pages, sql
from warehouse.atlas.assets import write_assets
from warehouse.atlas.frame import SECTIONS, SQL, Frame
from warehouse.errors import ReleaseError
from warehouse.files import exclusive, write_json
from warehouse.shelf import DATABASE_FILE

if TYPE_CHECKING:
    import duckdb

    from warehouse.settings import DataDirectory, Settings

FOLDER = "atlas"
"""Folder of the site in the reports."""
STATE_FILE = "site.json"
PACKAGE = Path(__file__).parent


class PageWriter(Protocol):
    """Writes one kind of page."""

    def __call__(self, connection: duckdb.DuckDBPyConnection, frame: Frame) -> None:
        """Write the pages of one kind from the published database."""


WRITERS: tuple[PageWriter, ...] = (pages.write_pages, sql.write_pages)
"""The kinds of pages. Each gets the one connection, and reads what all its pages need in a few queries."""


@dataclass(frozen=True)
class Site:
    """A finished site.

    Attributes:
        root: its folder; ``index.html`` is the front page.
        release_id: release that it is about.
        is_new: whether it was built now, or was there already.
    """

    root: Path
    release_id: str
    is_new: bool


def build_atlas(settings: Settings, *, force: bool = False) -> Site:
    """Build the atlas of the published release, unless it is there already.

    Args:
        settings: settings.
        force: build it all the same.

    Raises:
        ReleaseError: nothing is published yet, or the database can't be read.
    """
    data = settings.data
    release_id = releases.current_release_id(data)
    if release_id is None:
        raise ReleaseError(f"{data.published} doesn't exist yet; run `make run` to build and publish it")
    release = releases.read_release(data, release_id)
    target = data.reports / FOLDER
    state = {"release_id": release_id, "code": fingerprint_code()}
    with exclusive(data.reports / f".{FOLDER}.lock"):
        if not force and _read_state(target) == state:
            return Site(target, release_id, is_new=False)
        aside = data.reports / f".{FOLDER}.writing"
        shutil.rmtree(aside, ignore_errors=True)
        write_site(releases.database_of(data, None), aside, release_id=release_id, published_at=release.published_at)
        write_json(aside / STATE_FILE, state)
        if data.storage.is_remote:
            _copy_database(data, release_id, aside, target)
        _swap(aside, target)
        data.storage.push(target, is_exact=True)
    return Site(target, release_id, is_new=True)


def _copy_database(data: DataDirectory, release_id: str, aside: Path, target: Path) -> None:
    """Let the bucket copy the release's database into the site, so that it isn't sent a second time.

    The site has one of its own there: its folder is one that any server can serve.
    """
    for path in aside.glob(f"{sql.DATABASES}/*"):
        data.storage.copy(data.releases / release_id / DATABASE_FILE, target / path.relative_to(aside))


def write_site(path: Path, target: Path, *, release_id: str, published_at: str) -> None:
    """Write the whole site of a database into an empty folder.

    Args:
        path: database with the schemas ``marts`` and ``ops``.
        target: folder; made here.
        release_id: release, shown on every page.
        published_at: ISO 8601, UTC.
    """
    target.mkdir(parents=True)
    frame = Frame(target, release_id, published_at, (*SECTIONS, SQL) if sql.is_installed() else SECTIONS)
    write_assets(target)
    with database.read_database(path) as connection:
        for write in WRITERS:
            write(connection, frame)


def fingerprint_code() -> str:
    """Return a hash of the files that the site is made by, so that a new version of them makes a new site."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".j2", ".css", ".js", ".json", ".csv") and "node_modules" not in path.parts:
            digest.update(f"{path.relative_to(PACKAGE)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _read_state(site: Path) -> dict[str, str] | None:
    try:
        state: dict[str, str] = json.loads((site / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state


def _swap(aside: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    aside.rename(target)
    shutil.rmtree(old, ignore_errors=True)
