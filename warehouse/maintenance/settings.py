"""How long things are kept, and which files are small: settings from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta

from warehouse.errors import SettingsError

MIB = 2**20
_PREFIX = "ARMSLEDGER_KEEP_"


@dataclass(frozen=True)
class Upkeep:
    """Settings of maintenance; a time of None keeps for ever.

    Attributes:
        grace: how long a file stays after nothing names it any more, for whoever is still reading it.
        candidates: time that a candidate stays; the newest one always does.
        reports: time that pages of the report portal stay.
        logs: time that logs stay, Airflow's included.
        airflow: time that runs stay in Airflow's own database.
        archives: time that raw responses stay. Without them a load can't be read again by a better parser.
        target_bytes: a file that is at least as large isn't touched by compaction.
        fewest_files: neighbouring small files from which on compaction is worth a rewrite.
    """

    grace: timedelta = timedelta(days=7)
    candidates: timedelta | None = timedelta(days=30)
    reports: timedelta | None = timedelta(days=365)
    logs: timedelta | None = timedelta(days=90)
    airflow: timedelta | None = timedelta(days=180)
    archives: timedelta | None = None
    target_bytes: int = 128 * MIB
    fewest_files: int = 8

    @classmethod
    def from_environment(cls) -> Upkeep:
        """Read ``ARMSLEDGER_KEEP_<WHAT>_DAYS`` (a number of days, or ``forever``) and ``ARMSLEDGER_COMPACT_MIB``.

        ``<WHAT>`` is ``UNREFERENCED``, ``CANDIDATE``, ``REPORT``, ``LOG``, ``AIRFLOW`` or ``ARCHIVE``.

        Raises:
            SettingsError: a value is no number of days; the message names the variable.
        """
        default = cls()
        grace = _read_days("UNREFERENCED", default.grace)
        return cls(
            grace=timedelta.max if grace is None else grace,
            candidates=_read_days("CANDIDATE", default.candidates),
            reports=_read_days("REPORT", default.reports),
            logs=_read_days("LOG", default.logs),
            airflow=_read_days("AIRFLOW", default.airflow),
            archives=_read_days("ARCHIVE", default.archives),
            target_bytes=_read_mib(default.target_bytes),
        )


def _read_days(what: str, default: timedelta | None) -> timedelta | None:
    name = f"{_PREFIX}{what}_DAYS"
    told = os.environ.get(name, "").strip()
    if not told:
        return default
    if told == "forever":
        return None
    try:
        days = float(told)
        # a NaN isn't at least 0
        if days >= 0:
            return timedelta(days=days)
    except (ValueError, OverflowError):
        pass
    raise SettingsError(f"{name}={told}: set it to a number of days, 0 or more, or to `forever`")


def _read_mib(default: int) -> int:
    told = os.environ.get("ARMSLEDGER_COMPACT_MIB", "").strip()
    if not told:
        return default
    if not told.isdecimal() or int(told) < 1:
        raise SettingsError(f"ARMSLEDGER_COMPACT_MIB={told}: set it to a whole number of MiB from 1")
    return int(told) * MIB


__all__ = ["Upkeep"]
