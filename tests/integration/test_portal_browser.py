"""The report portal in headless Chromium: styled, no request to another host, no complaint, hostile text as text."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pytest
from browser import serve_reports
from gate_candidates import BUILD_ID, make_candidate

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))
from gate_batches import ARTICLES, FETCHED, TRANSFER_CLAIMS, make_article, make_claim, make_settings, stage

from expectations import gate, report
from expectations.seed_gate import SEEDS_RECEIPT
from warehouse import ops

HOSTILE = "<script>document.title='taken over'</script><img src=x onerror=\"document.title='taken over'\">"
WIDTHS = (390, 1440)
FONT = "return getComputedStyle(document.body).fontFamily"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """A portal of loads that passed, were set aside in part, were refused and were empty, all with hostile text."""
    settings = make_settings(tmp_path_factory.mktemp("portal"))
    late = FETCHED + datetime.timedelta(days=30)
    loads = [
        [make_article(1), make_article(2, title=HOSTILE)],
        [make_article(3), make_article(4, title=" ", url=f"https://news.example/{HOSTILE}"), make_article(5)],
        [make_article(6, published_at=late), make_article(7, language=HOSTILE), make_article(8)],
        [],
        [make_article(9, title=" ", author=HOSTILE)],
    ]
    for number, rows in enumerate(loads):
        stage(settings, ARTICLES, f"load-{number}", rows, source_id="harbour_wire")
        gate.settle_load(settings, "articles", f"load-{number}")
    claims = [make_claim(1), make_claim(2, evidence_text=HOSTILE, supplier_text=HOSTILE), make_claim(3)]
    stage(settings, TRANSFER_CLAIMS, "claims-1", claims)
    gate.settle_load(settings, "transfer_claims", "claims-1")
    make_candidate(settings, f"update marts.dim_articles set source_key = '{HOSTILE.replace(chr(39), '')}'")
    (settings.data.warehouse / SEEDS_RECEIPT).unlink()  # so that the seeds have a page, too
    gate.settle_candidate(settings, BUILD_ID)
    refusal = {"load_id": "load-1", "source_id": HOSTILE, "url": f"javascript:alert(1){HOSTILE}", "stage": "parse"}
    ops.append(settings.data, "refusals", [{**refusal, "reason": HOSTILE, "detail": HOSTILE, "is_retried": True}])
    report.build_reports(settings)
    with serve_reports(settings.data.reports) as address:
        yield settings.data.reports, address


def list_pages(reports):
    pages = sorted(path.relative_to(reports).as_posix() for path in reports.rglob("*.html"))
    kinds = {page.rpartition("/")[0]: page for page in pages}
    assert set(kinds) == {"", *(f"validation/{name}" for name in ("articles", "candidate", "seeds", "transfer_claims"))}
    return [*kinds.values(), *(page for page in pages if "articles" in page)]


def test_every_page_is_styled_asks_no_other_host_and_complains_of_nothing(browser, portal):
    reports, address = portal
    for page in list_pages(reports):
        for width in WIDTHS:
            visit = browser.visit(f"{address}/{page}", width=width)
            outside = [url for url in visit.requested if not url.startswith((f"{address}/", "data:"))]
            assert outside == [], page
            assert visit.complaints == (), page
            assert any(url.endswith("style.css") for url in visit.requested), page
            assert "system-ui" in browser.run(FONT), page
            assert browser.overflow() == 0, f"{page} is wider than a window of {width} pixels"


def test_hostile_text_is_shown_and_never_run(browser, portal):
    reports, address = portal
    shown = 0
    for page in list_pages(reports):
        browser.visit(f"{address}/{page}")
        assert "taken over" not in browser.driver.title, page
        assert browser.run("return document.scripts.length + document.images.length") == 0, page
        assert browser.run("return document.querySelectorAll('a[href^=javascript]').length") == 0, page
        shown += "<script>" in browser.run("return document.body.textContent")
    assert shown >= 4


def test_the_front_page_tells_release_gates_rows_trend_and_what_waits(browser, portal):
    _, address = portal
    browser.visit(f"{address}/index.html")
    text = browser.run("return document.body.innerText")
    for heading in ("Published release", "Gates now", "Waits for a decision", "Rows by stage", "Freshness by source"):
        assert heading in text
    bars = "return document.querySelectorAll('svg.trend')[0].querySelectorAll('rect.mark').length"
    assert browser.run(bars) == 5
    cards = browser.run("return [...document.querySelectorAll('article.card')].map(card => card.innerText)")
    assert [card.split("\n")[0] for card in cards] == ["articles", "transfer_claims", "seeds", "candidate"]
    assert "failed" in cards[0]
    assert "expect_column_values_to_match_regex(title)" in text
    assert "A blank headline means that the page was misread." in text, "what it broke, in plain words"


def test_every_link_of_the_front_page_leads_to_a_page(browser, portal):
    reports, address = portal
    browser.visit(f"{address}/index.html")
    links = browser.run("return [...document.querySelectorAll('a')].map(link => link.href)")
    assert len(links) > 5
    for link in links:
        assert (reports / link.removeprefix(f"{address}/")).is_file(), link


def test_our_own_expectations_are_drawn_with_columns_numbers_and_reason(browser, portal):
    reports, address = portal
    page = next(page for page in list_pages(reports) if "transfer_claims" in page)
    browser.visit(f"{address}/{page}")
    text = " ".join(browser.run("return document.body.textContent").split())
    for words in (
        "The price of one unit is plausible for the category.",
        "(weapon_category, reference_unit_value_usd)",
        "aircraft 230,000.0 to 6,400,000,000.0",
        "Millions read as billions",
        "values must be greater than or equal to 1945",
    ):
        assert words in text
