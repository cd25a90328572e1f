"""The sample sources agree with themselves: pages, feeds and the truth table tell the same story."""

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from defusedxml import ElementTree
from lxml import html

from warehouse.contracts.transfer_claims import STATUSES, WEAPON_CATEGORIES

SAMPLE = Path(__file__).parents[2] / "extract" / "sample"
HOSTS = {
    "meridian_defence": "www.meridian-defence.example",
    "strait_monitor": "news.strait-monitor.example",
    "arsenal_gazette": "www.arsenal-gazette.example",
}
FEEDS = {"meridian_defence": "feed.xml", "strait_monitor": "atom.xml", "arsenal_gazette": "sitemap-news.xml"}
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
BYLINE_DATES = (
    (re.compile(r"\b(\d{1,2} [A-Z][a-z]+ \d{4})\b"), "%d %B %Y"),
    (re.compile(r"\b([A-Z][a-z]{2} \d{1,2}, \d{4}), \d{2}:\d{2} [AP]M"), "%b %d, %Y"),
    (re.compile(r"\b([A-Z][a-z]+ \d{1,2}, \d{4})$"), "%B %d, %Y"),
)


def read_rows() -> list[dict[str, str]]:
    with (SAMPLE / "expected.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


ROWS = read_rows()
PAGES = sorted({(row["source_id"], row["path"]) for row in ROWS})


def page_rows(source_id: str, path: str) -> list[dict[str, str]]:
    return [row for row in ROWS if (row["source_id"], row["path"]) == (source_id, path)]


def parse_page(source_id: str, path: str) -> html.HtmlElement:
    return html.fromstring((SAMPLE / source_id / path).read_bytes())


def feed_entries(source_id: str) -> dict[str, tuple[str, date]]:
    """Map each path that a publisher's list of pages names to the title and date given there."""
    root = ElementTree.parse(SAMPLE / source_id / FEEDS[source_id]).getroot()
    entries = []
    if source_id == "meridian_defence":
        for item in root.iter("item"):
            published = parsedate_to_datetime(item.findtext("pubDate")).date()
            entries.append((item.findtext("link"), item.findtext("title"), published))
    elif source_id == "strait_monitor":
        for entry in root.iter(f"{ATOM}entry"):
            title = entry.find(f"{ATOM}title")
            text = html.fromstring(title.text).text_content() if title.get("type") == "html" else title.text
            published = datetime.fromisoformat(entry.findtext(f"{ATOM}published")).date()
            entries.append((entry.find(f"{ATOM}link").get("href"), text, published))
    else:
        for url in root.iter(f"{SITEMAP}url"):
            published = datetime.fromisoformat(url.findtext(f".//{NEWS}publication_date")).date()
            entries.append((url.findtext(f"{SITEMAP}loc"), url.findtext(f".//{NEWS}title"), published))
    assert all(urlsplit(link).hostname == HOSTS[source_id] for link, _, _ in entries)
    by_path = {urlsplit(link).path.lstrip("/"): (title, published) for link, title, published in entries}
    assert len(by_path) == len(entries), f"{FEEDS[source_id]} lists a page twice"
    return by_path


def date_on_page(source_id: str, path: str) -> date:
    """Read the publication date the way the publisher tells it to readers and machines."""
    page = parse_page(source_id, path)
    if source_id == "meridian_defence":
        data = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))
        articles = [node for node in data.get("@graph", [data]) if node["@type"] == "NewsArticle"]
        assert len(articles) == 1
        return datetime.fromisoformat(articles[0]["datePublished"]).date()
    if source_id == "strait_monitor":
        return datetime.fromisoformat(page.xpath("string(//time/@datetime)")).date()
    byline = page.xpath("string(//p[@class='byline'])")
    for pattern, form in BYLINE_DATES:
        if match := pattern.search(byline):
            return datetime.strptime(match[1], form).date()
    raise AssertionError(f"{path}: no date in the byline {byline!r}")


def test_corpus_has_the_size_and_mixture_the_project_promises():
    kinds = {(row["source_id"], row["path"]): row["kind"] for row in ROWS}
    negatives = [page for page, kind in kinds.items() if kind == "negative"]
    assert set(kinds.values()) == {"transfer", "negative"}
    assert len(kinds) >= 60
    assert len(negatives) * 3 >= len(kinds)
    for source_id in HOSTS:
        assert sum(page[0] == source_id for page in kinds) >= 20, source_id


