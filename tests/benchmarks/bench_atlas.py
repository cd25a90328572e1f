"""The atlas of a release of 100,000 deals: how long it takes to write, and how long readers wait for it in Chromium.

Each page is opened three times with an empty cache, and the time in the middle counts. ``ARMSLEDGER_BENCH_DEALS``
names another number of deals; ``ARMSLEDGER_BENCH_RELEASE`` a folder where the generated release is kept for the next
run, since building it takes minutes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atlas_release import publish_release
from results import Measurement, Report

from warehouse import database
from warehouse.atlas import sql
from warehouse.atlas.site import build_atlas
from warehouse.prompt.ready import list_ready_queries
from warehouse.settings import DataDirectory, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from browser import Browser

DEALS = 100_000
_VISITS = 3
_PATIENCE = 120
"""Seconds after which a page that isn't finished counts as hung."""
_SEARCHES = ("f", "france", "rafale", "korea pol", "from:France to:India", "2016 ordered", "zzz")
"""What is typed into the search: one letter, names, two words, fields, numbers, nothing that is there."""
_FIRST_CHART = """
new MutationObserver((_, observer) => {
  const drawn = [...document.querySelectorAll('[data-drawn], #map svg')];
  if (!drawn.length) return;
  window.firstDrawn = performance.now();
  observer.disconnect();
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['data-drawn']});
"""


@dataclass(frozen=True)
class Opened:
    """One page as it came up.

    Attributes:
        painted: seconds until its first content was painted.
        drawn: seconds until its first chart was drawn; None where it has none.
        size: bytes that it took, with all its scripts and data.
    """

    painted: float
    drawn: float | None
    size: int


def run() -> Report:
    """Write the site, then read it."""
    deals = int(os.environ.get("ARMSLEDGER_BENCH_DEALS", DEALS))
    with _release_of(deals) as settings:
        began = time.perf_counter()
        site = build_atlas(settings, force=True)
        rows = [_tell_build(site.root, time.perf_counter() - began)]
        if shutil.which("chromium") and shutil.which("chromedriver"):
            rows += _read_site(settings, site.root)
        else:
            rows.append(Measurement("pages in the browser", None, "s", None, "Chromium isn't installed"))
    return Report(f"atlas of a release of {deals:,} deals", tuple(rows))


@contextlib.contextmanager
def _release_of(deals: int) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="armsledger-bench-") as folder:
        root = Path(os.environ.get("ARMSLEDGER_BENCH_RELEASE", folder))
        settings = Settings(DataDirectory(root), root / "sources.toml")
        yield settings if settings.data.published.exists() else publish_release(root, deals)


def _tell_build(root: Path, seconds: float) -> Measurement:
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".duckdb"]
    size = sum(path.stat().st_size for path in files) / 1e6
    note = f"{len(files):,} files, {size:,.0f} MB beside the database"
    return Measurement("the whole site is written", seconds, "s", None, note, limit=60)


def _read_site(settings: Settings, root: Path) -> list[Measurement]:
    sys.path.append(str(Path(__file__).resolve().parents[1] / "integration"))
    from browser import open_browser, serve_reports

    with open_browser() as browser, serve_reports(settings.data.reports) as address:
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _FIRST_CHART})
        browser.driver.set_script_timeout(_PATIENCE)
        front = _open(browser, f"{address}/atlas/index.html")
        rows = [
            _tell_page("first page", front),
            Measurement("first page, all that it loads", front.size / 1e6, "MB", None, "", limit=1.5),
            _tell_page("country page of the most deals", _open(browser, f"{address}/atlas/{_find_country(settings)}")),
            *_search(browser, f"{address}/atlas/index.html"),
        ]
        if not sql.is_installed():
            return [*rows, Measurement("SQL page", None, "s", None, "its packages aren't installed: make setup")]
        return [*rows, *_ask(browser, f"{address}/atlas/sql/index.html")]


def _tell_page(name: str, opened: Opened) -> Measurement:
    drawn = "" if opened.drawn is None else f"its first chart after {opened.drawn:.2f} s, "
    note = f"{drawn}{opened.size / 1e6:.2f} MB"
    return Measurement(f"{name}, shown", opened.painted, "s", None, note, limit=1)


