"""What a hostile or broken server may send: each ends in a named outcome, and the good pages around it are kept.

No connection leaves loopback: resolver and connector are replaced by ones that note what is asked and refuse all else.
"""

from __future__ import annotations

import functools
import gzip
import time
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpcore
import pytest
from ingest_desk import HOST, Desk, feed, page
from scripted_server import Answer

from extract.errors import SourceUnreachable
from extract.fetching import exchange
from extract.fetching.network import GuardedBackend

if TYPE_CHECKING:
    from collections.abc import Callable

HTML = {"Content-Type": "text/html"}
LAUGHS = "".join(
    f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}{("&l" + str(n - 1) + ";") * 9 if n else ""}">'
    for n in range(10)
)


@dataclass
class Loopback(httpcore.AsyncNetworkBackend):
    """Connects to the scripted server alone; notes every name asked and every other connection wanted.

    Attributes:
        names: host name -> addresses to resolve it to.
        allowed: address of the scripted server.
        resolved: names that were asked.
        refused: connections that a guard should not have let through.
    """

    names: dict[str, list[str]]
    allowed: str
    resolved: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _real: Any = field(default_factory=httpcore.AnyIOBackend)

    async def resolve(self, host: str, port: int) -> list[str]:
        self.resolved.append(host)
        return self.names.get(host, [host])

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        if f"{host}:{port}" == self.allowed:
            return await self._real.connect_tcp(host, port, *args, **options)
        self.refused.append(f"{host}:{port}")
        raise httpcore.ConnectError("the test lets nothing out")


@pytest.fixture
def fence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """Put a recording resolver and connector under the guard."""
    network = Loopback({"inside.paper.test": ["10.0.0.1"], "mixed.paper.test": ["93.184.215.14", "127.0.0.1"]}, "")
    network.allowed = desk.server.address
    guarded = functools.partial(GuardedBackend, resolver=network.resolve, connector=network)
    monkeypatch.setattr(exchange, "GuardedBackend", guarded)
    return network


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/admin",
        "http://[::ffff:7f00:1]/admin",
        "http://inside.paper.test/",
        "http://mixed.paper.test/",
        "http://0x7f.1/",
        "http://2130706433/",
    ],
)
def test_no_redirect_leads_to_a_forbidden_address(desk: Desk, fence: Loopback, target: str) -> None:
    fence.names |= {"0x7f.1": ["127.0.0.1"], "2130706433": ["127.0.0.1"]}  # what a system's resolver makes of them
    desk.publish({"/a": Answer(b"", 302, {"Location": target}), "/b": page(2)})
    assert desk.ingest("l1").rows == 1
    assert desk.reasons("l1") == {"a": "forbidden_address"}
    assert fence.refused == [], "a connection was tried"


@pytest.mark.parametrize("url", ["http://inside.paper.test/a", "http://169.254.169.254/a", "http://[::1]/a"])
def test_no_entry_of_a_feed_leads_to_a_forbidden_address(desk: Desk, fence: Loopback, url: str) -> None:
    desk.publish({"/b": page(2)})
    desk.server.add(f"{HOST}/feed.xml", feed([url, "/b"]))
    assert desk.ingest("l1").rows == 1
    assert desk.reasons("l1") == {"a": "forbidden_address"}
    assert fence.refused == []


def test_public_address_passes_the_guard_to_the_connector(desk: Desk, fence: Loopback) -> None:
    fence.names["open.paper.test"] = ["93.184.215.14"]
    desk.publish({"/b": page(2)})
    desk.server.add(f"{HOST}/feed.xml", feed(["http://open.paper.test/a", "/b"]))
    assert desk.ingest("l1", attempts=1).rows == 1
    assert fence.refused == ["93.184.215.14:80"], "the tests above would pass on a guard that refuses all"


def test_body_that_drips_for_ever_ends_at_the_total_deadline(desk: Desk) -> None:
    drip = Answer(page(1).encode(), drip_seconds=0.05, headers=HTML)
    desk.publish({"/drip": drip, "/b": page(2)})
    started = time.monotonic()
    assert desk.ingest("l1", attempts=1, read_seconds=10, total_seconds=1.0).rows == 1
    assert desk.reasons("l1") == {"drip": "timeout_total"}
    assert time.monotonic() - started < len(drip.body) * drip.drip_seconds


def make_bomb(gigabytes: int = 1) -> bytes:
    """Make a gzip stream of zeros that is a thousandth of its content: one block, repeated."""
    machine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = machine.compress(bytes(2**20)) + machine.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + block * (1024 * gigabytes)


