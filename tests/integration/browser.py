"""Debian's Chromium without a screen, for tests of pages: what it asked for, what it complained of, how it looks."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from expectations.serving import build_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

PATIENCE = 120
"""Seconds after which a page that doesn't do what a test waits for counts as broken; no measure of its speed."""


@dataclass(frozen=True)
class Visit:
    """One page as Chromium showed it.

    Attributes:
        requested: addresses that it asked for.
        complaints: messages of its console, warnings and errors.
        seconds: from the start of the navigation to the end of its load event.
    """

    requested: tuple[str, ...]
    complaints: tuple[str, ...]
    seconds: float


class Browser:
    """Chromium with a log of its network and its console."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def visit(self, address: str, *, width: int = 1440, height: int = 900) -> Visit:
        """Open a page at a width and return what happened."""
        self.driver.get("about:blank")
        for name in ("performance", "browser"):
            self.driver.get_log(name)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.get(address)
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        requested = [
            event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"
        ]
        complaints = [
            entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
        ]
        timing = "return performance.getEntriesByType('navigation')[0].loadEventEnd"
        return Visit(tuple(requested), tuple(complaints), self.run(timing) / 1000)

    def run(self, script: str) -> Any:
        """Run a script in the page and return its value."""
        return self.driver.execute_script(script)

    def wait_for(self, script: str, complaint: str = "") -> Any:
        """Run a script until it returns something true, and return that.

        Args:
            script: a function's body, as for `run`.
            complaint: what is told beside the script when nothing comes.
        """
        from selenium.webdriver.support.wait import WebDriverWait

        wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.02)
        return wait.until(lambda _: self.run(script), f"{script}: {complaint}")

    def overflow(self) -> float:
        """Return by how many pixels the page is wider than the window."""
        return float(self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def save_picture(self, path: Path, *, height: int = 6000) -> None:
        """Save a picture of the page as PNG, at most so many pixels high."""
        size = self.run("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], height), "scale": 1}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
        path.write_bytes(base64.b64decode(shot["data"]))


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Run Chromium while the block runs; skips the test where it isn't installed."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("Chromium isn't installed; on Debian: apt install chromium chromium-driver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    browser.set_script_timeout(PATIENCE)
    try:
        yield Browser(browser)
    finally:
        browser.quit()


@contextlib.contextmanager
def serve_reports(reports: Path) -> Iterator[str]:
    """Serve a reports folder while the block runs; gives its address."""
    with build_server(reports, host="127.0.0.1", port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