def _open(browser: Browser, address: str) -> Opened:
    """Open a page with an empty cache, a few times; gives the middle of the times."""
    seen = []
    for _ in range(_VISITS):
        browser.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
        browser.visit(address)
        until = time.monotonic() + 3  # what comes later than this isn't part of the page's start
        while time.monotonic() < until and not browser.run("return window.firstDrawn"):
            time.sleep(0.05)
        time.sleep(0.5)
        seen.append(browser.run(_TIMES))
        if seen[-1]["status"] != 200:
            raise RuntimeError(f"{address} isn't there: {seen[-1]['status']}")
    drawn = [one["drawn"] for one in seen if one["drawn"]]
    return Opened(
        painted=statistics.median(one["painted"] for one in seen) / 1000,
        drawn=statistics.median(drawn) / 1000 if drawn else None,
        size=max(one["size"] for one in seen),
    )


_TIMES = """
const painted = performance.getEntriesByName('first-contentful-paint')[0].startTime;
const parts = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
const size = parts.reduce((sum, part) => sum + part.transferSize, 0);
return {painted, status: parts[0].responseStatus, drawn: window.firstDrawn ?? null, size};
"""


def _find_country(settings: Settings) -> str:
    """Return the page of the country with the most deals, as the front page links it."""
    most = """
        select country_code from (
            select supplier_code as country_code from marts.fct_deals
            union all select recipient_code from marts.fct_deals
        ) group by country_code order by count(*) desc, country_code limit 1
    """
    return f"country/{database.query(settings.data.published, most)['country_code'][0].as_py()}.html"


def _search(browser: Browser, address: str) -> list[Measurement]:
    browser.visit(address)
    if not browser.run("return Boolean(document.getElementById('search'))"):
        return [Measurement("search answers", None, "ms", None, "the site has none")]
    browser.driver.execute_async_script(_TYPE, "x")  # loads its index, which typing must not wait for again
    times = {text: browser.driver.execute_async_script(_TYPE, text) for text in _SEARCHES}
    slowest = max(times, key=lambda text: times[text])
    note = f"slowest of {len(times)}: {slowest!r}, from the key to the list"
    return [Measurement("search answers", times[slowest], "ms", None, note, limit=100)]


_TYPE = """
const [text, done] = arguments, box = document.getElementById('search'), list = document.getElementById('found');
box.focus();
const began = performance.now();
new MutationObserver((_, observer) => { observer.disconnect(); done(performance.now() - began); })
  .observe(list, {childList: true, subtree: true});
box.value = text;
box.dispatchEvent(new Event('input', {bubbles: true}));
"""


def _ask(browser: Browser, address: str) -> list[Measurement]:
    ready = [_start(browser, address) for _ in range(_VISITS)]
    times = {query.name: browser.driver.execute_async_script(_RUN, query.name) for query in list_ready_queries()}
    failed = [name for name, answer in times.items() if answer["failed"]]
    slowest = max(times, key=lambda name: times[name]["seconds"])
    others = sorted(answer["seconds"] for answer in times.values())
    note = f"{slowest}; the middle one {statistics.median(others):.2f} s"
    if failed:
        note += f"; FAILED: {', '.join(failed)}"
    return [
        Measurement("SQL page, ready for a question", statistics.median(ready), "s", None, "empty cache", limit=4),
        Measurement(
            f"slowest of {len(times)} ready queries, to the table",
            None if failed else times[slowest]["seconds"], "s", None, note, limit=2,
        ),
    ]  # fmt: skip


def _start(browser: Browser, address: str) -> float:
    browser.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.visit(address)
    until = time.monotonic() + _PATIENCE
    while not (ready := browser.run("return document.documentElement.dataset.sqlReady")):
        if time.monotonic() > until:
            raise TimeoutError(f"{address}: {browser.run('return document.body.innerText')[:300]}")
        time.sleep(0.05)
    return float(ready) / 1000


_RUN = """
const [name, done] = arguments, began = performance.now();
document.querySelector(`[data-query=${name}]`).click();
const look = () => {
  if (!document.getElementById('stop').disabled) return requestAnimationFrame(look);
  done({seconds: (performance.now() - began) / 1000, failed: !document.getElementById('error').hidden});
};
requestAnimationFrame(look);
"""
