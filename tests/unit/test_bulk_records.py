"""Archives that are cut or damaged give every sound record, and a named place for what is lost."""

from __future__ import annotations

import gzip
import io
import itertools
import random
from typing import TYPE_CHECKING

import pytest
from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.bulk.records import ArchivedPage, Damage, read_archive

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 6


def make_record(number: int, kind: WarcRecordType = WarcRecordType.response, size: int = 5_000) -> bytes:
    """Write one record; its text can't be pressed together, so that damage has a place to fall."""
    record = WarcRecord()
    record.init_headers(kind)
    record.headers["WARC-Date"] = "2024-01-02T03:04:05Z"
    record.headers["WARC-Target-URI"] = f"http://paper.example/{number}"
    text = "".join(random.Random(number).choices("abcdefgh ", k=size)).encode()
    record.set_bytes_content(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + text)
    buffer = io.BytesIO()
    writer = GzipWriter(buffer)
    record.write(writer)
    writer.finish()
    return buffer.getvalue()


RECORDS = [make_record(number) for number in range(COUNT)]
STARTS = [sum(map(len, RECORDS[:number])) for number in range(COUNT + 1)]
WHOLE = b"".join(RECORDS)


def read(path: Path, content: bytes, max_bytes: int = 2**20) -> tuple[list[int], list[Damage]]:
    """Return the numbers of the pages read, and the damages."""
    path.write_bytes(content)
    found = list(read_archive(path, max_bytes=max_bytes))
    pages = [int(one.url.rpartition("/")[2]) for one in found if isinstance(one, ArchivedPage)]
    return pages, [one for one in found if isinstance(one, Damage)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.warc.gz"


@pytest.mark.parametrize("is_plain", [False, True])
def test_sound_archive_is_read_whole(path: Path, is_plain: bool) -> None:
    info = make_record(99, WarcRecordType.warcinfo)
    content = info + WHOLE + make_record(98, WarcRecordType.request)
    pages, damages = read(path, gzip.decompress(content) if is_plain else content)
    assert (pages, damages) == (list(range(COUNT)), [])


@pytest.mark.parametrize("into", [1, 5, 12, 300, 2_000, len(RECORDS[3]) - 100])
def test_archive_cut_in_the_middle_gives_what_stands_before(path: Path, into: int) -> None:
    pages, damages = read(path, WHOLE[: STARTS[3] + into])
    assert pages == [0, 1, 2]
    assert [one.reason for one in damages] in (["truncated_archive"], ["damaged_record"])
    assert STARTS[2] <= damages[0].position <= STARTS[3]


@pytest.mark.parametrize("into", [0, 3, 12, 100, 1_500, len(RECORDS[2]) - 5])
def test_damaged_record_costs_itself_alone(path: Path, into: int) -> None:
    content = bytearray(WHOLE)
    content[STARTS[2] + into] ^= 0xFF
    pages, damages = read(path, bytes(content))
    assert pages in ([0, 1, 3, 4, 5], list(range(COUNT))), "a bit that no reader looks at costs nothing"
    assert len(damages) == COUNT - len(pages)


def test_neighbouring_damages_and_noise_between_records(path: Path) -> None:
    content = bytearray(WHOLE)
    for number in (1, 2):
        content[STARTS[number] + 900] ^= 0xFF
    noise = b"\x1f\x8b\x08 noise " * 50
    pages, damages = read(path, bytes(content[: STARTS[4]]) + noise + bytes(content[STARTS[4] :]))
    assert pages == [0, 3, 4, 5]
    assert [one.reason for one in damages] == ["damaged_record"] * 2


def test_damage_across_windows_of_the_search(path: Path) -> None:
    rest = random.Random(1).randbytes(3 * 2**20)
    pages, damages = read(path, RECORDS[0] + rest + RECORDS[1])
    assert (pages, len(damages)) == ([0, 1], 1)


def test_damaged_head_in_a_plain_archive(path: Path) -> None:
    plain = [gzip.decompress(record) for record in RECORDS]
    plain[2] = plain[2].replace(b"WARC/1", b"WURC/1", 1)
    pages, damages = read(path, b"".join(plain))
    assert (pages, [one.reason for one in damages]) == ([0, 1, 3, 4, 5], ["damaged_record"])


def test_record_above_the_cap_is_named_with_its_address(path: Path) -> None:
    pages, damages = read(path, RECORDS[0] + make_record(7, size=9_000) + RECORDS[1], max_bytes=8_000)
    assert pages == [0, 1]
    assert (damages[0].reason, damages[0].url) == ("too_large", "http://paper.example/7")


@pytest.mark.parametrize(
    "content", [b"", b"hello world\n" * 1000, gzip.compress(b"hello"), b"\x1f\x8b\x08", b"WARC/1.0"]
)
def test_what_is_no_archive_is_named(path: Path, content: bytes) -> None:
    pages, damages = read(path, content)
    assert (pages, len(damages)) == ([], 1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=60), st.integers(0, 200))
def test_any_damage_loses_at_most_the_records_it_touches(path: Path, place: int, noise: bytes, cut: int) -> None:
    content = WHOLE[:place] + noise + WHOLE[place + cut :]
    pages, _ = read(path, content)
    untouched = [n for n in range(COUNT) if STARTS[n + 1] <= place or STARTS[n] >= place + cut]
    assert set(untouched) <= set(pages)


@given(st.data())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_slices_give_together_what_the_whole_gives(path: Path, data: st.DataObject) -> None:
    content = bytearray(WHOLE)
    place = data.draw(st.integers(0, len(content) - 1))
    kind = data.draw(st.sampled_from(["whole", "cut", "overwritten", "torn out"]))
    if kind == "cut":
        content = content[: place + 1]
    elif kind == "overwritten":
        content[place : place + 200] = data.draw(st.binary(min_size=1, max_size=300))
    elif kind == "torn out":
        del content[place : place + data.draw(st.integers(1, 3_000))]
    path.write_bytes(content)
    anywhere = st.one_of(st.integers(1, max(len(content) - 1, 1)), st.sampled_from(STARTS[1:-1]))
    cuts = sorted({0, *data.draw(st.lists(anywhere, max_size=5)), len(content)})
    parts = [
        found
        for start, end in itertools.pairwise(cuts)
        if start < len(content)
        for found in read_archive(path, max_bytes=2**20, start=start, end=min(end, len(content)))
    ]
    assert parts == list(read_archive(path, max_bytes=2**20))
