"""One address per article: canonical URLs and the identifiers made from them."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

import courlan


def canonical_url(url: str) -> str:
    """Return a URL in its one form: lower-case host, no default port, no tracking parameters, no fragment.

    >>> canonical_url("HTTP://News.Example:80/a?utm_source=rss&id=5#top")
    'http://news.example/a?id=5'
    """
    if url.startswith("file:"):
        return url
    bare = url.partition("#")[0]
    try:
        return str(courlan.normalize_url(bare))
    except (ValueError, AttributeError):
        return bare


def article_id(url: str) -> str:
    """Return the identifier of the article at a canonical URL: 16 hexadecimal digits.

    >>> article_id("http://news.example/a")
    'b88ad54383094628'
    """
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def choose_canonical(page_url: str, declared: str | None) -> str:
    """Return the canonical URL of a page.

    What the page declares (rel=canonical) is believed only on the page's own registrable domain, and not where it
    names the front page, as careless publishers do on every page.

    Args:
        page_url: URL that answered.
        declared: absolute URL that the page declares, or None.
    """
    own = canonical_url(page_url)
    if not declared:
        return own
    wanted = canonical_url(declared)
    try:
        there, here = urlsplit(wanted), urlsplit(own)
        is_web = there.scheme in ("http", "https") and bool(there.hostname)
    except ValueError:
        return own
    names_front_page = there.path in ("", "/") and not there.query and here.path not in ("", "/")
    if not is_web or names_front_page or registrable_domain(wanted) != registrable_domain(own):
        return own
    return wanted


def registrable_domain(url: str) -> str:
    """Return the domain that its owner registered.

    A host whose suffix isn't on the public list (``.example``, an address) counts by its last two labels or whole.

    >>> registrable_domain("https://news.bbc.co.uk/x"), registrable_domain("http://www.a-b.example/")
    ('bbc.co.uk', 'a-b.example')
    """
    known = courlan.extract_domain(url)
    if known:
        return str(known)
    host = urlsplit(url).hostname or ""
    is_address = ":" in host or host.replace(".", "").isdigit()
    return host if is_address else ".".join(host.split(".")[-2:])
