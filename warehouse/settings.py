"""Where things are: settings from the environment, and the layout of the data directory.

The only module that reads ``ARMSLEDGER_*`` variables for paths. A path is never built elsewhere.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import SettingsError
from warehouse.storage import LOCAL, Storage

PROJECT_ROOT = Path(__file__).resolve().parents[1]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
SEEDS = DBT_PROJECT / "seeds"


@dataclass(frozen=True)
class DataDirectory:
    """Layout of the data directory. Every path below ``root`` has its name here and only here.

    Attributes:
        root: the folder; a copy on this machine where the data directory is a bucket.
        storage: what keeps its files, and lets them become visible.
    """

    root: Path
    storage: Storage = LOCAL

    def address(self) -> str:
        """What ``ARMSLEDGER_DATA`` says of it: a folder, or ``s3://bucket/prefix``."""
        return self.storage.address(self.root)

    @property
    def staging(self) -> Path:
        """Loads that no gate has seen yet."""
        return self.root / "staging"

    @property
    def raw(self) -> Path:
        """Validated, immutable Parquet with one manifest per table."""
        return self.root / "raw"

    @property
    def quarantine(self) -> Path:
        """Loads that a gate refused, each with its report."""
        return self.root / "quarantine"

    @property
    def ops(self) -> Path:
        """Facts about runs, appended by every stage as Parquet."""
        return self.root / "ops"

    @property
    def history(self) -> Path:
        """What each release changed, appended by publishing as Parquet; outlives the kept releases."""
        return self.root / "history"

    @property
    def archive(self) -> Path:
        """Raw HTTP responses of promoted loads, as WARC."""
        return self.root / "archive"

    @property
    def reviews(self) -> Path:
        """Decisions of quality reviewers."""
        return self.root / "reviews"

    @property
    def reports(self) -> Path:
        """Validation reports and dbt docs, as static pages."""
        return self.root / "reports"

    @property
    def downloads(self) -> Path:
        """Web archives on their way in; each goes when its load is staged."""
        return self.root / "downloads"

    @property
    def logs(self) -> Path:
        """Log files of runs."""
        return self.root / "logs"

    @property
    def lineage(self) -> Path:
        """OpenLineage events, one file a day, where no other transport is set."""
        return self.root / "lineage"

    @property
    def model_answers(self) -> Path:
        """Answers of a model about articles, by the hash of the question; may be removed at any time."""
        return self.root / "cache" / "model_answers"

    @property
    def airflow(self) -> Path:
        """AIRFLOW_HOME of the single-machine installation."""
        return self.root / "airflow"

    @property
    def warehouse(self) -> Path:
        """Published database and releases."""
        return self.root / "warehouse"

    @property
    def candidates(self) -> Path:
        """Databases being built or waiting for gate 3."""
        return self.warehouse / "candidates"

    @property
    def releases(self) -> Path:
        """The kept releases, one folder each."""
        return self.warehouse / "releases"

    @property
    def published(self) -> Path:
        """The published database that analysts read."""
        return self.warehouse / "armsledger.duckdb"


@dataclass(frozen=True)
class Settings:
    """All settings of one process."""

    data: DataDirectory
    sources: Path
    dbt_threads: int = 2
    kept_releases: int = 10

    @classmethod
    def from_environment(cls) -> Settings:
        """Read ``ARMSLEDGER_DATA`` (default ``./data``), ``ARMSLEDGER_SOURCES`` and ``ARMSLEDGER_DBT_THREADS``.

        A local data directory is made if it doesn't exist. On object storage the bucket must exist;
        ``ARMSLEDGER_SCRATCH`` names the folder of this machine's copies, ``ARMSLEDGER_S3_PATIENCE`` says for how many
        seconds failures that may pass are borne.

        Raises:
            SettingsError: a value is another URL, not a number, or no usable folder; the message names the variable.
            StorageError: the bucket can't be used; the message names the setting to look at.
        """
        data = os.environ.get("ARMSLEDGER_DATA") or str(PROJECT_ROOT / "data")
        sources = os.environ.get("ARMSLEDGER_SOURCES") or str(PROJECT_ROOT / "extract" / "sources.toml")
        threads = os.environ.get("ARMSLEDGER_DBT_THREADS") or "2"
        if not threads.isdecimal() or int(threads) < 1:
            raise SettingsError(f"ARMSLEDGER_DBT_THREADS={threads}: set it to a whole number from 1")
        return cls(
            data=_open_bucket(data) if "://" in data else DataDirectory(_make_folder("ARMSLEDGER_DATA", data)),
            sources=Path(sources).expanduser().resolve(),
            dbt_threads=int(threads),
        )


def _open_bucket(url: str) -> DataDirectory:
    scratch = os.environ.get("ARMSLEDGER_SCRATCH") or str(Path(tempfile.gettempdir()) / f"armsledger-{os.getuid()}")
    patience = os.environ.get("ARMSLEDGER_S3_PATIENCE") or "120"
    if not patience.isdecimal():
        raise SettingsError(f"ARMSLEDGER_S3_PATIENCE={patience}: set it to a whole number of seconds")
    try:
        # only object storage needs boto3
        from warehouse.storage.opening import open_mirror  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError(
            f"ARMSLEDGER_DATA={url}: object storage needs the package boto3 ({error}); install the extra `s3`"
        ) from error
    storage = open_mirror(url, _make_folder("ARMSLEDGER_SCRATCH", scratch), patience=float(patience))
    return DataDirectory(storage.root, storage)


def _make_folder(setting: str, value: str) -> Path:
    root = Path(value).expanduser().resolve()
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{setting}={value}: can't be used as a folder ({error.strerror}); set it to one you can write to"
        ) from error
    return root
