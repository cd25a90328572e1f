"""The explanation shows what the extractor did, and shows it as text."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from extract.__main__ import cli
from extract.claims import ArticleText, extract_article
from extract.claims.exchange import read_article_lines
from extract.errors import InputError
from extract.explain import explain_article, print_explanation, read_article, render_page

EVALUATION = Path(__file__).resolve().parents[1] / "evaluation"
STORY = ArticleText(
    "story",
    "",
    "India signs for Rafale jets",
    "India signed a $8.7 billion contract with Dassault Aviation for 36 Rafale fighters in September 2016. "
    "The jets will be delivered from 2019.\n\n"
    "Russia has no plans to sell Su-57 fighters to India.",
    2016,
    9,
)


def show(article: ArticleText, **options: object) -> str:
    out = io.StringIO()
    print_explanation(explain_article(article), Console(file=out, width=200, highlight=False, **options))
    return out.getvalue()


def sources(article: ArticleText) -> dict[str, tuple[str, str]]:
    [claim] = explain_article(article).claims
    return {source.name: (source.value, source.words) for source in claim.sources}


def test_its_claims_are_the_extractor_s():
    """On every committed article: the same claims, in their order, and whole sentences."""
    for name in ("hard_negatives.jsonl", "heldout/articles.jsonl"):
        for line in read_article_lines(EVALUATION / name):
            shown = explain_article(line.article)
            claims = extract_article(line.article)
            assert [c.evidence for c in shown.claims] == [c.evidence_text for c in claims], line.id
            assert [c.rule for c in shown.claims] == [c.rule_id for c in claims], line.id
            for sentence in shown.sentences:
                text = line.article.title if sentence.number < 0 else line.article.text
                assert "".join(piece.text for piece in sentence.pieces) in text, line.id


def test_each_field_has_the_words_that_it_came_from():
    found = sources(STORY)
    assert found["supplier"] == ("FRA", "Dassault Aviation")
    assert found["recipient"] == ("IND", "India")
    assert found["weapon"][1] == "36 Rafale fighters"
    assert found["quantity"] == ("36", "36")
    assert found["value"] == ("8,700,000,000 USD", "$8.7 billion")
    assert found["order year"] == ("2016", "2016")
    assert found["status"][0] == "ordered"
    assert "signed" in found["status"][1]


def test_a_year_from_the_date_of_publication_says_so():
    article = ArticleText("a", "", "", "France delivered six Caracal helicopters to Kuwait last year.", 2020, 3)
    [claim] = explain_article(article).claims
    [year] = [source for source in claim.sources if source.name == "delivery year"]
    assert (year.value, year.words, year.how) == ("2019", "last year", "follows from the date of publication")


def test_an_inferred_supplier_says_how():
    article = ArticleText("a", "", "", "Norway has ordered 54 Leopard 2A8 tanks.", 2023, 4)
    [claim] = explain_article(article).claims
    supplier = claim.sources[0]
    assert (supplier.value, supplier.words, supplier.how) == ("DEU", "", "from the weapon's country of origin")


def test_a_sentence_without_a_claim_says_why():
    shown = explain_article(STORY)
    [reasons] = [s.silence for s in shown.sentences if "Su-57" in "".join(p.text for p in s.pieces)]
    assert any("denied" in reason for reason in reasons)
    [claim] = shown.claims
    told = [s.claims for s in shown.sentences if s.number == 0]
    assert told == [(claim.number,)]


@pytest.mark.parametrize(
    ("text", "language", "why"),
    [
        ("Der Bund lieferte 18 Leopard 2 an die Ukraine.", "de", "only English"),
        ("The ministers met in Paris and signed a treaty.", "en", "no weapon"),
    ],
)
def test_an_article_left_out_as_a_whole_says_why(text, language, why):
    shown = explain_article(ArticleText("a", "", "", text, 2023, 1, language))
    assert why in (shown.refusal or "")
    assert shown.claims == ()
    assert shown.sentences


def test_colours_are_for_terminals_only():
    assert "\x1b[" in show(STORY, force_terminal=True, color_system="truecolor")
    assert "\x1b" not in show(STORY)


def test_markup_of_the_text_is_shown_as_text():
    text = "[bold]India[/bold] ordered 36 Rafale fighters from France <script>alert(1)</script> & more."
    article = ArticleText("a", "", "INDIA ORDERS [red]RAFALE</title>", text, 2016, 9)
    assert text in show(article)
    page = render_page(explain_article(article))
    assert "<script" not in page
    assert "&lt;/title&gt;" in page


def test_control_characters_steer_neither_terminal_nor_page():
    article = ArticleText(
        "a\x1b[2J", "", "", "India\x1b[31m ordered 36 Rafale\u202e fighters\x00 from France.", 2016, 9
    )
    for shown in (show(article), render_page(explain_article(article))):
        assert not re.search("[\x00\x1b\u202e]", shown)
        assert "␛[31m" in shown


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.addresses += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.text += data


def test_the_page_needs_nothing_from_outside():
    content = render_page(explain_article(STORY))
    page = Page()
    page.feed(content)
    assert not page.tags & {"script", "iframe", "img", "object", "form"}
    assert all(address == "data:," or address.removeprefix("#") in page.ids for address in page.addresses)
    assert "url(" not in content
    assert len(page.ids) == len(set(page.ids))
    for words in ("FRA → IND: Rafale, ordered", "$8.7 billion", "8,700,000,000 USD", "no claim"):
        assert words in page.text


def test_the_command_reads_text_html_and_json_lines(tmp_path):
    body = STORY.text.replace("\n\n", "</p><p>")
    (tmp_path / "a.txt").write_text(f"{STORY.title}\n\n{STORY.text}\n", encoding="utf-8")
    (tmp_path / "a.html").write_text(
        f"<html><head><title>{STORY.title}</title></head><body><article><h1>{STORY.title}</h1><p>{body}</p></article>",
        encoding="utf-8",
    )
    row = {"id": "x", "title": STORY.title, "published": "2016-09-23", "text": STORY.text}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    for name in ("a.txt", "a.html", "a.jsonl"):
        ended = CliRunner().invoke(cli, ["explain", str(tmp_path / name), "--published", "2016-09-23"])
        assert ended.exit_code == 0, ended.output
        assert "FRA → IND: Rafale, ordered" in ended.output
    ended = CliRunner().invoke(cli, ["explain", str(tmp_path / "a.txt"), "--html", str(tmp_path / "out.html")])
    assert ended.exit_code == 0, ended.output
    assert "FRA → IND" in (tmp_path / "out.html").read_text("utf-8")


def test_one_line_of_several_is_chosen_by_its_id(tmp_path):
    rows = [{"id": key, "title": key, "published": "2020-01-01", "text": "Text."} for key in "ab"]
    path = tmp_path / "two.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert read_article(path, article_id="b").title == "b"
    with pytest.raises(InputError, match=r"two\.jsonl: has 2 articles; choose one with --id"):
        read_article(path)
    with pytest.raises(InputError, match="0 of 2 lines have the id 'c'"):
        read_article(path, article_id="c")


def test_a_file_that_holds_no_article_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.txt: No such file"):
        read_article(tmp_path / "none.txt")
    (tmp_path / "empty.txt").write_bytes(b" \n")
    with pytest.raises(InputError, match=r"empty\.txt: is empty"):
        read_article(tmp_path / "empty.txt")
    (tmp_path / "bare.html").write_text("<html><body></body></html>")
    with pytest.raises(InputError, match=r"bare\.html: no main text"):
        read_article(tmp_path / "bare.html")
