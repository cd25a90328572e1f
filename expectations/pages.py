"""Validation reports: one static page per verdict under ``reports/validation/``, without any request to another host.

The expectations on a page are drawn by Great Expectations' own renderers (see ``drawing``). The page around them is
ours, because the site that Great Expectations builds reads every stored result at each build and takes its styles,
scripts and logo from other hosts.
"""

from __future__ import annotations

import datetime  # noqa: TC003 - dataclass fields are read at run time by the templates' filters
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    results = {"subject": page.subject, "verdict": page.verdict, "results": page.summary}
    data.storage.write_json(path.with_suffix(".json"), results)
    data.storage.write(path, html.encode())
    # names begin with the second of the gate, which doesn't tell this page from others of the same one
    others = [name for name in data.storage.names(path.parent, "*.html") if name != path.name]
    for name in others[: max(0, len(others) + 1 - KEPT_PAGES)]:
        data.storage.remove((path.parent / name).with_suffix(".json"))
        data.storage.remove(path.parent / name)
    return path


def write_style(data: DataDirectory) -> None:
    """Put the one style sheet of all reports in place, unless it is there already."""
    target = data.reports / STYLE_FILE
    content = (TEMPLATES / STYLE_FILE).read_bytes()
    if data.storage.read(target) != content:
        data.storage.write(target, content)
