"""The atlas's pages as files: charts equal their SQL, links lead somewhere, bad names stay text."""

from __future__ import annotations

import base64
import json
from array import array

import pytest
from atlas_pages import list_figures, list_links, parse, read_deals, read_index, resolve
from atlas_site import EMPTY, write_planted_site

from warehouse import database
from warehouse.atlas.searching import MARKS

HOSTILE = "<script>document.title='taken over'</script><img src=x onerror=\"document.title='taken over'\">"
QUOTES = """O'Brien "quoted" \\ back`tick` {{ 7 * 7 }} </script><!--"""
ARABIC = "صاروخ أرض-جو"
LONG = "Very " * 39 + "long"


@pytest.fixture(scope="module")
def planted(published, tmp_path_factory):
    return write_planted_site(published, tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def hostile(published, tmp_path_factory):
    """A site whose countries, weapons, articles and sentences bear the worst names."""
    named = {"FRA": HOSTILE, "IND": QUOTES, "POL": ARABIC, "KOR": LONG}
    statements = [
        *(
            f"update marts.dim_countries set country_name = {database.literal(name)} where country_code = '{code}'"
            for code, name in named.items()
        ),
        f"update marts.fct_deals set weapon_family = {database.literal(HOSTILE)} where weapon_family = 'Rafale'",
        f"update marts.fct_deals set weapon_designation = {database.literal(LONG)} where supplier_code = 'USA'",
        f"update marts.fct_transfer_claims set evidence_text = {database.literal(HOSTILE)}, "
        f"supplier_text = {database.literal(QUOTES)}",
        f"update marts.dim_articles set title = {database.literal(HOSTILE)}, url = 'javascript:alert(1)'",
        f"update marts.dim_sources set publisher = {database.literal(ARABIC)}",
    ]
    return write_planted_site(published, tmp_path_factory.mktemp("hostile"), *statements)


def test_the_rows_of_every_chart_are_those_of_the_sql_beside_it(planted, published):
    figures = [figure for page in planted.rglob("*.html") for figure in list_figures(page)]
    assert {figure.evidence for figure in figures} == {"news", "register"}
    assert len({figure.id for figure in figures}) >= 12
    with database.read_database(published.data.published) as connection:
        for figure in figures:
            rows = connection.sql(figure.sql).to_arrow_table().to_pylist()
            assert figure.rows, figure
            assert json.loads(json.dumps(rows, default=str)) == figure.rows, (figure.page, figure.id)


def test_news_and_register_never_share_a_chart(planted):
    for page in planted.rglob("*.html"):
        for figure in list_figures(page):
            assert ("tiv" in figure.rows[0]) == (figure.evidence == "register"), (page, figure.id)


def test_every_link_leads_to_a_file_of_the_site(planted, hostile):
    for site in (planted, hostile):
        seen = 0
        for page in site.rglob("*.html"):
            for address in list_links(page):
                assert "://" not in address, (page, address)
                target = resolve(page, address)
                if target.name == "index.html" and target.parent == site.parent:
                    continue  # the portal's own page, written by expectations
                assert target.is_file(), (page, address)
                seen += 1
        assert seen > 100


def test_each_supplier_recipient_pair_and_weapon_has_a_page(planted, published):
    with database.read_database(published.data.published) as connection:
        count = "select count(distinct {}) from marts.fct_deals"
        pairs, weapons = (
            connection.sql(count.format(what)).fetchall()[0][0]
            for what in ("(supplier_code, recipient_code)", "weapon_family")
        )
    assert len(list((planted / "pair").glob("*.html"))) >= pairs
    assert len(list((planted / "weapon").glob("*.html"))) == weapons + 1
    assert {"FRA.html", "IND.html", "POL.html", "KOR.html", "USA.html"} <= {
        p.name for p in (planted / "country").iterdir()
    }


def test_a_deal_carries_its_history_its_conflicts_and_every_sentence(planted, published):
    deals = read_deals(planted)
    with database.read_database(published.data.published) as connection:
        known = dict(connection.sql("select deal_key, claim_count from marts.fct_deals").fetchall())
        sentences = {row[0] for row in connection.sql("select evidence_text from marts.fct_transfer_claims").fetchall()}
        ((release,),) = connection.sql("select max(release_id) from ops.releases").fetchall()
    assert deals.keys() == known.keys()
    for key, deal in deals.items():
        claims = [claim for article in deal["articles"] for claim in article["claims"]]
        assert len(claims) == known[key]
        assert {claim["evidence"] for claim in claims} <= sentences
        assert deal["release"] == release
        assert [status["current"] for status in deal["statuses"]].count(True) == 1
    (howitzers,) = (deal for deal in deals.values() if deal["family"] == "K9 Thunder")
    assert howitzers["conflicts"] == [True, False, False, False]
    assert howitzers["sources"] == 2
    (fighters,) = (deal for deal in deals.values() if deal["family"] == "Rafale")
    assert [status["status"] for status in fighters["statuses"]] == ["ordered", "delivered"]
    assert fighters["register"][0]["quantity"] == 36


def test_a_pair_counts_its_deals_in_the_news_and_in_the_register(planted):
    text = " ".join(parse(planted / "pair" / "KOR__POL.html").text_content().split())
    assert "1 deal in the news, 1 in SIPRI's register." in text


def test_the_search_index_tells_every_deal(planted, published):
    index = read_index(planted)
    numbers = {
        name: array(kind, base64.b64decode(index["deals"][name])).tolist()
        for name, kind in (
            ("supplier", "H"),
            ("recipient", "H"),
            ("weapon", "I"),
            ("year", "H"),
            ("status", "B"),
            ("marks", "B"),
        )
    }
    digits = index["deals"]["digits"]
    told = {
        (
            index["deals"]["keys"][place * digits :][:digits],
            index["countries"][numbers["supplier"][place]][0],
            index["countries"][numbers["recipient"][place]][0],
            index["weapons"][numbers["weapon"][place]][1],
            numbers["year"][place],
            index["statuses"][numbers["status"][place]],
            *(bool(numbers["marks"][place] & bit) for bit in MARKS.values()),
        )
        for place in range(index["deals"]["count"])
    }
    sql = f"""
        select deal_key[:{digits}], s.country_name, r.country_name, weapon_family, coalesce(order_year, 0), deal_status,
            supplier_is_inferred, order_year_is_estimate,
            has_quantity_conflict or has_value_conflict or has_order_year_conflict or has_status_conflict
        from marts.fct_deals as d
        join marts.dim_countries as s on d.supplier_code = s.country_code
        join marts.dim_countries as r on d.recipient_code = r.country_code
    """
    with database.read_database(published.data.published) as connection:
        assert told == set(connection.sql(sql).fetchall())
    assert any("America" in row[3] for row in index["countries"] if row[1] == "USA")


def test_bad_names_are_text_and_nothing_else(hostile):
    shown = 0
    for page in hostile.rglob("*.html"):
        document = parse(page)
        for script in document.xpath("//script"):
            assert script.get("src") or script.get("type") == "application/json", page
            if not script.get("src"):
                json.loads(script.text)
        assert document.xpath("//img | //*[@onerror]") == [], page
        assert not [link for link in document.xpath("//a/@href") if link.lower().startswith("javascript")], page
        shown += HOSTILE in document.text_content()
    assert shown >= 3
    assert QUOTES in parse(hostile / "country" / "IND.html").xpath("//h1")[0].text_content()
    assert ARABIC in parse(hostile / "country" / "POL.html").xpath("//h1")[0].text_content()
    deals = read_deals(hostile)
    assert {article["title"] for deal in deals.values() for article in deal["articles"]} == {HOSTILE}
    assert all(len(path.name) < 100 for path in hostile.rglob("*"))


def test_an_empty_warehouse_has_a_site_that_says_so(published, tmp_path):
    site = write_planted_site(published, tmp_path, *EMPTY)
    assert "holds no transfer" in parse(site / "index.html").text_content()
    assert "holds no deal" in parse(site / "country" / "index.html").text_content()
    assert list_figures(site / "quality" / "index.html") == []
    assert read_index(site)["deals"]["count"] == 0
    assert sorted(path.name for path in (site / "country").iterdir()) == ["index.html"]


def test_one_deal_is_enough_for_a_site(published, tmp_path):
    others = "deal_key <> (select min(deal_key) from marts.fct_deals where supplier_code = 'USA')"
    site = write_planted_site(
        published,
        tmp_path,
        "delete from marts.fct_register_deliveries",
        "delete from marts.fct_country_year_transfers where supplier_code <> 'USA' or tiv is not null",
        f"delete from marts.fct_deals where {others}",
    )
    assert read_index(site)["deals"]["count"] == 1
    assert "1 deal in the news" in parse(site / "pair" / "USA__POL.html").text_content()
    setting = json.loads(parse(site / "index.html").get_element_by_id("world-setting").text)
    assert len(setting["sums"]) == 1


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        ("XKX", "Kosovo", "shape"),
        ("SUHH", "A state from", "former"),
        ("Houthi", "Not a state", None),
        ("SGP", "Singapore", "city"),
    ],
)
def test_parties_without_a_shape_and_parties_that_are_no_state(published, tmp_path, code, words, kind):
    moved = [
        f"update marts.{table} set recipient_code = '{code}', recipient_country_key = (select country_key "
        f"from marts.dim_countries where country_code = '{code}') where recipient_code = 'POL'"
        for table in ("fct_deals", "fct_country_year_transfers", "rpt_supplier_recipient_network")
    ]
    site = write_planted_site(published, tmp_path, *moved)
    page = parse(site / "country" / f"{code}.html")
    assert words in page.text_content()
    setting = json.loads(parse(site / "index.html").get_element_by_id("world-setting").text)
    (actor,) = (actor for actor in setting["actors"] if actor[2] == code)
    assert actor[3:] == ([] if kind is None else [actor[3], actor[4], kind])


