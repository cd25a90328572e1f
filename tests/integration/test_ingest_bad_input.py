"""Whatever a publisher sends, the run finishes, names each refused page with its reason, and loses nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ingest_desk import HOST, Desk, feed, page
from scripted_server import Answer, serve_script

from extract.errors import SourceUnreachable
from extract.fetching.addresses import HostOverrides
from warehouse import lake, ops


def test_every_bad_page_is_named_and_the_good_ones_are_kept(desk: Desk) -> None:
    damaged = page(7).replace("patrol boats", "patrol \xff\xfe boats né").encode("utf-8").replace(b"\xc3\xbf", b"\xff")
    desk.publish(
        {
            "/good1": page(1),
            "/nodate": page(2, date=None),
            "/notext": page(3, text=False),
            "/gone": Answer(b"gone", 404),
            "/huge": Answer(page(4).encode() + b" " * (5 * 2**20), headers={"Content-Type": "text/html"}),
            "/damaged": damaged,
            "/picture": Answer(b"\x89PNG", headers={"Content-Type": "image/png"}),
            "/good2": page(8),
        }
    )
    result = desk.ingest("l1")
    assert result.rows == 2
    assert [row["url"] for row in desk.staged_rows("l1")] == [f"http://{HOST}/good1", f"http://{HOST}/good2"]
    assert desk.reasons("l1") == {
        "nodate": "no_date",
        "notext": "no_text",
        "gone": "http_404",
        "huge": "too_large",
        "damaged": "bad_encoding",
        "picture": "not_html",
    }
    assert result.refused == 6
    assert all(row["detail"] and not row["is_retried"] for row in desk.refusals("l1"))


def test_large_page_without_announced_length_is_refused_while_it_is_read(desk: Desk) -> None:
    import gzip

    bomb = gzip.compress(page(1).encode() + b" " * (30 * 2**20))
    assert len(bomb) < 2**17
    desk.publish(
        {"/bomb": Answer(bomb, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}), "/a": page(2)}
    )
    assert desk.ingest("l1").rows == 1
    assert desk.reasons("l1") == {"bomb": "too_large"}


def test_latin_page_under_utf8_label_is_read(desk: Desk) -> None:
    content = page(1).replace("A spokesman", "Señor Núñez").encode("cp1252")
    desk.publish({"/latin": Answer(content, headers={"Content-Type": "text/html; charset=utf-8"})})
    desk.ingest("l1")
    assert "Señor Núñez declined" in desk.staged_rows("l1")[0]["text"]


def test_feed_cut_in_the_middle_gives_its_first_entries_and_is_read_again(desk: Desk) -> None:
    desk.publish({"/a": page(1), "/b": page(2)}, end="<item><title>Cut")
    result = desk.ingest("l1")
    assert result.rows == 2
    assert desk.reasons("l1") == {"feed.xml": "damaged_feed"}
    desk.pass_gate("l1")
    desk.publish({"/a": page(1), "/b": page(2), "/c": page(3)})
    assert desk.ingest("l2").rows == 1


@pytest.mark.parametrize(
    "body", [b"", b"<rss><channel><item>", b"<html><body>We have moved</body></html>", b"\xff\xfe\x00"]
)
def test_feed_without_any_entry_is_named_as_broken(desk: Desk, body: bytes) -> None:
    desk.server.add(f"{HOST}/feed.xml", body)
    result = desk.ingest("l1")
    assert result.outcome == "empty"
    assert result.reasons["broken_feed"] == 1
    assert all(row["is_retried"] for row in desk.refusals("l1"))


def test_same_url_twice_is_fetched_once(desk: Desk) -> None:
    desk.publish({"/a": page(1)})
    desk.server.add(f"{HOST}/feed.xml", feed(["/a", "/a?utm_source=rss", "/a#comments"]))
    assert desk.ingest("l1").rows == 1
    assert [row["reason"] for row in desk.refusals("l1")] == ["same_url", "same_url"]
    assert {row["stage"] for row in desk.refusals("l1")} == {"duplicate"}
    assert desk.server.paths().count(f"{HOST}/a") == 1


def test_two_addresses_of_one_article_give_one_row(desk: Desk) -> None:
    canonical = f'<link rel="canonical" href="http://{HOST}/a">'
    desk.publish({"/a": page(1, head=canonical), "/print/a": page(1, head=canonical)})
    assert desk.ingest("l1").rows == 1
    assert desk.reasons("l1") == {"a": "same_article"}
    desk.pass_gate("l1")
    desk.publish({"/a": page(1, head=canonical), "/print/a": page(1, head=canonical), "/new": page(2)})
    assert desk.ingest("l2").rows == 1
    assert desk.server.paths().count(f"{HOST}/print/a") == 1


def test_canonical_of_another_domain_is_not_believed(desk: Desk) -> None:
    desk.publish({"/a": page(1, head='<link rel="canonical" href="http://www.other.example/x">')})
    desk.ingest("l1")
    assert desk.staged_rows("l1")[0]["url"] == f"http://{HOST}/a"


def test_page_that_robots_forbid_is_not_asked_for(desk: Desk) -> None:
    desk.server.add(f"{HOST}/robots.txt", "User-agent: armsledger\nDisallow: /private/\n", "text/plain")
    desk.publish({"/private/a": page(1), "/b": page(2)})
    assert desk.ingest("l1").rows == 1
    assert desk.reasons("l1") == {"a": "robots_disallowed"}
    assert f"{HOST}/private/a" not in desk.server.paths()


def test_broken_robots_forbid_the_host_until_they_are_well(desk: Desk) -> None:
    desk.publish({"/a": page(1)})
    desk.server.add("cdn.paper.example/robots.txt", Answer(b"oops", 500))
    desk.server.add("cdn.paper.example/x", page(2))
    desk.server.add(f"{HOST}/feed.xml", feed(["/a", "http://cdn.paper.example/x"]))
    assert desk.ingest("l1").rows == 1
    assert desk.reasons("l1") == {"x": "robots_unavailable"}
    assert "cdn.paper.example/x" not in desk.server.paths()
    desk.pass_gate("l1")
    desk.server.add("cdn.paper.example/robots.txt", Answer(b"no rules", 404))
    assert desk.ingest("l2").rows == 1


def test_redirect_to_a_private_address_is_refused(desk: Desk) -> None:
    private = f"http://{desk.server.address}/secret"
    desk.publish({"/a": Answer(b"", 302, {"Location": private}), "/b": page(2)})
    desk.server.add("127.0.0.1/secret", page(1))
    assert desk.ingest("l1").rows == 1
    assert desk.reasons("l1") == {"a": "forbidden_address"}
    assert not [one for one in desk.server.seen if one.path == "/secret"]


def test_redirects_are_followed_counted_and_kept_to_the_web(desk: Desk) -> None:
    desk.publish(
        {
            "/moved": Answer(b"", 301, {"Location": "/new/place"}),
            "/loop": Answer(b"", 302, {"Location": "/loop"}),
            "/file": Answer(b"", 302, {"Location": "file:///etc/passwd"}),
        }
    )
    desk.server.add(f"{HOST}/new/place", page(1))
    desk.ingest("l1")
    assert [row["url"] for row in desk.staged_rows("l1")] == [f"http://{HOST}/new/place"]
    assert desk.reasons("l1") == {"loop": "too_many_redirects", "file": "bad_redirect"}
    assert desk.server.paths().count(f"{HOST}/loop") == 6


def test_page_that_fails_now_is_tried_by_the_next_load_though_the_feed_is_unchanged(desk: Desk) -> None:
    desk.publish({"/a": page(1), "/flaky": Answer(b"busy", 503)})
    assert desk.ingest("l1").rows == 1
    assert desk.refusals("l1")[0]["is_retried"]
    desk.pass_gate("l1")
    desk.server.add(f"{HOST}/flaky", page(2))
    desk.server.seen.clear()
    assert desk.ingest("l2").rows == 1
    assert desk.server.paths() == [f"{HOST}/feed.xml", f"{HOST}/flaky"]


def test_busy_page_is_tried_again_within_the_load(desk: Desk) -> None:
    desk.publish({"/a": page(1)})
    good = desk.server.answers[f"{HOST}/a"]
    desk.server.add(f"{HOST}/a", lambda count: good if count else Answer(b"busy", 429, {"Retry-After": "0"}))
    assert desk.ingest("l1").rows == 1
    assert desk.server.paths().count(f"{HOST}/a") == 2


def test_long_retry_after_is_left_to_the_next_load(desk: Desk) -> None:
    desk.publish({"/a": Answer(b"later", 429, {"Retry-After": "86400"})})
    assert desk.ingest("l1").reasons == {"http_429": 1}
    assert desk.server.paths().count(f"{HOST}/a") == 1
    assert desk.refusals("l1")[0]["is_retried"]


@pytest.mark.parametrize(
    "told", ["²", "Mon, 01 Jan 2024 00:00:00 +99999999999999", "Mon, 01 Jan 99999999999999 00:00:00"]
)
def test_retry_after_that_makes_no_sense_is_no_order_to_wait(desk: Desk, told: str) -> None:
    desk.publish({"/a": Answer(b"busy", 503, {"Retry-After": told}), "/b": page(2)})
    assert desk.ingest("l1").rows == 1
    assert desk.reasons("l1") == {"a": "http_503"}


def test_silent_and_cut_answers_end_in_named_outcomes(desk: Desk) -> None:
    import gzip

    whole = gzip.compress(page(3).encode())
    desk.publish(
        {
            "/slow": Answer(page(1).encode(), pause_seconds=2.0),
            "/cut": Answer(page(2).encode(), announced=10**5, headers={"Content-Type": "text/html"}),
            "/cutgzip": Answer(whole[:-20], headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}),
            "/notgzip": Answer(b"plain", headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}),
            "/b": page(4),
        }
    )
    assert desk.ingest("l1", attempts=1, read_seconds=1.0).rows == 1
    assert desk.reasons("l1") == {
        "slow": "timeout_read",
        "cut": "connection_failed",
        "cutgzip": "truncated_body",
        "notgzip": "bad_content_encoding",
    }


def test_host_that_keeps_failing_is_left_alone(desk: Desk) -> None:
    desk.publish({f"/p{number}": Answer(b"", 500) for number in range(8)})
    result = desk.ingest("l1", attempts=1, host_failures=3)
    assert result.reasons == {"host_unavailable": 5, "http_500": 3}
    assert len(desk.server.paths()) == 1 + 3
    assert all(row["is_retried"] for row in desk.refusals("l1"))


def test_page_is_given_up_after_some_loads(desk: Desk) -> None:
    desk.publish({"/a": Answer(b"", 503)})
    for number in range(6):
        desk.ingest(f"l{number}", attempts=1)
        desk.pass_gate(f"l{number}")
    assert [row["is_retried"] for row in desk.refusals()] == [True] * 5 + [False]
    desk.server.seen.clear()
    assert desk.ingest("l9").refused == 0
    assert desk.server.paths() == [f"{HOST}/feed.xml"]


@pytest.mark.parametrize(("answer", "reason"), [(Answer(b"", 503), "http_503"), (Answer(b"", 404), "http_404")])
def test_source_without_feed_is_unreachable(desk: Desk, answer: Answer, reason: str) -> None:
    desk.server.add(f"{HOST}/feed.xml", answer)
    with pytest.raises(SourceUnreachable, match=rf"paper.*{reason}"):
        desk.ingest("l1")
    load = ops.read(desk.settings.data, "loads").to_pylist()[0]
    assert (load["outcome"], load["source_id"], load["stage"]) == ("unreachable", "paper", "ingest")
    assert lake.list_staged(desk.settings.data, "articles") == []


def test_source_that_is_down_is_unreachable(desk: Desk) -> None:
    with serve_script() as gone:
        address = gone.address
    desk.policy = replace(desk.policy, overrides=HostOverrides.parse(f"{HOST}={address}"))
    with pytest.raises(SourceUnreachable, match=r"connection_failed|robots_unavailable"):
        desk.ingest("l1")


def test_entries_of_other_kinds_of_address_are_named(desk: Desk) -> None:
    desk.publish({"/a": page(1)})
    desk.server.add(f"{HOST}/feed.xml", feed(["/a", "ftp://paper.example/x", "http://[broken/y"]))
    assert desk.ingest("l1").rows == 1
    assert sorted(row["reason"] for row in desk.refusals("l1")) == ["bad_url", "entry_without_link"]