def test_deals_are_followed_over_time_and_some_are_cancelled():
    statuses: dict[str, set[str]] = defaultdict(set)
    articles: dict[str, set[str]] = defaultdict(set)
    for row in ROWS:
        if row["deal"] and not row["reprint_of"]:
            statuses[row["deal"]].add(row["status"])
            articles[row["deal"]].add(row["path"])
    followed = [deal for deal in statuses if len(articles[deal]) >= 3 and {"ordered", "delivered"} <= statuses[deal]]
    from_the_start = [deal for deal in followed if statuses[deal] & {"proposed", "approved"}]
    assert len(from_the_start) >= 4, followed
    assert any({"ordered", "cancelled"} <= found for found in statuses.values())
    assert sum(row["status"] == "cancelled" for row in ROWS) >= 3


def test_reprints_name_an_older_or_same_day_article_of_another_publisher():
    published = {f"{row['source_id']}/{row['path']}": row["published_date"] for row in ROWS}
    reprints = {f"{row['source_id']}/{row['path']}": row["reprint_of"] for row in ROWS if row["reprint_of"]}
    assert len(reprints) >= 6
    for reprint, original in reprints.items():
        assert original in published, f"{reprint} reprints {original}, which is no page"
        assert original not in reprints
        assert original.split("/")[0] != reprint.split("/")[0]
        assert published[original] <= published[reprint]


def test_truth_table_speaks_the_vocabulary_of_the_claims_contract():
    for row in ROWS:
        where = f"{row['source_id']}/{row['path']}"
        if row["kind"] == "negative":
            assert not any(row[name] for name in ("supplier", "recipient", "weapon", "category", "status")), where
            assert len(page_rows(row["source_id"], row["path"])) == 1, where
            continue
        assert row["category"] in WEAPON_CATEGORIES, where
        assert row["status"] in STATUSES, where
        assert row["weapon"], where
        assert row["supplier"] != row["recipient"], where
        assert re.fullmatch(r"[A-Z]{3}", row["supplier"]), where
        assert re.fullmatch(r"[A-Z]{3}", row["recipient"]), where
        assert re.fullmatch(r"\d*", row["quantity"]), where
        assert not row["order_year"] or int(row["order_year"]) <= int(row["published_date"][:4]), where


def test_a_deal_keeps_its_parties_and_is_told_more_than_once():
    parties: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    told = Counter()
    for row in ROWS:
        if row["deal"]:
            parties[row["deal"]].add((row["supplier"], row["recipient"], row["category"]))
            told[row["deal"]] += 1
    assert {deal: found for deal, found in parties.items() if len(found) > 1} == {}
    assert [deal for deal, count in told.items() if count < 2] == []


@pytest.mark.parametrize("source_id", sorted(HOSTS))
def test_list_of_pages_files_and_truth_table_name_the_same_pages(source_id: str):
    files = {path.relative_to(SAMPLE / source_id).as_posix() for path in (SAMPLE / source_id).rglob("*.html")}
    expected = {path for source, path in PAGES if source == source_id}
    assert set(feed_entries(source_id)) == expected
    assert files == expected | {"terms.html"}
    assert (SAMPLE / source_id / "robots.txt").read_text(encoding="utf-8").startswith(("User-agent", "#"))


@pytest.mark.parametrize("source_id", sorted(HOSTS))
def test_entries_give_the_title_and_the_date_of_their_page(source_id: str):
    for path, (title, published) in feed_entries(source_id).items():
        expected = {row["published_date"] for row in page_rows(source_id, path)}
        heading = parse_page(source_id, path).xpath("string(//h1)")
        assert heading == title, path
        assert expected == {published.isoformat()}, path
        assert date_on_page(source_id, path) == published, path


@pytest.mark.parametrize(("source_id", "path"), PAGES)
def test_page_links_stay_in_the_fictitious_web(source_id: str, path: str):
    page = parse_page(source_id, path)
    links = [link for _, _, link, _ in page.iterlinks()]
    hosts = {urlsplit(link).hostname for link in links} - {None}
    assert [host for host in hosts if not host.endswith(".example")] == []
    canonical = page.xpath("//link[@rel='canonical']/@href")
    assert canonical in ([], [f"http://{HOSTS[source_id]}/{path}"])


def test_related_links_lead_to_pages_that_exist():
    known = {f"/{path}" for _, path in PAGES}
    for source_id, path in PAGES:
        blocks = parse_page(source_id, path).xpath(
            "//*[contains(@class, 'related') or contains(@class, 'more-stories')]//a/@href"
        )
        assert blocks, f"{source_id}/{path} has no related links"
        assert set(blocks) <= known


def test_two_pages_declare_windows_1252_and_need_it():
    legacy = []
    for source_id, path in PAGES:
        raw = (SAMPLE / source_id / path).read_bytes()
        if b"charset=windows-1252" in raw:
            legacy.append(path)
            assert "\N{EN DASH}" in raw.decode("cp1252")
            with pytest.raises(UnicodeDecodeError):
                raw.decode("utf-8")
        else:
            raw.decode("utf-8")
    assert len(legacy) == 2