@pytest.mark.parametrize("place", ["page", "feed", "file"])
def test_gzip_bomb_is_stopped_at_the_cap(desk: Desk, place: str) -> None:
    bomb = make_bomb()
    assert len(bomb) < 1.2 * 2**20
    encoded = Answer(bomb, headers={**HTML, "Content-Encoding": "gzip"})
    if place == "page":
        desk.publish({"/bomb": encoded, "/b": page(2)})
        assert desk.ingest("l1").rows == 1
        assert desk.reasons("l1") == {"bomb": "too_large"}
    elif place == "feed":
        desk.server.add(f"{HOST}/feed.xml", encoded)
        with pytest.raises(SourceUnreachable, match="too_large"):
            desk.ingest("l1", max_feed_bytes=8 * 2**20)
    else:
        desk.source = replace(desk.source, kind="sitemap", location=f"http://{HOST}/sitemap.xml.gz")
        desk.server.add(f"{HOST}/sitemap.xml.gz", bomb, "application/gzip")
        assert desk.ingest("l1", max_feed_bytes=8 * 2**20).reasons == {"too_large": 1}


@pytest.mark.parametrize("kind", ["feed", "sitemap"])
def test_billion_laughs_are_not_expanded(desk: Desk, kind: str) -> None:
    desk.source = replace(desk.source, kind=kind, location=f"http://{HOST}/list.xml")
    item = f"<item><title>&l9;</title><link>http://{HOST}/b</link></item>"
    content = {
        "feed": f'<!DOCTYPE rss [{LAUGHS}]><rss version="2.0"><channel><title>t</title>{item}</channel></rss>',
        "sitemap": f"<!DOCTYPE urlset [{LAUGHS}]><urlset><url><loc>http://{HOST}/b&l9;</loc></url></urlset>",
    }
    desk.server.add(f"{HOST}/list.xml", f'<?xml version="1.0"?>{content[kind]}')
    desk.server.add(f"{HOST}/b", page(2))
    result = desk.ingest("l1")
    expected = {"feed": (1, {"damaged_feed": 1}), "sitemap": (0, {"broken_sitemap": 1})}
    assert (result.rows, result.reasons) == expected[kind]
    assert all(len(row["title"]) < 100 for row in desk.staged_rows("l1"))


def test_storm_of_503_leaves_the_host_alone_and_loses_no_page(desk: Desk) -> None:
    desk.publish({f"/p{number}": page(number) for number in range(8)})
    sound = dict(desk.server.answers)
    storm: Callable[[int], Answer] = lambda _: Answer(b"busy", 503)  # noqa: E731
    desk.server.answers |= {key: storm for key in sound if "/p" in key}
    result = desk.ingest("l1", attempts=2, host_failures=3)
    assert result.reasons == {"host_unavailable": 5, "http_503": 3}
    assert len([path for path in desk.server.paths() if "/p" in path]) == 3 * 2
    desk.pass_gate("l1")
    desk.server.answers |= sound
    assert desk.ingest("l2").rows == 8


def test_feed_of_100_000_entries_is_taken_over_several_loads(desk: Desk) -> None:
    for number in range(6):
        desk.server.add(f"{HOST}/p{number}", page(number))
    desk.server.add(f"{HOST}/feed.xml", feed([f"/p{number}" for number in range(100_000)]))
    assert desk.ingest("l1", max_pages=3).rows == 3
    desk.pass_gate("l1")
    assert desk.ingest("l2", max_pages=3).rows == 3
    assert {row["title"] for row in desk.staged_rows("l2")} == {f"Story {number}" for number in (3, 4, 5)}


def test_feed_under_a_wrong_charset_label_is_read(desk: Desk) -> None:
    desk.server.add(f"{HOST}/b", page(2))
    body = feed(["/b"]).replace("The Paper", "El País").encode("utf-8")
    desk.server.add(f"{HOST}/feed.xml", Answer(body, headers={"Content-Type": "application/xml; charset=utf-16"}))
    assert desk.ingest("l1").rows == 1


def test_truncated_gzip_feed_is_unreachable_and_a_truncated_sitemap_file_is_told(desk: Desk) -> None:
    cut = gzip.compress(feed(["/b"]).encode())[:-20]
    desk.server.add(f"{HOST}/feed.xml", Answer(cut, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(SourceUnreachable, match="truncated_body"):
        desk.ingest("l1")
    desk.source = replace(desk.source, kind="sitemap", location=f"http://{HOST}/sitemap.xml.gz")
    desk.server.add(f"{HOST}/sitemap.xml.gz", cut, "application/gzip")
    assert desk.ingest("l2").reasons == {"truncated_body": 1}
