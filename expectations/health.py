"""The state of the pipeline in one answer for machines: ``/health`` of the portal.

* ``ok``, HTTP 200: a release is published, and no gate refused the last thing that it saw;
* ``degraded``, 200: readers are served, but a gate refused a table's newest load, a load waits for its gate, or a
  source could not be reached;
* ``failing``, 503: nothing is published, the published file can't be read, the newest candidate was refused, or no
  stage has told anything for longer than ``ARMSLEDGER_HEALTH_HOURS``.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from expectations.report import find_latest, read_gates, read_newest
from expectations.waiting import list_waiting
from warehouse import clock, lake, releases
from warehouse.contracts import RAW_TABLES
from warehouse.errors import ArmsledgerError, SettingsError

if TYPE_CHECKING:
    from expectations.report import GateLine
    from warehouse.settings import DataDirectory

Status = Literal["ok", "degraded", "failing"]
HTTP_STATUS: dict[Status, int] = {"ok": 200, "degraded": 200, "failing": 503}
HOURS_SETTING = "ARMSLEDGER_HEALTH_HOURS"
LONG_IN_STAGING = datetime.timedelta(hours=2)
"""Own judgement: the next hourly run settles what a killed one left, so after two nobody does."""
LATELY = datetime.timedelta(days=1)
"""What is told of a source this long before the newest ingest still counts: later ones no longer ask for it."""


@dataclass(frozen=True)
class Health:
    """What ``/health`` tells.

    Attributes:
        status: ok, degraded or failing.
        reasons: why it isn't ok, in plain words.
        checked_at: now, ISO 8601, UTC.
        release: id, moment and age of the published release, or None.
        last_fact_at: when a stage told something last, or None.
        gates: newest verdict of each gate.
        waiting: loads in staging, and entries in quarantine that wait for a decision or the next run.
        unreachable: sources that could not be read when they were asked last.
    """

    status: Status
    reasons: tuple[str, ...]
    checked_at: str
    release: dict[str, Any] | None
    last_fact_at: str | None
    gates: tuple[dict[str, Any], ...]
    waiting: dict[str, Any]
    unreachable: tuple[str, ...]

    @property
    def http_status(self) -> int:
        """200 while readers are served in time, else 503."""
        return HTTP_STATUS[self.status]

    def as_document(self) -> dict[str, Any]:
        """Return it as JSON would write it."""
        return asdict(self)


def check_health(data: DataDirectory) -> Health:
    """Look at the published release, the newest verdicts and what waits.

    Args:
        data: data directory.
    """
    now = clock.now()
    failing: list[str] = []
    degraded: list[str] = []
    release = _read_release(data, now, failing)
    gates = find_latest(read_gates(data))
    for gate in gates:
        if gate.verdict == "fail":
            is_candidate = gate.table_name == "candidate"
            (failing if is_candidate else degraded).append(f"{gate.table_name} {gate.load_id} was refused")
    facts = read_newest(data, "loads")
    newest = facts[0]["occurred_at"] if facts else None
    _check_age(now, newest, failing)
    unreachable = _list_unreachable(facts)
    if unreachable:
        degraded.append(f"could not be reached: {', '.join(unreachable)}; ops.refusals tells why")
    staged = _list_staged(data)
    degraded += [
        f"{table} {load_id} has waited in staging since {since:%Y-%m-%d %H:%M} UTC"
        for table, load_id, since in staged
        if now - since > LONG_IN_STAGING
    ]
    entries = list_waiting(data)
    return Health(
        status="failing" if failing else "degraded" if degraded else "ok",
        reasons=(*failing, *degraded),
        checked_at=now.isoformat(timespec="seconds"),
        release=release,
        last_fact_at=newest.isoformat(timespec="seconds") if newest else None,
        gates=tuple(_as_verdict(gate) for gate in gates),
        waiting={
            "staged_loads": [f"{table}/{load_id}" for table, load_id, _ in staged],
            "quarantine": {
                status: sum(entry["rows"] for entry in entries if entry["status"] == status)
                for status in ("open", "released")
            },
        },
        unreachable=unreachable,
    )


def _read_release(data: DataDirectory, now: datetime.datetime, failing: list[str]) -> dict[str, Any] | None:
    try:
        release_id = releases.current_release_id(data)
        if release_id is None:
            failing.append("nothing is published yet")
            return None
        published_at = datetime.datetime.fromisoformat(releases.read_release(data, release_id).published_at)
    except ArmsledgerError as error:
        failing.append(str(error))
        return None
    return {
        "release_id": release_id,
        "published_at": published_at.isoformat(timespec="seconds"),
        "age_seconds": round((now - published_at).total_seconds()),
    }


def _list_unreachable(facts: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the sources whose newest fact of an ingest says so; facts come newest first."""
    asked = [fact for fact in facts if fact["stage"] == "ingest" and fact["source_id"]]
    newest: dict[str, str] = {}
    for fact in asked:
        if asked[0]["occurred_at"] - fact["occurred_at"] <= LATELY:
            newest.setdefault(fact["source_id"], fact["outcome"])
    return tuple(sorted(source for source, outcome in newest.items() if outcome == "unreachable"))


def _check_age(now: datetime.datetime, newest: datetime.datetime | None, failing: list[str]) -> None:
    setting = os.environ.get(HOURS_SETTING)
    if not setting:
        return
    try:
        limit = datetime.timedelta(hours=float(setting))
    except ValueError as error:
        raise SettingsError(f"{HOURS_SETTING}={setting}: set it to a number of hours, for instance 3") from error
    if newest is None or now - newest > limit:
        since = f"since {newest:%Y-%m-%d %H:%M} UTC" if newest else "yet"
        failing.append(f"no stage has told anything {since}; {HOURS_SETTING} is {setting}")


def _list_staged(data: DataDirectory) -> list[tuple[str, str, datetime.datetime]]:
    found = []
    for table in RAW_TABLES:
        for load_id in lake.list_staged(data, table.name):
            folder = data.staging / table.name / f"load={load_id}"
            try:
                moment = folder.stat().st_mtime
            except FileNotFoundError:
                continue  # settled meanwhile
            found.append((table.name, load_id, datetime.datetime.fromtimestamp(moment, datetime.UTC)))
    return found


def _as_verdict(gate: GateLine) -> dict[str, Any]:
    return {
        "gate": gate.table_name,
        "load_id": gate.load_id,
        "verdict": gate.told,
        "rows_in": gate.rows_in,
        "rows_quarantined": gate.rows_quarantined,
        "occurred_at": gate.occurred_at.isoformat(timespec="seconds"),
    }


__all__ = ["HTTP_STATUS", "Health", "check_health"]
