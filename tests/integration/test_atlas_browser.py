"""Every page of the atlas in headless Chromium: both widths, light and dark, charts drawn, nothing asked elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from atlas_site import EMPTY, write_planted_site
from browser import serve_reports
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from warehouse import database
from warehouse.atlas import sql

AXE = Path(sql.__file__).with_name("frontend") / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = "<script>document.title='taken over'</script><img src=x onerror=\"document.title='taken over'\">"
LONG = "A very long name " * 12
RIGHT_TO_LEFT = 'وزارة "الدفاع" <b>\''
CHANGES = (
    f"update marts.dim_countries set country_name = {database.literal(HOSTILE)} where country_code = 'FRA'",
    f"update marts.dim_countries set country_name = {database.literal(LONG)} where country_code = 'KOR'",
    f"update marts.dim_countries set country_name = {database.literal(RIGHT_TO_LEFT)} where country_code = 'IND'",
    f"update marts.fct_transfer_claims set evidence_text = {database.literal(HOSTILE)}",
    f"update marts.dim_articles set title = {database.literal(HOSTILE)}, url = 'javascript:alert(1)//' || url "
    "where article_key = (select min(article_key) from marts.dim_articles)",
    "update marts.fct_deals set supplier_is_inferred = true, order_year_is_estimate = true where supplier_code = 'USA'",
    "update marts.fct_country_year_transfers set tiv = tiv * 1000 where tiv is not null",
)
"""What a hostile publisher or a rare actor may bring in names, sentences and addresses; doubts; large amounts."""
LOOKS = ((1440, "light"), (390, "dark"))
_DRAWN = """
const figures = [...document.querySelectorAll('figure.chart[data-chart]')];
const undrawn = figures.filter(figure => !figure.dataset.drawn && !figure.classList.contains('bare'));
undrawn[0]?.scrollIntoView(); // a chart is drawn when a reader comes near it
return undrawn.length === 0;
"""
_EMPTY = """
return [...document.querySelectorAll('figure.chart[data-drawn]')]
  .filter(figure => !figure.querySelector('svg [class*=mark-] path, svg [class*=mark-] text, canvas'))
  .map(figure => figure.id);
