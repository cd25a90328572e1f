"""News pages as publishers serve them, and web archives of them: made from a seed, of realistic size and make-up.

A page carries what real ones do: style, scripts, menus, teasers, comments, a data island; about 35 kB gzipped. The
amounts are chosen so that a parse and an extraction cost about what they cost on real pages: 2,650 and 80 a second.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import random
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import SEED, make_irrelevant, make_relevant

if TYPE_CHECKING:
    from collections.abc import Iterator

SITES = 30
RELEVANT_SHARE = 0.02
MILITARY_SHARE = 0.01  # news of armies that tells no deal: what a gate finds hardest
_SENTENCES = Path(__file__).resolve().parents[1] / "evaluation" / "hard_negatives.jsonl"
_HEADLINES = (
    "Council widens footpath", "Rain closes two schools", "Bakery wins prize", "Orchestra opens its season",
    "House prices rise again", "Night train to Prague", "Farmers share a dairy", "Choir travels to Canada",
    "Poland orders more tanks", "Navy receives new frigate", "Ministry buys howitzers", "Jets reach the air force",
)  # fmt: skip
_WORDS = [
    "value",
    "state",
    "node",
    "list",
    "index",
    "cache",
    "event",
    "route",
    "query",
    "token",
    "view",
    "model",
    "update",
    "render",
    "mount",
    "props",
    "child",
]


def make_page(number: int, text: str, *, title: str | None = None) -> str:
    """Write one page.

    Args:
        number: number of the page; the same number and text give the same page.
        text: article, paragraphs with an empty line between them.
        title: headline; by default the first words of the text.
    """
    chance = random.Random(SEED + number)
    site = number % SITES
    headline = html.escape(title or " ".join(text.split()[:9]))
    day = f"20{15 + number % 10}-{1 + number % 12:02d}-{1 + number % 28:02d}T0{number % 10}:15:00Z"
    told = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": headline, "datePublished": day}
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{headline} | Paper {site}</title>'
        f'<meta property="og:title" content="{headline}"><link rel="canonical" href="{page_url(number)}">'
        f'<script type="application/ld+json">{json.dumps(told)}</script>{_make_head(site)}</head><body>'
        f"{_make_menu(site)}<main><article><h1>{headline}</h1>"
        f'<div class="byline">By <a href="/staff/{number % 40}">Staff Writer {number % 40}</a></div>'
        f'<div class="text"><div>{_make_article(chance, site, text)}</div></div></article>{_make_comments(chance)}'
        f"{_make_teasers(chance, site)}</main>{_make_island(chance)}{_make_foot(site)}</body></html>"
    )


def page_url(number: int) -> str:
    """Return the address of a page."""
    return f"https://www.paper{number % SITES}.example/news/{number}"


def make_texts(count: int, *, relevant_share: float = RELEVANT_SHARE) -> Iterator[tuple[str, str]]:
    """Yield kind (``relevant``, ``military``, ``everyday``) and text of the articles of an archive, mixed.

    Args:
        count: number of articles.
        relevant_share: share of those that tell a deal, 0 to 1.
    """
    relevant = max(1, round(count * relevant_share))
    military = round(count * MILITARY_SHARE)
    deals = make_relevant(relevant)
    everyday = make_irrelevant(min(count, 400))
    armies = [json.loads(line)["text"] for line in _SENTENCES.read_text(encoding="utf-8").splitlines()]
    kinds = ["relevant"] * relevant + ["military"] * military + ["everyday"] * (count - relevant - military)
    random.Random(SEED).shuffle(kinds)
    for number, kind in enumerate(kinds):
        plain = everyday[number % len(everyday)].replace(". ", ".\n\n")
        if kind == "relevant":
            yield kind, deals.pop()
        elif kind == "military":
            yield kind, f"{armies[number % len(armies)]}\n\n{plain}"
        else:
            yield kind, plain


def archive_of(count: int, *, relevant_share: float = RELEVANT_SHARE) -> Path:
    """Return a web archive of this many pages; it is written once and kept among the temporary files.

    Args:
        count: number of pages.
        relevant_share: share of those that tell a deal, 0 to 1.
    """
    made_by = hashlib.sha256(Path(__file__).read_bytes() + _SENTENCES.read_bytes()).hexdigest()[:8]
    path = Path(tempfile.gettempdir()) / f"armsledger-bench-{count}-{relevant_share:g}-{made_by}.warc.gz"
    if not path.is_file():
        aside = path.with_suffix(".part")
        with aside.open("wb") as file:
            for number, (_, text) in enumerate(make_texts(count, relevant_share=relevant_share)):
                file.write(write_record(number, make_page(number, text)))
        aside.replace(path)
    return path


def write_record(number: int, page: str) -> bytes:
    """Write a page as a WARC record, a gzip member of its own."""
    body = page.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    about = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\n"
        f"WARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: {page_url(number)}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(head) + len(body)}\r\n\r\n"
    ).encode()
    return gzip.compress(about + head + body + b"\r\n\r\n", 5, mtime=0)


@cache
def _make_head(site: int) -> str:
    """Style and scripts of a site."""
    chance = random.Random(f"{SEED} head {site}")
    rules = "".join(
        f".{chance.choice(_WORDS)}-{n}{{margin:{chance.randrange(40)}px;color:#{chance.randrange(2**24):06x};"
        f"background:url(/img/{chance.randrange(10**6)}.svg)}}\n"
        for n in range(260)
    )
    functions = "".join(
        f"function {chance.choice(_WORDS)}{n}(a,b){{if(a.{chance.choice(_WORDS)}<{chance.randrange(999)})"
        f"return b.{chance.choice(_WORDS)}(a,{chance.randrange(10**5)});return a}}\n"
        for n in range(420)
    )
    return f"<style>{rules}</style><script>{functions}</script>"


@cache
def _make_menu(site: int) -> str:
    """Menus of a site: a bar, and folded ones below."""
    chance = random.Random(f"{SEED} menu {site}")
    links = "".join(
        f'<li class="nav-item"><div><a class="nav-link" data-track="{chance.randrange(10**9)}" href="/{word}/{n}">'
        f"<span>{word.title()} {n}</span></a></div></li>"
        for n in range(12)
        for word in _WORDS
    )
    return f'<header><nav aria-label="main"><ul class="nav">{links}</ul></nav></header>'


def _make_article(chance: random.Random, site: int, text: str) -> str:
    """The article with what stands in it: links, figures, calls to subscribe."""
    parts = []
    for number, paragraph in enumerate(text.split("\n\n")):
        words = html.escape(paragraph).split(" ")
        if len(words) > 8:
            place = chance.randrange(2, len(words) - 2)
            words[place] = (
                f'<a class="link-{site}" href="/topic/{chance.randrange(999)}"><span>{words[place]}</span></a>'
            )
        parts.append(f'<p class="body-{site}">{" ".join(words)}</p>')
        if number % 4 == 3:
            parts.append(
                f'<figure class="wide"><div><img src="/img/{chance.randrange(10**9)}.webp" alt=""></div>'
                "<figcaption><span>Archive picture</span></figcaption></figure>"
                '<div class="promo"><div><span>Subscribe</span><a href="/join"><span>Join</span></a></div></div>'
            )
    return "\n".join(parts)


def _make_teasers(chance: random.Random, site: int) -> str:
    """Headlines of other articles, some of them of armies, each with its picture in several sizes."""
    items = []
    for _ in range(60):
        headline, image = chance.choice(_HEADLINES), chance.randrange(10**12)
        sizes = ", ".join(f"https://img.paper{site}.example/{image}-{w}.webp {w}w" for w in (320, 640, 1280))
        items.append(
            f'<div class="card"><div class="inner"><a href="/news/{chance.randrange(10**7)}"><div class="media">'
            f'<picture><source srcset="{sizes}"><img loading="lazy" alt="{headline}"></picture></div><div class="told">'
            f"<span>News</span><h3><span>{headline}</span></h3><div><time>Today</time><span>{chance.randrange(9)} min"
            "</span></div></div></a></div></div>"
        )
    return f'<div class="river"><div><h2>More</h2>{"".join(items)}</div></div>'


def _make_comments(chance: random.Random) -> str:
    """What readers say below the article."""
    items = []
    for number in range(40):
        words = " ".join(chance.choice(_WORDS) for _ in range(18))
        items.append(
            f'<li id="c{chance.randrange(10**9)}"><div class="comment"><div class="head"><span>Reader {number}</span>'
            f'<time>{number} h</time></div><div><p>{words}</p></div><div><a href="#r{number}"><span>Reply</span></a>'
            f"<span>{chance.randrange(99)}</span></div></div></li>"
        )
    return f'<section class="comments"><ol>{"".join(items)}</ol></section>'


def _make_island(chance: random.Random) -> str:
    """The page's data once more, as the scripts want it."""
    items = [
        {"id": f"{chance.getrandbits(96):024x}", "key": chance.choice(_WORDS), "at": chance.randrange(10**10)}
        for _ in range(500)
    ]
    return f'<script id="__DATA__" type="application/json">{json.dumps({"props": items})}</script>'


@cache
def _make_foot(site: int) -> str:
    return (
        f"<footer><p>Paper {site} is published daily. All rights are reserved by its publisher.</p><ul>"
        + "".join(f'<li><a href="/about/{word}">{word}</a></li>' for word in _WORDS)
        + "</ul></footer>"
    )
