"""Validation reports: one static page per verdict under ``reports/validation/``, without any request to another host.

The expectations on a page are drawn by Great Expectations' own renderers (see ``drawing``). The page around them is
ours, because the site that Great Expectations builds reads every stored result at each build and takes its styles,
scripts and logo from other hosts.
"""

from __future__ import annotations

import datetime  # noqa: TC003 - dataclass fields are read at run time by the templates' filters
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.files import write_json

if TYPE_CHECKING:
    import jinja2

    from expectations.findings import Tally
    from warehouse.receipts import Verdict
    from warehouse.settings import DataDirectory

TEMPLATES = Path(__file__).with_name("templates")
FOLDER = "validation"
STYLE_FILE = "style.css"
WAY_OUT = {
    "articles": "mend the source or its entry in the registry, then ingest again: python -m extract ingest --source ID",
    "transfer_claims": "mend the extractor, then extract again: python -m extract events",
    "register_deliveries": "look at the file and at the parser, then import it again: python -m extract register",
    "candidate": "readers keep the last release; mend the model or the load that the failure names, then build again: "
    "python -m warehouse build",
    "seeds": "mend the rows of dbt_project/seeds/ that are named, then build again: python -m warehouse build",
    "reviews": "mend the lines of reviews/reviews.csv that are named, then run again: python -m expectations reviews",
}
"""What to do when a gate has refused something, by table."""
KEPT_PAGES = 60
"""Pages kept per table: two months of daily loads; older results stay in ``ops.validation_results``."""


@dataclass(frozen=True)
class Part:
    """One suite on a page.

    Attributes:
        suite: suite.
        rows: rows that it checked.
        sections: its expectations as safe HTML, or empty after a crash.
    """

    suite: str
    rows: int
    sections: str


@dataclass(frozen=True)
class Line:
    """One thing that did not hold.

    Attributes:
        text: what, on which rows.
        reason: why it is looked at, or None.
    """

    text: str
    reason: str | None


@dataclass(frozen=True)
class Page:
    """All that a validation report shows."""

    subject: str
    validation_id: str
    issued_at: datetime.datetime
    verdict: Verdict
    failures: tuple[Line, ...]
    set_aside: tuple[Line, ...]
    warnings: tuple[Line, ...]
    checks: int
    tally: Tally
    parts: tuple[Part, ...]
    summary: list[dict[str, Any]]


@cache
def build_environment() -> jinja2.Environment:
    """Return the template environment: everything is escaped unless a template says otherwise."""
    import jinja2  # noqa: PLC0415 - callers that only build paths don't pay for it

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )


def page_path(subject: str, validation_id: str) -> str:
    """Return the path of a report relative to the data directory.

    >>> page_path("articles/load=a1", "20260102T030405Z-ab12cd34")
    'reports/validation/articles/20260102T030405Z-ab12cd34.html'
    """
    table = re.sub(r"[^a-z_]", "", subject.split("/", 1)[0])
    return f"reports/{FOLDER}/{table}/{validation_id}.html"


def write_page(data: DataDirectory, page: Page) -> Path:
    """Write a report and its results as JSON beside it, and remove the oldest beyond `KEPT_PAGES`.

    Returns:
        The page.
    """
    path = data.root / page_path(page.subject, page.validation_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_style(data)
    html = (
        build_environment()
        .get_template("validation.html.j2")
        .render(page=page, style=f"../../{STYLE_FILE}", way_out=WAY_OUT.get(page.subject.partition("/")[0]))
    )
    write_json(path.with_suffix(".json"), {"subject": page.subject, "verdict": page.verdict, "results": page.summary})
    replace_text(path, html)
    for old in sorted(path.parent.glob("*.html"), key=_written_at)[:-KEPT_PAGES]:
        old.with_suffix(".json").unlink(missing_ok=True)
        old.unlink(missing_ok=True)
    return path


def _written_at(page: Path) -> int:
    """Return when a page was written, in nanoseconds; 0 for one that another gate has removed meanwhile."""
    try:
        return page.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def write_style(data: DataDirectory) -> None:
    """Put the one style sheet of all reports in place, unless it is there already."""
    target = data.reports / STYLE_FILE
    text = (TEMPLATES / STYLE_FILE).read_text(encoding="utf-8")
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        replace_text(target, text)


def replace_text(path: Path, text: str) -> None:
    """Replace a file in one step; several processes may write the same one at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
