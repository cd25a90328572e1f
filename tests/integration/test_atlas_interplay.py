"""What a reader does on the atlas's pages: choosing years and measures, searching, saving CSV, reporting an error."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest
from atlas_pages import read_deals
from atlas_site import write_planted_site
from selenium.webdriver.support.ui import Select

from warehouse import database, lake, reviews
from warehouse.settings import DataDirectory

_CATCH = "atlas.save = (name, text) => { window.saved = text; };"
_TABLE = """
const details = document.querySelector('#{} details.data');
details.open = true;
details.dispatchEvent(new Event('toggle'));
return [...details.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.textContent));
"""


@pytest.fixture(scope="module")
def planted(published, tmp_path_factory):
    return write_planted_site(published, tmp_path_factory.mktemp("interplay"))


def find(browser, selector):
    return browser.driver.find_element("css selector", selector)


def read_csv(browser, figure):
    """Press a chart's button for CSV and return the lines."""
    browser.run(_CATCH)
    browser.run(f"document.querySelector('#{figure} .save-csv').click()")
    return list(csv.DictReader(io.StringIO(browser.run("return window.saved"))))


@pytest.mark.parametrize("measure", ["deals", "value_constant_usd", "tiv"])
def test_map_and_rankings_are_their_sql_for_any_span_and_measure(browser, address, published, measure):
    browser.visit(f"{address}/index.html")
    browser.wait_for("return document.querySelector('#flows').dataset.drawn")
    setting = json.loads(browser.run("return document.getElementById('world-setting').textContent"))
    for first, last in ((2016, 2019), (2019, 2022), (2016, 2023)):
        for name, year in (("first", first), ("last", last)):
            Select(find(browser, f"#span [name={name}]")).select_by_visible_text(str(year))
        Select(find(browser, "#span [name=measure]")).select_by_value(measure)
        span = f"{setting['measures'][measure]['words']}, {first}–{last}"
        for figure in ("flows", "top-suppliers", "top-recipients"):
            browser.wait_for(
                f"return document.querySelector('#{figure} .unit').textContent.includes({json.dumps(span)})"
            )
            sql = browser.run(f"return document.querySelector('#{figure} .query code').textContent")
            rows = database.query(published.data.published, sql).to_pylist()
            told = read_csv(browser, figure) if rows else []
            assert [{**row, "amount": float(row["amount"])} for row in told] == rows, (figure, span)
    assert browser.run("return document.querySelector('#flows').dataset.evidence") == (
        "register" if measure == "tiv" else "news"
    )


def test_a_choice_narrows_table_and_csv_alike(browser, address, published):
    browser.visit(f"{address}/country/IND.html")
    browser.wait_for("return document.querySelector('#imports').dataset.drawn")
    sql = browser.run("return document.querySelector('#imports .query code').textContent")
    rows = database.query(published.data.published, sql).to_pylist()
    assert {row["basis"] for row in rows} == {"ordered", "delivered"}
    for basis in ("ordered", "delivered"):
        Select(find(browser, "#imports select[name=basis]")).select_by_value(basis)
        wanted = [str(row["year"]) for row in rows if row["basis"] == basis]
        assert [row["year"] for row in read_csv(browser, "imports")] == wanted
        assert [row[0] for row in browser.run(_TABLE.format("imports"))] == wanted


def test_a_deal_tells_status_sources_conflict_register_and_sentences(browser, address, planted):
    key = next(key for key, deal in read_deals(planted).items() if deal["family"] == "K9 Thunder")
    browser.visit(f"{address}/deal/index.html#{key}")
    text = browser.wait_for("return document.querySelector('#deal h2') && document.getElementById('deal').innerText")
    for words in ("South Korea → Poland", "Conflict: units differ", "Harbour Wire", "212", "152", "2 sources", "SIPRI"):
        assert words in text
    links = browser.run("return [...document.querySelectorAll('.report h3 a')].map(link => [link.href, link.rel])")
    assert len(links) == 2
    assert all(href.startswith("http") and rel == "noopener noreferrer" for href, rel in links)


