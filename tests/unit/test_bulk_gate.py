"""The gate lets through what may hold a claim, wherever a page has put it, and keeps out what only lists headlines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.bulk import gate

DEAL = "Poland has ordered 96 AH-64E Apache helicopters from the United States, the ministry said on Monday."
NEWS = "<p>The council voted on Tuesday to widen the footpath along the river, after residents had asked for it.</p>"
RAIN = "<p>It rained all day long in the quiet valley, and the sheep stayed under the old oaks till dusk.</p>"


def page(body: str, head: str = "<title>News of the day</title>") -> str:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    "html",
    [
        page(f"<article><p>{DEAL}</p></article>"),
        page(f"<div>{DEAL}</div>{NEWS}"),
        page(f"<ul><li>Home</li></ul><ul><li>- {DEAL}</li></ul>{NEWS}"),
        page(f"<table><tr><td>Country</td><td>Deal</td></tr><tr><td>Poland</td><td>{DEAL}</td></tr></table>"),
        page("<div>Poland has ordered 96<br>Apache helicopters<br>from the United States.</div>" + NEWS),
        page(f"<header><h1>{DEAL[:60]}</h1></header>{NEWS}", head="<title>Paper</title>"),
        page(NEWS, head=f"<title>{DEAL[:-1]}</title>"),
        page(NEWS, head="<meta property='og:title' content='Poland orders 96 Apache helicopters'>"),
        page(NEWS, head='<meta content="Poland orders 96 Apache helicopters" property="og:title">'),
        page(f'<div id="app"></div><script>{{"articleBody": "He said \\"no\\". {DEAL}"}}</script>'),
        page(
            "<p>The K9 howitzers are new.</p><p>It has been ordered by Norway from Germany: 54 of them, they said.</p>"
        ),
    ],
)
def test_a_deal_is_let_through_wherever_it_stands(html: str) -> None:
    assert gate.is_relevant(html)


@pytest.mark.parametrize(
    "html",
    [
        page(NEWS),
        page(f"<nav><p>{DEAL}</p></nav><aside><p>{DEAL}</p></aside><footer><p>{DEAL}</p></footer>{NEWS}"),
        page(f"{NEWS}<div><h3>Poland orders Apache helicopters</h3></div><div><h3>Navy buys frigates</h3></div>"),
        page(f"{NEWS}<ul><li>Poland orders Apache helicopters</li><li>Navy buys frigates</li></ul>"),
        page("<p>A frigate lay in the port.</p>" + RAIN * 6 + "<p>The mayor ordered a coffee.</p>"),
        page(f"<script>var a = '{DEAL}'</script>{NEWS}"),
        "",
        "<h1>",
        "\x00",
    ],
)
def test_what_tells_no_deal_in_its_prose_is_kept_out(html: str) -> None:
    assert not gate.is_relevant(html)


LINES = ["A short line", "  item", "  An item. ", "It ends.", "x" * 120, "a\tb", ""]


@given(st.lists(st.sampled_from(LINES), max_size=8))
def test_a_line_stands_in_prose_exactly_where_prose_is_kept(lines: list[str]) -> None:
    text = "\n".join(lines)
    place = 0
    found = []
    for line in lines:
        if line and gate._stands_in_prose(text, place):
            found.append(line)
        place += len(line) + 1
    assert found == list(filter(None, gate.keep_prose(text)))


@given(st.text(max_size=300))
def test_any_text_is_judged_without_an_error(noise: str) -> None:
    for html in (noise, page(f"<h1>{noise}</h1><p>{DEAL}</p>{noise}")):
        assert gate.is_relevant(html) in (True, False)
