"""The atlas's page "Ask in SQL" in headless Chromium, against the same queries in DuckDB itself."""

from __future__ import annotations

import datetime
import math

import pytest
from atlas_site import write_planted_site
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from sql_page import SqlPage

from warehouse import database
from warehouse.atlas import sql
from warehouse.prompt.ready import list_ready_queries

HOSTILE = "<script>document.title='taken over'</script><img src=x onerror=\"document.title='taken over'\">"
RENAMED = f"update marts.dim_countries set country_name = {database.literal(HOSTILE)} where country_code = 'FRA'"


@pytest.fixture(scope="module")
def planted(published, tmp_path_factory):
    """A site whose France bears a hostile name."""
    if not sql.is_installed():
        pytest.skip("the page's packages aren't installed: apt install nodejs npm, then make setup")
    return write_planted_site(published, tmp_path_factory.mktemp("sql"), RENAMED)


@pytest.fixture(scope="module")
def page(browser, address, tmp_path_factory):
    """The page with DuckDB started: started once, since every question leaves it as it was."""
    browser.visit(f"{address}/sql/index.html")
    opened = SqlPage(browser, tmp_path_factory.mktemp("downloads"))
    opened.wait_until_ready()
    return opened


def is_same(told, value):
    """Whether a text of the CSV tells a value of DuckDB."""
    if value is None:
        return told == ""
    if isinstance(value, bool):
        return told == str(value).lower()
    if isinstance(value, datetime.datetime):
        return datetime.datetime.fromisoformat(told) == value.replace(tzinfo=None)
    if isinstance(value, (int, float)) or value.__class__.__name__ == "Decimal":
        return math.isclose(float(told), float(value), rel_tol=1e-12, abs_tol=1e-12)
    return told == str(value)


def query_here(planted, statement):
    (path,) = (planted / "data").glob("*.duckdb")
    with database.read_database(path) as connection:
        relation = connection.sql(statement)
        return relation.columns, relation.fetchall()


def test_every_ready_query_answers_as_duckdb_does(page, planted):
    queries = list_ready_queries()
    assert len(queries) >= 20
    filled = 0
    for query in queries:
        page.ask_ready(query.name)
        assert page.error == "", query.name
        columns, rows = query_here(planted, query.sql)
        header, *lines = page.save()
        assert header == columns, query.name
        assert len(lines) == len(rows), query.name
        wrong = [
            (told, value)
            for line, row in zip(lines, rows, strict=True)
            for told, value in zip(line, row, strict=True)
            if not is_same(told, value)
        ]
        assert wrong == [], query.name
        filled += bool(rows)
    assert filled >= 15


def test_values_of_every_type_are_told_in_full(page):
    page.ask(
        "select 9007199254740993::bigint as big, 0.1::double as small, 12.50::decimal(9,2) as price, true as yes, "
        "date '2016-09-23' as day, timestamp '2016-09-23 10:20:30.5' as moment, null::int as nothing, "
        "'a \"quoted\", line\nbreak' as text, '=1+1' as formula, [1, 2] as list"
    )
    header, line = page.save()
    assert header == ["big", "small", "price", "yes", "day", "moment", "nothing", "text", "formula", "list"]
    assert line[:2] == ["9007199254740993", "0.1"]
    assert line[2:7] == ["12.5", "true", "2016-09-23", "2016-09-23 10:20:30.5", ""]
    assert line[7:] == ['a "quoted", line\nbreak', "'=1+1", "[1,2]"]


def test_the_chosen_country_is_what_ready_queries_are_about(page, browser):
    choose = "const c = document.getElementById('country'); c.value = '{}'; c.dispatchEvent(new Event('change'))"
    suppliers = {}
    for code in ("IND", "POL", ""):
        browser.run(choose.format(code))
        page.ask_ready("deals_of_country")
        suppliers[code] = {line[0] for line in page.save()[1:]}
    assert suppliers["IND"] == {HOSTILE}
    assert suppliers["POL"] == suppliers[""] == {"South Korea", "United States"}


def test_a_link_with_sql_is_shown_and_not_run(page, browser):
    page.ask("select 'before' as answer")
    page.write("select 'from a link' as answer")
    assert browser.run("return document.querySelector('table.result td').textContent") == "before"


def test_an_error_is_told_plainly_and_the_next_question_is_answered(page):
    page.ask("select supplier from marts.fct_deal")
    assert "fct_deal does not exist" in page.error
    assert "fct_deals" in page.error
    page.ask("select date_trunc('day', timestamptz '2026-01-01 00:00:00+00')")
    assert "time zones" in page.error
    page.ask("select 42 as answer")
    assert page.error == ""
    assert page.save() == [["answer"], ["42"]]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from marts.fct_deals",
        "drop table marts.fct_deals",
        "select * from read_csv('https://elsewhere.example/a.csv')",
        "attach 'https://elsewhere.example/a.duckdb' as other",
        "set enable_external_access = true",
        "load icu",
    ],
)
def test_nothing_is_changed_and_nothing_else_is_read(page, statement):
    page.ask("select 1 as answer")
    page.ask(statement)
    assert page.error
    assert page.status == "The query failed."