def test_an_address_that_names_no_deal_says_so(browser, address):
    for name, words in (
        ("", "Which deal?"),
        ("javascript:alert(1)", "Which deal?"),
        ("0123456789abcdef", "No such deal"),
    ):
        browser.visit(f"{address}/deal/index.html#{name}")
        assert words in browser.wait_for("return document.querySelector('#deal h1')?.textContent")


@pytest.fixture
def data(published, tmp_path):
    """A data directory of its own with the same release."""
    directory = DataDirectory(tmp_path)
    lake.initialise(directory)
    directory.warehouse.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(published.data.published, directory.published)
    directory.reviews.mkdir(exist_ok=True)
    return directory


def test_a_reported_error_is_a_line_that_reviews_take(browser, address, planted, data):
    key, deal = next((key, deal) for key, deal in read_deals(planted).items() if deal["family"] == "K9 Thunder")
    claim = deal["articles"][0]["claims"][0]["id"]
    browser.visit(f"{address}/deal/index.html#{key}")
    browser.wait_for("return document.querySelector('[data-claim]')")
    browser.run(f"document.querySelector('[data-claim=\"{claim}\"]').click()")
    Select(find(browser, "#review [name=verdict]")).select_by_visible_text("correct")
    Select(find(browser, "#review [name=field]")).select_by_visible_text("quantity")
    for name, words in (("value", "212"), ("reviewer", "A. Reader"), ("reason", 'The contract says "212", not 152')):
        find(browser, f"#review [name={name}]").send_keys(words)
    browser.run(_CATCH)
    find(browser, "#save-line").click()
    (data.reviews / "reviews.csv").write_text(browser.run("return window.saved"), encoding="utf-8")
    load_id = reviews.stage_reviews(data)
    (row,) = lake.read_staged(data, "reviews", load_id).read().to_pylist()
    told = {name: row[name] for name in ("claim_id", "deal_key", "verdict", "field", "value", "reviewer", "reason")}
    assert told == {
        "claim_id": claim,
        "deal_key": key,
        "verdict": "correct",
        "field": "quantity",
        "value": "212",
        "reviewer": "A. Reader",
        "reason": 'The contract says "212", not 152',
    }


@pytest.mark.parametrize("page", ["index.html", "country/IND.html", "sql/index.html"])
def test_the_search_box_leads_to_the_deals_found_even_before_its_script_is_there(browser, address, page):
    browser.visit(f"{address}/{page}")
    browser.run("document.getElementById('search').value = 'India Rafale'")
    browser.run("document.getElementById('search').form.submit()")  # as a browser does it where no script is in between
    browser.wait_for("return location.pathname.endsWith('/deals/index.html') && document.readyState === 'complete'")
    rows = "return [...document.querySelectorAll('#deals tbody tr')].map(row => row.innerText)"
    assert len(browser.wait_for(rows)) == 1
    assert "Rafale" in browser.run(rows)[0]
    assert browser.run("return document.getElementById('words').value") == "India Rafale"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("uk", [[], [], 0]),
        ("poland", [["Poland"], [], 2]),
        ("India Rafale 2016", [[], [], 1]),
        ("k9", [[], ["K9 Thunder"], 1]),
        ("RAFALE", [[], ["Rafale"], 1]),
        ("from:Poland", [[], [], 0]),
        ("to:Poland", [[], [], 2]),
        ("to:Poland himars", [[], [], 1]),
        ("america", [["United States"], [], 1]),
        ("delivered", [[], [], 1]),
        ("<script>", [[], [], 0]),
        ("   ", [[], [], 0]),
    ],
)
def test_search_finds_by_names_other_names_years_and_fields(browser, address, words, wanted):
    if "atlas" not in (browser.driver.current_url or "") or not browser.run("return Boolean(window.atlas?.index)"):
        browser.visit(f"{address}/country/index.html")
        browser.wait_for("return Boolean(window.atlas?.search)")
        browser.driver.execute_async_script("atlas.search.ready().then(arguments[0])")
    found = browser.driver.execute_script(
        "const f = atlas.search.search(arguments[0]);"
        "return [f.countries.map(c => c.name), f.weapons.map(w => w.family), f.deals.total];",
        words,
    )
    assert found == wanted
