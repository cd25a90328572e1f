"""The front page of all reports: what came in, what was refused and why, what the gates said, what is published."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations.pages import WAY_OUT, build_environment, write_style
from expectations.trend import draw_trend
from expectations.waiting import (
    NEWEST_FILES,
    REPORT_IN_LINE,
    group_waiting,
    link_report,
    list_waiting,
    read_reasons,
    shorten,
    strip_reports,
)
from warehouse import clock, database, ops, releases
from warehouse.parquet import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from warehouse.releases import Release
    from warehouse.settings import DataDirectory, Settings

INDEX_FILE = "index.html"
DOCS = "dbt/index.html"
ATLAS = "atlas/index.html"
DOCS_MENDED = {
    'xlink:href="{{ getIcon(': 'ng-attr-xlink:href="{{ getIcon(',
    "${require('./assets/favicons/favicon.ico')}": "data:,",
}
"""What dbt's own page asks for by mistake: templates that a browser fetches as addresses before they are filled in."""
SHOWN = 30
"""Newest validations, loads and refused loads on the page: about one day of hourly runs."""
SHOWN_REFUSALS = 100
MOST_FILES = 4000
"""So many are read at most where a gate has no verdict among the newest: three days of fifty sources."""
EVERY_GATE = frozenset({"articles", "transfer_claims", "candidate"})
VERDICTS = {"passed": "pass", "warned": "warn", "rows_set_aside": "warn", "failed": "fail", "empty": "pass"}
"""Verdict in ``ops.validations`` -> what the front page calls it."""
TRENDS = ("articles", "transfer_claims", "register_deliveries", "reviews")
"""Tables whose loads are drawn, in the order of the pipeline."""
ONE_DAY = datetime.timedelta(days=1)
_FRESHNESS = """
select
    sources.source_id,
    count(*) as articles,
    max(articles.published_at) as published_at,
    max(articles.fetched_at) as fetched_at
from marts.dim_articles as articles
inner join marts.dim_sources as sources on articles.source_key = sources.source_key
group by sources.source_id
"""


@dataclass(frozen=True)
class GateLine:
    """One validation.

    Attributes:
        table_name: table, ``candidate`` or ``seeds``.
        load_id: load or build.
        verdict: pass, warn or fail.
        told: verdict in the gate's own words.
        circumstance: what was special about it, or None.
        rows_in: rows validated.
        rows_out: rows that passed.
        rows_quarantined: rows set aside or refused.
        checks: expectations and tests that were looked at.
        failures: critical ones that failed.
        warnings: others that failed.
        occurred_at: when.
        report: its page relative to the front page, or None where it is gone.
    """

    table_name: str
    load_id: str
    verdict: str
    told: str
    circumstance: str | None
    rows_in: int
    rows_out: int
    rows_quarantined: int
    checks: int
    failures: int
    warnings: int
    occurred_at: datetime.datetime
    report: str | None


@dataclass(frozen=True)
class SourceFreshness:
    """How fresh a source is.

    Attributes:
        source_id: source.
        articles: its articles in the published release.
        published_at: publication of the newest one, or None.
        fetched_at: fetch of the newest one, or None.
        load: its last load, a row of ``ops.loads`` of the stage ``ingest``, or None.
    """

    source_id: str
    articles: int
    published_at: datetime.datetime | None
    fetched_at: datetime.datetime | None
    load: dict[str, Any] | None


@dataclass(frozen=True)
class RefusalCount:
    """How many pages of a source were refused for one reason."""

    source_id: str
    stage: str
    reason: str
    count: int


@dataclass(frozen=True)
class StageCount:
    """Rows that one stage read and wrote of one table.

    Attributes:
        stage: ingest, extract, gate, build or publish.
        table_name: table.
        loads: facts that were told.
        rows_in: rows or pages read; None where the stage tells none.
        rows_out: rows written, likewise.
        rows_quarantined: rows set aside, likewise.
    """

    stage: str
    table_name: str
    loads: int
    rows_in: int | None
    rows_out: int | None
    rows_quarantined: int | None


