"""What all pages share: templates, navigation, the release they are about, and how a page is written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from warehouse import clock

if TYPE_CHECKING:
    import datetime

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Section:
    """One entry of the navigation.

    Attributes:
        name: what a reader sees.
        path: folder of its page in the site; empty for the front page.
    """

    name: str
    path: str


WORLD = Section("World", "")
COUNTRIES = Section("Countries", "country")
WEAPONS = Section("Weapons", "weapon")
DEALS = Section("Deals", "deals")
QUALITY = Section("Quality", "quality")
SQL = Section("Ask in SQL", "sql")
SECTIONS = (WORLD, COUNTRIES, WEAPONS, DEALS, QUALITY)
"""Sections of every site; `SQL` is there where its packages are installed."""


@dataclass(frozen=True)
class Frame:
    """The site that pages are written into.

    Attributes:
        root: folder of the site being written.
        release_id: release that it is about.
        published_at: ISO 8601, UTC.
        sections: navigation.
        written_at: when the site was made.
    """

    root: Path
    release_id: str
    published_at: str
    sections: tuple[Section, ...] = SECTIONS
    written_at: datetime.datetime = field(default_factory=clock.now)

    def write(self, path: str, template: str, **context: Any) -> Path:
        """Write a page.

        Args:
            path: page relative to the site, such as ``country/POL.html``.
            template: file of the templates' folder.
            **context: what the template shows.
        """
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * path.count("/")
        html = build_environment().get_template(template).render(frame=self, up=up, path=path, **context)
        target.write_text(html, encoding="utf-8")
        return target


def link(url: object) -> str | None:
    """Return an address that may be linked, or None: only web pages, nothing that a browser would run.

    >>> link("https://news.example/1"), link("javascript:alert(1)"), link(None)
    ('https://news.example/1', None, None)
    """
    text = str(url or "")
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def as_data(document: Any) -> Markup:
    r"""Write data so that it can stand in a ``<script type="application/json">`` block, which a browser never runs.

    Args:
        document: JSON values, or JSON text.

    >>> print(as_data({"name": "</script><b>"}))
    {"name":"\u003c/script>\u003cb>"}
    """
    text = (
        document
        if isinstance(document, str)
        else json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
    )
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"as_data": as_data, "link": link}


def build_environment() -> jinja2.Environment:
    """Return the template environment: everything is escaped, and a name that isn't there is an error."""
    return _ENVIRONMENT