def test_a_query_without_end_is_stopped(page, browser):
    page.write("select sum(a.range * b.range) from range(100000000) as a, range(100000000) as b")
    browser.run("document.getElementById('run').click()")
    assert browser.run("return document.getElementById('stop').disabled") is False
    browser.run("document.getElementById('stop').click()")
    page.wait_for_answer()
    assert page.status == "Stopped."
    page.ask("select 1 as answer")
    assert page.save() == [["answer"], ["1"]]


def test_hostile_names_are_text_in_table_chart_and_list(page, browser):
    title = browser.run("return document.title")
    page.ask("select country_name, 3 as deals from marts.dim_countries where country_code = 'FRA'")
    assert HOSTILE in browser.run("return document.querySelector('table.result').textContent")
    wait_for_marks(browser, 1)
    assert "<script>" in browser.run("return document.getElementById('plot').textContent")
    page.ask('select 1 as "<img src=x onerror=alert(1)>", \'<b>x</b>\' as "</script><script>alert(2)</script>"')
    assert "<img" in browser.run("return document.querySelector('table.result thead').textContent")
    assert browser.run("return document.images.length") == 0
    assert HOSTILE in browser.run("return document.getElementById('country').textContent")
    assert browser.run("return document.title") == title


def wait_for_marks(browser, count):
    """Wait until the chart has so many bars or points."""
    marks = "document.querySelectorAll('#plot svg .mark-rect path, #plot svg .mark-symbol path').length"
    browser.wait_for(f"return {marks} === {count}")


def test_a_result_is_drawn_and_news_and_register_have_axes_of_their_own(page, browser):
    page.ask("select * from (values ('a', 1), ('b', 2), ('c', 3)) as t(name, amount)")
    wait_for_marks(browser, 3)
    rows = "('news', 'a', 1), ('news', 'b', 2), ('register', 'a', 900), ('register', 'b', 3)"
    page.ask(f"select * from (values {rows}) as t(evidence_source, name, tiv)")
    wait_for_marks(browser, 4)
    told = browser.run("return document.getElementById('plot').textContent")
    assert "news" in told
    assert "register" in told
    # one scale for both would leave the bars of the news, 1 and 2, a pixel wide beside 900
    widths = browser.run(
        "return [...document.querySelectorAll('#plot .mark-rect path')].map(bar => bar.getBBox().width)"
    )
    assert min(widths[1], widths[2]) > 100
    page.ask("select 'no number' as word")
    assert browser.run("return document.getElementById('chart').hidden") is True


def test_a_long_result_is_paged_and_sorted(page, browser):
    page.ask("select range as number, case when range % 2 = 0 then 'even' end as parity from range(120)")
    rows = "return [...document.querySelectorAll('table.result tbody tr')].map(row => row.innerText)"
    assert len(browser.run(rows)) == 50
    press = "[...document.querySelectorAll('.pager button')].find(button => button.textContent === '{}').click()"
    browser.run(press.format("Last"))
    assert len(browser.run(rows)) == 20
    sort = "document.querySelector('table.result th button').click()"
    browser.run(sort)
    browser.run(sort)
    header = "return document.querySelector('table.result th').getAttribute('aria-sort')"
    first = {browser.run(header): browser.run(rows)[0].split()[0]}
    browser.run(sort)
    assert first in ({"ascending": "0"}, {"descending": "119"})


def test_the_keyboard_alone_asks_and_leaves_the_editor(browser, address, tmp_path):
    browser.visit(f"{address}/sql/index.html", width=390)
    page = SqlPage(browser, tmp_path)
    page.wait_until_ready()
    for _ in range(20):
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        if browser.run("return document.activeElement.getAttribute('href')") == "#sql":
            break
    ActionChains(browser.driver).send_keys(Keys.ENTER).perform()
    browser.wait_for("return document.activeElement.closest('#editor') !== null")
    chain = ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL)
    chain.send_keys("select 6 * 7 as answer").send_keys(Keys.ESCAPE)
    chain.key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
    page.wait_for_answer()
    ActionChains(browser.driver).send_keys(Keys.TAB).perform()
    browser.wait_for("return document.activeElement.id === 'run'")
    assert page.save() == [["answer"], ["42"]]


def test_opened_as_a_file_the_page_says_what_it_needs(browser, planted):
    browser.visit((planted / "sql" / "index.html").as_uri())
    assert "make reports" in browser.run("return document.getElementById('needs-server').innerText")
    assert browser.run("return document.getElementById('run').disabled") is True


def test_without_its_packages_the_site_is_whole_but_for_the_page(published, tmp_path, monkeypatch):
    monkeypatch.setattr(sql, "PACKAGES", tmp_path / "none")
    site = write_planted_site(published, tmp_path)
    assert not (site / "sql").exists()
    assert list(site.rglob("*.duckdb")) == []
    front = (site / "index.html").read_text(encoding="utf-8")
    assert "Ask in SQL" not in front
    assert "make setup" in front