def test_every_state_has_a_place_on_the_map():
    from warehouse.atlas.world import read_places
    from warehouse.reference import read_seed

    places = read_places()
    for row in read_seed("countries").to_pylist():
        if row["actor_type"] in ("state", "historic_state"):
            longitude, latitude, _ = places[row["country_code"]]
            assert -180 <= longitude <= 180, row
            assert -60 <= latitude <= 75, row


def test_shapes_bear_codes_of_the_reference_list():
    from warehouse.atlas.assets import GEOGRAPHY
    from warehouse.reference import read_seed

    known = {row["country_code"] for row in read_seed("countries").to_pylist()}
    shapes = json.loads((GEOGRAPHY / "world.json").read_text(encoding="utf-8"))["objects"]["countries"]["geometries"]
    named = [shape["id"] for shape in shapes if "id" in shape]
    assert set(named) <= known
    assert len(named) == len(set(named)) > 165


def test_duckdb_reads_the_sql_of_the_map(planted, published):
    setting = json.loads(parse(planted / "index.html").get_element_by_id("world-setting").text)
    sums = {(setting["actors"][s][0], setting["actors"][r][0]): amount for s, r, amount in setting["sums"]}
    measure = setting["measures"]["deals"]
    sql = setting["flow_sql"].format(
        measure=measure["sql"], basis=measure["basis"], first=setting["first"], last=setting["last"]
    )
    with database.read_database(published.data.published) as connection:
        assert {(row[0], row[1]): row[2] for row in connection.sql(sql).fetchall()} == sums
    assert sums