def build_reports(settings: Settings) -> Path:
    """Write ``reports/index.html`` and put the published release's dbt docs beside it.

    Returns:
        The front page.
    """
    data = settings.data
    data.storage.pull(data.reports)
    write_style(data)
    release = _find_release(data)
    loads = read_newest(data, "loads")
    refusals = read_newest(data, "refusals")
    runs = read_newest(data, "validations")
    gates = read_gates(data)
    waiting = list_waiting(data)
    html = (
        build_environment()
        .get_template("index.html.j2")
        .render(
            generated_at=clock.now(),
            release=release,
            release_report=_find_report(data, release),
            docs=DOCS if _place_docs(data, release) else None,
            atlas=ATLAS if (data.reports / ATLAS).is_file() else None,
            latest=find_latest(gates),
            gates=gates[:SHOWN],
            trends=[trend for name in TRENDS if (trend := draw_trend(name, runs))],
            freshness=list_freshness(data, loads),
            stages=count_stages(loads),
            loads=loads[:SHOWN],
            waiting=waiting[:SHOWN],
            waiting_groups=group_waiting(waiting, read_reasons(data)),
            waiting_more=max(len(waiting) - SHOWN, 0),
            refusal_counts=count_refusals(refusals),
            refusals=refusals[:SHOWN_REFUSALS],
            way_out={name: WAY_OUT[name] for name in ("articles", "transfer_claims")},
            strip_reports=strip_reports,
            shorten=shorten,
        )
    )
    path = data.reports / INDEX_FILE
    data.storage.write(path, html.encode())
    return path


def list_gates(data: DataDirectory) -> list[GateLine]:
    """Return the newest validations, newest first, from ``ops.validations``."""
    return read_gates(data)[:SHOWN]


def read_gates(data: DataDirectory) -> list[GateLine]:
    """Return validations, newest first, so far back that the gates that every run passes are among them.

    Dozens of sources tell of empty loads each hour, and a gate that has had nothing to do since yesterday still has its
    last verdict.
    """
    files = ops.files(data, "validations")
    runs: list[dict[str, Any]] = []
    for end in range(len(files), max(len(files) - MOST_FILES, 0), -NEWEST_FILES):
        runs += read_rows(ops.ops_table("validations").schema, files[max(end - NEWEST_FILES, 0) : end]).to_pylist()
        if {run["table_name"] for run in runs} >= EVERY_GATE:
            break
    return [_as_line(data, run) for run in sorted(runs, key=lambda run: run["occurred_at"], reverse=True)]


def find_latest(gates: list[GateLine]) -> list[GateLine]:
    """Return the newest validation of each gate in the order of the pipeline; of articles, that of the worst source.

    Sources fail alone: the newest load of one says nothing of another, so the last day's worst is shown. Of a load that
    was judged again, after a reviewer released it, the last verdict counts.

    Args:
        gates: validations, newest first.
    """
    latest: dict[str, GateLine] = {}
    worst = {"pass": 0, "warn": 1, "fail": 2}
    judged: dict[tuple[str, str], GateLine] = {}
    for line in gates:
        judged.setdefault((line.table_name, line.load_id), line)
    for line in judged.values():
        known = latest.setdefault(line.table_name, line)
        is_same_day = known.occurred_at - line.occurred_at < ONE_DAY
        if line.table_name == "articles" and is_same_day and worst[line.verdict] > worst[known.verdict]:
            latest[line.table_name] = line
    order = {name: number for number, name in enumerate((*TRENDS, "seeds", "candidate"))}
    return sorted(latest.values(), key=lambda line: order.get(line.table_name, len(order)))


def list_freshness(data: DataDirectory, loads: list[dict[str, Any]]) -> list[SourceFreshness]:
    """Return each source's newest article in the published release, and its last load, by name.

    Args:
        data: data directory.
        loads: rows of ``ops.loads``, newest first.
    """
    published = {}
    database_file = releases.find_published(data)
    if database_file:
        published = {row["source_id"]: row for row in database.query(database_file, _FRESHNESS).to_pylist()}
    last: dict[str, dict[str, Any]] = {}
    for fact in loads:
        if fact["stage"] == "ingest" and fact["source_id"]:
            last.setdefault(fact["source_id"], fact)
    none = {"articles": 0, "published_at": None, "fetched_at": None}
    return [
        SourceFreshness(name, **{key: published.get(name, none)[key] for key in none}, load=last.get(name))
        for name in sorted({*published, *last})
    ]