"""
_CUT = """
return [...document.querySelectorAll('figure.chart[data-drawn]')].flatMap(figure => {
  const edge = figure.querySelector('.plot').getBoundingClientRect();
  return [...figure.querySelectorAll('svg text')]
    .filter(text => text.getBoundingClientRect().right > edge.right + 1 || /\\de\\+/.test(text.textContent))
    .map(text => `${figure.id}: ${text.textContent}`);
});
"""
"""Words of a chart that its edge cuts off, and numbers that only a physicist reads, such as 2e+4."""


@pytest.fixture(scope="module")
def planted(published, tmp_path_factory):
    if not AXE.is_file() or not sql.is_installed():
        pytest.skip("the atlas's packages aren't installed: apt install nodejs npm, then make setup")
    return write_planted_site(published, tmp_path_factory.mktemp("pages"), *CHANGES)


def list_pages(planted):
    """One page of each kind, and of pages about countries all: they hold the rare names."""
    pages = sorted(path.relative_to(planted).as_posix() for path in planted.rglob("*.html"))
    kinds = {page.rpartition("/")[0]: page for page in pages}
    return sorted({*kinds.values(), *(page for page in pages if page.endswith("index.html") or "country" in page)})


def look(browser, address, width, theme):
    """Open a page in a theme, and wait until its charts are drawn."""
    features = [{"name": "prefers-color-scheme", "value": theme}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    visit = browser.visit(address, width=width)
    browser.wait_for(_DRAWN, f"not drawn on {address}")
    return visit


def find_faults(browser):
    """Return what axe-core calls serious or critical on the page, as rule and place."""
    browser.driver.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.driver.execute_async_script(
        "const done = arguments[0]; axe.run({resultTypes: ['violations']}).then(result => done(result.violations));"
    )
    return [
        (rule["id"], node["html"][:120], node["failureSummary"][:200])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def test_every_page_is_whole_at_both_widths_in_light_and_dark(browser, address, planted):
    pages = list_pages(planted)
    assert {"index.html", "sql/index.html"} <= set(pages)
    for page in pages:
        papers = set()
        for width, theme in LOOKS:
            where = f"{page} at {width} pixels, {theme}"
            visit = look(browser, f"{address}/{page}", width, theme)
            assert visit.complaints == (), where
            assert [url for url in visit.requested if not url.startswith((f"{address}/", "data:", "blob:"))] == [], (
                where
            )
            assert browser.overflow() == 0, where
            assert browser.run(_EMPTY) == [], f"charts without marks on {where}"
            assert browser.run(_CUT) == [], where
            assert find_faults(browser) == [], where
            late = [entry["message"] for entry in browser.driver.get_log("browser") if entry["level"] == "SEVERE"]
            assert late == [], where
            papers.add(browser.run("return getComputedStyle(document.body).backgroundColor"))
        assert len(papers) == 2, f"{page} looks the same in light and dark"


def test_hostile_names_and_sentences_are_shown_and_never_run(browser, address, planted):
    shown = 0
    for page in list_pages(planted):
        look(browser, f"{address}/{page}", 1440, "light")
        # a title may show the name as text; what the name would do is set the whole title
        assert browser.driver.title != "taken over", page
        assert browser.run("return document.images.length") == 0, page
        assert browser.run("return document.querySelectorAll('a[href^=\"javascript:\" i]').length") == 0, page
        shown += "onerror=" in browser.run("return document.body.textContent")
    assert shown >= 2


def test_every_link_within_the_site_leads_to_a_page(browser, address, planted):
    for page in list_pages(planted):
        browser.visit(f"{address}/{page}")
        for link in browser.run("return [...document.querySelectorAll('a[href]')].map(link => link.href)"):
            if link.startswith(f"{address}/"):
                path = planted / link.removeprefix(f"{address}/").partition("#")[0].partition("?")[0]
                assert (path / "index.html" if path.is_dir() else path).is_file(), f"{page} links {link}"


def test_estimates_inferred_suppliers_and_years_of_few_articles_are_marked(browser, address):
    look(browser, f"{address}/country/POL.html", 1440, "light")
    (row,) = browser.run(
        "return [...document.querySelectorAll('table.deals tbody tr')].map(row => row.innerText)"
        ".filter(text => text.includes('HIMARS'))"
    )
    for words in ("inferred", "≈ 2019", "1 source"):
        assert words in row
    shaded = (
        "return [...document.querySelectorAll('figure.chart[data-drawn]')]"
        ".filter(figure => [...figure.querySelectorAll('svg path')]"
        ".some(path => path.getAttribute('fill') === atlas.colour('gap'))).map(figure => figure.dataset.evidence)"
    )
    assert set(browser.run(shaded)) == {"news"}
    browser.visit(f"{address}/deals/index.html#q=himars")
    listed = browser.wait_for("return document.querySelector('#deals tbody tr')?.innerText")
    for words in ("inferred", "≈ 2019", "1 source"):
        assert words in listed


@pytest.mark.parametrize("width", [390, 1440])
def test_what_the_search_finds_lies_within_the_window(browser, address, width):
    browser.visit(f"{address}/index.html", width=width)
    browser.run("document.getElementById('search').focus()")
    ActionChains(browser.driver).send_keys("poland").perform()
    browser.wait_for("return document.querySelector('#found [role=option]')")
    left, right = browser.run(
        "const box = document.getElementById('found').getBoundingClientRect(); return [box.left, box.right]"
    )
    assert 0 <= left < right <= width


def test_the_search_finds_countries_weapons_and_deals_by_keyboard(browser, address):
    browser.visit(f"{address}/index.html")
    browser.run("document.getElementById('search').focus()")
    for typed, wanted in (("himars", "HIMARS"), ("korea k9", "K9"), ("pola", "Poland")):
        # what the last words found must not pass for what these find
        browser.run("document.getElementById('search').value = ''; document.getElementById('found').replaceChildren()")
        ActionChains(browser.driver).send_keys(typed).perform()
        shown = f"return document.getElementById('found').innerText.includes('{wanted}')"
        assert browser.wait_for(shown, f"for {typed!r}")
    ActionChains(browser.driver).send_keys(Keys.ARROW_DOWN).send_keys(Keys.ENTER).perform()
    opened = "return location.pathname.includes('/country/')"
    assert browser.wait_for(opened, "Enter doesn't open what was chosen")


def test_the_keyboard_reaches_content_and_theme(browser, address):
    browser.visit(f"{address}/index.html")
    ActionChains(browser.driver).send_keys(Keys.TAB).send_keys(Keys.ENTER).perform()
    assert browser.wait_for("return document.activeElement.id === 'main'")
    browser.run("document.getElementById('theme').focus()")
    paper = "return getComputedStyle(document.body).backgroundColor"
    before = browser.run(paper)
    ActionChains(browser.driver).send_keys(Keys.ENTER).perform()
    assert browser.wait_for(f"{paper} !== '{before}'"), "the theme is the other one"
    browser.run("localStorage.clear()")


def test_pages_opened_as_files_draw_their_charts(browser, planted):
    visit = look(browser, (planted / "index.html").as_uri(), 1440, "light")
    assert visit.complaints == ()
    assert browser.run(_EMPTY) == []


def test_an_empty_warehouse_has_pages_that_work(browser, published, tmp_path):
    site = write_planted_site(published, tmp_path, *EMPTY)
    with serve_reports(site.parent) as served:
        for page in list_pages(site):
            visit = look(browser, f"{served}/atlas/{page}", 390, "light")
            assert visit.complaints == (), page
            assert browser.overflow() == 0, page
            assert [entry for entry in browser.driver.get_log("browser") if entry["level"] == "SEVERE"] == [], page
        browser.visit(f"{served}/atlas/deals/index.html#q=france")
        browser.wait_for("return document.getElementById('told').textContent.startsWith('No deal')")
