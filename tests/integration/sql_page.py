"""The atlas's page "Ask in SQL" as a reader works with it: asks, waits for the answer, saves it as CSV."""

from __future__ import annotations

import csv
import json
import time
from typing import TYPE_CHECKING

from browser import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from browser import Browser

BETWEEN_FILES = 0.15
"""Seconds between two saved files: Chromium drops a page's eleventh file within one second and says nothing
(``kBurstDownloadLimit`` in Blink), and a test on a quiet machine is faster than any reader."""


class SqlPage:
    """The page in one browser.

    Args:
        browser: Chromium.
        downloads: folder that it saves files to.
    """

    def __init__(self, browser: Browser, downloads: Path) -> None:
        self._browser = browser
        self._downloads = downloads
        self._saved_at = 0.0
        behaviour = {"behavior": "allow", "downloadPath": str(downloads)}
        browser.driver.execute_cdp_cmd("Page.setDownloadBehavior", behaviour)

    @property
    def status(self) -> str:
        """What the page says it does."""
        return str(self._browser.run("return document.getElementById('status').textContent"))

    @property
    def error(self) -> str:
        """The error that is shown, or an empty text."""
        return str(self._browser.run("const e = document.getElementById('error'); return e.hidden ? '' : e.innerText"))

    def wait_until_ready(self) -> None:
        """Wait until DuckDB has started."""
        self._wait("document.documentElement.dataset.sqlReady")

    def wait_for_answer(self) -> None:
        """Wait until no query runs."""
        self._wait("!document.getElementById('run').disabled && document.getElementById('stop').disabled")

    def write(self, sql: str) -> None:
        """Put SQL into the editor through the page's address, which runs nothing."""
        self._browser.run(f"location.hash = 'sql=' + encodeURIComponent({json.dumps(sql)})")
        wanted = json.dumps(" ".join(sql.split()))
        self._wait(
            f"document.querySelector('.cm-content').textContent.replace(/\\s+/g, '') === {wanted}.replace(/ /g, '')"
        )

    def ask(self, sql: str) -> None:
        """Write SQL and press the button."""
        self.write(sql)
        self._browser.run("document.getElementById('run').click()")
        self.wait_for_answer()

    def ask_ready(self, name: str) -> None:
        """Press the button of a ready query."""
        self._browser.run(f"document.querySelector('[data-query={name}]').click()")
        self.wait_for_answer()

    def save(self) -> list[list[str]]:
        """Save the result as CSV; returns its lines, the header first."""
        for old in self._downloads.iterdir():
            old.unlink()
        time.sleep(max(0.0, self._saved_at + BETWEEN_FILES - time.monotonic()))
        self._browser.driver.find_element("id", "save").click()
        self._saved_at = time.monotonic()
        while not (found := list(self._downloads.glob("*.csv"))):
            assert time.monotonic() < self._saved_at + PATIENCE, f"no file was saved; the page says: {self.status}"
            time.sleep(0.02)
        with found[0].open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def _wait(self, condition: str) -> None:
        self._browser.wait_for(f"return Boolean({condition})", f"the page says: {self.status}")