def count_stages(loads: list[dict[str, Any]]) -> list[StageCount]:
    """Add up what stages read, wrote and set aside, in the order of the pipeline."""
    order = {"ingest": 0, "extract": 2, "gate": 3, "build": 4, "publish": 5}
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for fact in loads:
        groups.setdefault((fact["stage"], fact["table_name"]), []).append(fact)
    counts = [
        StageCount(
            stage=stage,
            table_name=table_name,
            loads=len(facts),
            rows_in=_add_up(fact["rows_in"] for fact in facts),
            rows_out=_add_up(fact["rows_out"] for fact in facts),
            rows_quarantined=_add_up(_count_quarantined(fact) for fact in facts),
        )
        for (stage, table_name), facts in groups.items()
    ]
    # articles pass their gate before claims are extracted from them
    return sorted(
        counts,
        key=lambda count: (
            1 if (count.stage, count.table_name) == ("gate", "articles") else order.get(count.stage, 9),
            count.table_name,
        ),
    )


def _add_up(numbers: Iterable[int | None]) -> int | None:
    """Add up what is told; None where nothing is."""
    told = [number for number in numbers if number is not None]
    return sum(told) if told else None


def _count_quarantined(fact: dict[str, Any]) -> int | None:
    if fact["rows_quarantined"] is None and fact["outcome"] == "quarantined":
        return int(fact["rows_in"] or 0)
    return None if fact["rows_quarantined"] is None else int(fact["rows_quarantined"])


def count_refusals(refusals: list[dict[str, Any]]) -> list[RefusalCount]:
    """Count refused pages by source and reason, the most frequent first."""
    counts = Counter((fact["source_id"], fact["stage"], fact["reason"]) for fact in refusals)
    return [RefusalCount(*key, count) for key, count in counts.most_common()]


def _as_line(data: DataDirectory, run: dict[str, Any]) -> GateLine:
    names = ("table_name", "load_id", "circumstance", "rows_in", "rows_out", "rows_quarantined")
    return GateLine(
        **{name: run[name] for name in (*names, "checks", "failures", "warnings", "occurred_at")},
        verdict=VERDICTS[run["verdict"]],
        told=run["verdict"].replace("_", " "),
        report=link_report(data, run["report_path"]),
    )


def read_newest(data: DataDirectory, name: str) -> list[dict[str, Any]]:
    """Return the facts of an ops table's newest files, newest first."""
    rows = read_rows(ops.ops_table(name).schema, ops.files(data, name)[-NEWEST_FILES:]).to_pylist()
    return sorted(rows, key=lambda row: row["occurred_at"], reverse=True)


def _find_release(data: DataDirectory) -> Release | None:
    release_id = releases.current_release_id(data)
    return releases.read_release(data, release_id) if release_id else None


def _place_docs(data: DataDirectory, release: Release | None) -> bool:
    """Put the release's dbt docs into the reports; says whether there are any."""
    target = data.reports / DOCS
    source = data.releases / release.release_id / "dbt_docs.html" if release else None
    data.storage.fetch([source] if source else [])
    if source is not None and source.is_file():
        page = source.read_text(encoding="utf-8")
        for found, put in DOCS_MENDED.items():
            page = page.replace(found, put)
        data.storage.write(target, page.encode())
    return target.is_file()


def _find_report(data: DataDirectory, release: Release | None) -> str | None:
    told = REPORT_IN_LINE.search(" ".join(release.warnings)) if release else None
    return link_report(data, told["path"]) if told else None


__all__ = [
    "GateLine",
    "RefusalCount",
    "SourceFreshness",
    "StageCount",
    "build_reports",
    "count_refusals",
    "count_stages",
    "find_latest",
    "list_freshness",
    "list_gates",
    "read_gates",
    "read_newest",
]
