"""What the ingest tests share: a publisher with a feed on a scripted server, and a gate that lets loads pass."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from floor_samples import fail_receipt, pass_receipt

from extract.fetching.addresses import HostOverrides
from extract.fetching.policy import FetchPolicy
from extract.ingest import IngestResult, ingest_source
from extract.sources import Source
from warehouse import lake, ops

if TYPE_CHECKING:
    from scripted_server import ScriptedServer

    from warehouse.settings import Settings

HOST = "news.paper.example"
SOURCE = Source(
    id="paper",
    kind="feed",
    location=f"http://{HOST}/feed.xml",
    publisher="The Paper",
    country="GBR",
    language="en",
    terms="http://news.paper.example/terms",
    is_enabled=True,
    min_delay_seconds=0,
)
_SENTENCES = (
    "The ministry of defence said on Monday that it had signed a contract for twelve patrol boats.",
    "The boats are to be delivered over four years, and crews will be trained at the yard.",
    "A spokesman declined to name the price, which the opposition puts at 300 million euros.",
)


def page(number: int, *, date: str | None = "2024-03-01T10:00:00Z", text: bool = True, head: str = "") -> str:
    """Write an article page."""
    json_ld = f'{{"@type": "NewsArticle", "headline": "Story {number}", "datePublished": "{date}"}}'
    script = f'<script type="application/ld+json">{json_ld}</script>' if date else ""
    body = "".join(f"<p>Story {number}: {sentence}</p>" for sentence in _SENTENCES) if text else ""
    return (
        f"<!doctype html><html><head><title>Story {number} | The Paper</title>{script}{head}</head>"
        f"<body><nav><a href='/'>Home</a></nav><article><h1>Story {number}</h1>{body}</article></body></html>"
    )


def feed(paths: list[str], *, end: str = "</channel></rss>", date: str | None = None) -> str:
    """Write an RSS feed of pages on the publisher's host; a path with ``://`` is a whole URL."""
    urls = [path if "://" in path else f"http://{HOST}{path}" for path in paths]
    told = f"<pubDate>{date}</pubDate>" if date else ""
    items = "".join(f"<item><title>Item {url}</title><link>{url}</link>{told}</item>" for url in urls)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>The Paper</title>{items}{end}'


@dataclass
class Desk:
    """Ingests the publisher's source with quick tries.

    Attributes:
        settings: where to.
        server: scripted server.
        source: the publisher's source.
        policy: fetcher's settings.
    """

    settings: Settings
    server: ScriptedServer
    source: Source = SOURCE
    policy: FetchPolicy = field(default_factory=FetchPolicy)

    def __post_init__(self) -> None:
        """Lead all example hosts to the server."""
        self.policy = FetchPolicy(
            overrides=HostOverrides.parse(f"*.example={self.server.address}"),
            attempts=2,
            retry_initial_seconds=0.01,
            connect_seconds=5,
            read_seconds=10,
            total_seconds=20,
        )

    def publish(self, pages: dict[str, Any], **options: Any) -> None:
        """Put pages and a feed that announces them on the server."""
        for path, content in pages.items():
            self.server.add(f"{HOST}{path}", content)
        self.server.add(f"{HOST}/feed.xml", feed(list(pages), **options))

    def ingest(self, load_id: str | None = None, **policy: Any) -> IngestResult:
        """Ingest the source."""
        return ingest_source(
            self.settings,
            self.source,
            load_id=load_id,
            policy=replace(self.policy, **policy),
        )

    def pass_gate(self, load_id: str) -> None:
        """Let a staged load through its gate."""
        staged = lake.read_staged(self.settings.data, "articles", load_id)
        if staged.rows:
            lake.promote(self.settings.data, "articles", load_id, pass_receipt(staged))
        else:
            lake.settle_empty(self.settings.data, "articles", load_id)

    def refuse_at_gate(self, load_id: str) -> None:
        """Let the gate refuse a staged load."""
        staged = lake.read_staged(self.settings.data, "articles", load_id)
        lake.quarantine(self.settings.data, "articles", load_id, fail_receipt(staged))

    def staged_rows(self, load_id: str) -> list[dict[str, Any]]:
        """Return the rows of a staged load."""
        return lake.read_staged(self.settings.data, "articles", load_id).read().to_pylist()

    def refusals(self, load_id: str | None = None) -> list[dict[str, Any]]:
        """Return the refusals told, of one load or all."""
        rows = ops.read(self.settings.data, "refusals").to_pylist()
        return [row for row in rows if load_id in (None, row["load_id"])]

    def reasons(self, load_id: str) -> dict[str, str]:
        """Return the reason by last part of the URL."""
        return {row["url"].rpartition("/")[2]: row["reason"] for row in self.refusals(load_id)}
