"""The front page of all reports: what came in, what was refused and why, what the gates said, what is published."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations.pages import build_environment, replace_text, write_style
from warehouse import clock, ops, releases
from warehouse.parquet import read_rows

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from warehouse.releases import Release
    from warehouse.settings import DataDirectory, Settings

INDEX_FILE = "index.html"
DOCS = "dbt/index.html"
SHOWN = 30
"""Newest validations, loads and refused loads on the page: about one day of hourly runs."""
SHOWN_REFUSALS = 100
NEWEST_FILES = 200
"""Newest files of an ops table that are read: each append is one, so the page costs the same after years."""
VERDICTS = {"passed": "pass", "warned": "warn", "rows_set_aside": "warn", "failed": "fail", "empty": "pass"}
"""Verdict in ``ops.validations`` -> what the front page calls it."""
REPORT_IN_LINE = re.compile(r" ?\[(?P<path>reports/[^\]\s]+)\]")
WAY_OUT = {
    "articles": "mend the source or its entry in the registry, then ingest again: python -m extract ingest --source ID",
    "transfer_claims": "mend the extractor, then extract again: python -m extract events",
}


@dataclass(frozen=True)
class GateLine:
    """One validation.

    Attributes:
        name: what was validated.
        verdict: pass, warn or fail.
        checks: expectations and tests that were looked at.
        failures: critical ones that failed.
        warnings: others that failed.
        occurred_at: when.
        report: its page relative to the front page, or None where it is gone.
    """

    name: str
    verdict: str
    checks: int
    failures: int
    warnings: int
    occurred_at: datetime.datetime
    report: str | None


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
        rows_in: rows or pages read.
        rows_out: rows written.
        rows_quarantined: rows set aside.
    """

    stage: str
    table_name: str
    loads: int
    rows_in: int
    rows_out: int
    rows_quarantined: int


def build_reports(settings: Settings) -> Path:
    """Write ``reports/index.html`` and put the published release's dbt docs beside it.

    Returns:
        The front page.
    """
    data = settings.data
    write_style(data)
    release = _find_release(data)
    loads = _read_newest(data, "loads")
    refusals = _read_newest(data, "refusals")
    html = (
        build_environment()
        .get_template("index.html.j2")
        .render(
            generated_at=clock.now(),
            release=release,
            release_report=_find_report(data, release),
            docs=DOCS if _place_docs(data, release) else None,
            gates=list_gates(data),
            stages=count_stages(loads),
            loads=loads[:SHOWN],
            quarantine=[_with_report(data, fact) for fact in _read_newest(data, "quarantine")[:SHOWN]],
            refusal_counts=count_refusals(refusals),
            refusals=refusals[:SHOWN_REFUSALS],
            way_out=WAY_OUT,
            strip_reports=strip_reports,
        )
    )
    path = data.reports / INDEX_FILE
    replace_text(path, html)
    return path


def list_gates(data: DataDirectory) -> list[GateLine]:
    """Return the newest validations, newest first, from ``ops.validations``."""
    return [_as_line(data, row) for row in _read_newest(data, "validations")[:SHOWN]]


def count_stages(loads: list[dict[str, Any]]) -> list[StageCount]:
    """Add up what stages read, wrote and set aside, in the order of the pipeline."""
    order = {"ingest": 0, "extract": 2, "gate": 1, "build": 4, "publish": 5}
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for fact in loads:
        groups.setdefault((fact["stage"], fact["table_name"]), []).append(fact)
    counts = [
        StageCount(
            stage=stage,
            table_name=table_name,
            loads=len(facts),
            rows_in=sum(fact["rows_in"] or 0 for fact in facts),
            rows_out=sum(fact["rows_out"] or 0 for fact in facts),
            rows_quarantined=sum(_count_quarantined(fact) for fact in facts),
        )
        for (stage, table_name), facts in groups.items()
    ]
    return sorted(counts, key=lambda count: (order.get(count.stage, 9), count.table_name))


def _count_quarantined(fact: dict[str, Any]) -> int:
    if fact["rows_quarantined"] is not None:
        return int(fact["rows_quarantined"])
    return fact["rows_in"] or 0 if fact["outcome"] == "quarantined" else 0


def count_refusals(refusals: list[dict[str, Any]]) -> list[RefusalCount]:
    """Count refused pages by source and reason, the most frequent first."""
    counts = Counter((fact["source_id"], fact["stage"], fact["reason"]) for fact in refusals)
    return [RefusalCount(*key, count) for key, count in counts.most_common()]


def _as_line(data: DataDirectory, row: dict[str, Any]) -> GateLine:
    return GateLine(
        name=f"{row['table_name']} {row['load_id']}",
        verdict=VERDICTS[row["verdict"]],
        checks=row["checks"],
        failures=row["failures"],
        warnings=row["warnings"],
        occurred_at=row["occurred_at"],
        report=_link(data, row["report_path"]),
    )


def _read_newest(data: DataDirectory, name: str) -> list[dict[str, Any]]:
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
    if source is not None and source.is_file():
        replace_text(target, source.read_text(encoding="utf-8"))
    return target.is_file()


def _with_report(data: DataDirectory, fact: dict[str, Any]) -> dict[str, Any]:
    return {**fact, "report": _link(data, fact["report_path"])}


def _find_report(data: DataDirectory, release: Release | None) -> str | None:
    told = REPORT_IN_LINE.search(" ".join(release.warnings)) if release else None
    return _link(data, told["path"]) if told else None


def _link(data: DataDirectory, path: str | None) -> str | None:
    """Return a report's address relative to the front page, or None where it is gone."""
    return path.removeprefix("reports/") if path is not None and (data.root / path).is_file() else None


def strip_reports(text: str | None) -> str:
    """Take the reports' paths out of a failure's text: the page has links instead.

    >>> strip_reports("articles: e(title): 1 of 2 rows; article_id a [reports/validation/articles/1.html]")
    'articles: e(title): 1 of 2 rows; article_id a'
    """
    return REPORT_IN_LINE.sub("", text or "")


__all__ = [
    "GateLine",
    "RefusalCount",
    "StageCount",
    "build_reports",
    "count_refusals",
    "count_stages",
    "list_gates",
    "strip_reports",
]
