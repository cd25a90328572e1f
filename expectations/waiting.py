"""What waits in quarantine for a reviewer, with the reasons of what it broke: for the front page and the commands."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from warehouse import ops, waivers
from warehouse.parquet import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from warehouse.settings import DataDirectory

NEWEST_FILES = 200
"""Newest files of an ops table that are read: each append is one, so the page costs the same after years."""
SHOWN_CHARACTERS = 200
EXPECTATION_IN_LINE = re.compile(r"[a-z_.]+: ([a-z_]+(?:\([^)]*\))?): ")
REPORT_IN_LINE = re.compile(r" ?\[(?P<path>reports/[^\]\s]+)\]")


def list_waiting(data: DataDirectory) -> list[dict[str, Any]]:
    """Return what waits for a decision or for the next run, newest first."""
    return [
        {**asdict(entry), "report": link_report(data, entry.report_path)}
        for entry in waivers.list_entries(data)
        if entry.status in ("open", "released")
    ]


def group_waiting(waiting: list[dict[str, Any]], reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    """Add up what waits by table, kind and expectation, most rows first: a hundred rows of one fault are one line.

    Args:
        waiting: entries as `list_waiting` gives them.
        reasons: as `read_reasons` gives them.
    """
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in waiting:
        # the rows of a whole load are named in its reason, so each load would be a group of its own
        labels = entry["why"] if entry["kind"] == "row" else name_expectations(entry["why"])
        why = "; ".join(labels) or shorten(" ".join(entry["why"]))
        name = (entry["table_name"], entry["kind"], entry["status"], entry["is_waivable"], why)
        fresh = {**entry, "why": why, "reasons": find_reasons(labels, reasons), "rows": 0}
        group = groups.setdefault(name, fresh)
        group["rows"] += entry["rows"]
    return sorted(groups.values(), key=lambda group: -group["rows"])


def read_reasons(data: DataDirectory) -> dict[str, str]:
    """Return why the expectations are there that failed of late, by name and columns as quarantine has them."""
    columns = ["expectation", "column_name", "is_success", "reason"]
    table = ops.ops_table("validation_results")
    facts = read_rows(table.schema, ops.files(data, table.name)[-NEWEST_FILES:], columns=columns).to_pylist()
    return {
        f"{fact['expectation']}({fact['column_name'] or ''})": fact["reason"]
        for fact in facts
        if fact["reason"] and not fact["is_success"]
    }


def find_reasons(labels: Iterable[str], reasons: Mapping[str, str]) -> tuple[str, ...]:
    """Return the reasons of expectations, each once.

    >>> find_reasons(["e(title)", "f(url)", "g()"], {"e(title)": "Blank.", "f(url)": "Blank.", "g()": "Too many."})
    ('Blank.', 'Too many.')
    """
    told = (reasons.get(label) or reasons.get(f"{label}()") for label in labels)
    return tuple(dict.fromkeys(reason for reason in told if reason))


def name_expectations(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the expectations that a refusal's lines name, each once.

    >>> name_expectations(["articles: e(title): 3 of 9 rows; article_id a", "articles: too_many: 3 of 9 rows"])
    ('e(title)', 'too_many')
    """
    return tuple(dict.fromkeys(EXPECTATION_IN_LINE.findall(" ".join(lines))))


def shorten(text: str | None) -> str:
    """Cut a long reason: the report has all of it.

    >>> shorten("a" * 400)[-3:]
    'aa…'
    """
    plain = strip_reports(text)
    return plain if len(plain) <= SHOWN_CHARACTERS else plain[:SHOWN_CHARACTERS] + "…"


def strip_reports(text: str | None) -> str:
    """Take the reports' paths out of a failure's text: the page has links instead.

    >>> strip_reports("articles: e(title): 1 of 2 rows; article_id a [reports/validation/articles/1.html]")
    'articles: e(title): 1 of 2 rows; article_id a'
    """
    return REPORT_IN_LINE.sub("", text or "")


def link_report(data: DataDirectory, path: str | None) -> str | None:
    """Return a report's address relative to the front page, or None where it is gone."""
    return path.removeprefix("reports/") if path is not None and (data.root / path).is_file() else None
