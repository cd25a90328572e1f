"""Raw responses of a load as WARC: written before anything is parsed, and read again by a replay."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from http.client import responses
from typing import TYPE_CHECKING, Any

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from extract.errors import ArchiveError
from extract.fetching.outcomes import Response
from warehouse.disk import full_disk_as

if TYPE_CHECKING:
    from pathlib import Path

ARCHIVE_NAME = "responses.warc.gz"
_LEVEL = 4  # of gzip: three fifths of the time of the usual 6 for a twentieth more bytes
_FAILURE = "WARC-Armsledger-Failure"
_DETAIL = "WARC-Armsledger-Detail"
_INPUT_URL = "urn:armsledger:load-input"


class ArchiveWriter:
    """Appends responses to ``responses.warc.gz``, each record its own gzip member, so that a cut file keeps the rest.

    Args:
        folder: staging folder of the load.
        load_input: what the load started from (JSON); a replay starts from the same.
        user_agent: software that asks.
    """

    def __init__(self, folder: Path, *, load_input: dict[str, Any], user_agent: str) -> None:
        self._path = folder / ARCHIVE_NAME
        self._file = self._path.open("wb")
        now = datetime.now(UTC)
        info = f"software: {user_agent}\r\nformat: WARC File Format 1.1\r\n".encode()
        self._write(WarcRecordType.warcinfo, {"Content-Type": "application/warc-fields"}, info, now)
        content = json.dumps(load_input, sort_keys=True).encode()
        headers = {"WARC-Target-URI": _INPUT_URL, "Content-Type": "application/json"}
        self._write(WarcRecordType.metadata, headers, content, now)

    def add(self, response: Response) -> None:
        """Append one response, or the failure in its place."""
        has_reply = response.status is not None
        headers = {
            "WARC-Target-URI": response.url,
            "Content-Type": "application/http; msgtype=response" if has_reply else "text/plain",
        }
        for name, value in ((_FAILURE, response.failure), (_DETAIL, response.detail)):
            if value:
                headers[name] = " ".join(value.split())
        kind = WarcRecordType.response if has_reply else WarcRecordType.metadata
        self._write(kind, headers, _http_block(response) if has_reply else b"", response.received_at)

    def add_file(self, url: str, content: bytes, read_at: datetime) -> None:
        """Append a file of a folder source."""
        headers = {"WARC-Target-URI": url, "Content-Type": "application/octet-stream"}
        self._write(WarcRecordType.resource, headers, content, read_at)

    def close(self) -> None:
        """Close the file."""
        with full_disk_as(ArchiveError, self._path):
            self._file.close()

    def _write(self, kind: WarcRecordType, headers: dict[str, str], block: bytes, moment: datetime) -> None:
        record = WarcRecord()
        record.init_headers(kind)
        record.headers["WARC-Date"] = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for name, value in headers.items():
            record.headers[name] = value
        record.set_bytes_content(block)
        buffer = io.BytesIO()
        writer = GzipWriter(buffer, _LEVEL)
        record.write(writer, checksum_data=True)
        writer.finish()
        with full_disk_as(ArchiveError, self._path):
            self._file.write(buffer.getvalue())


class ArchivedLoad:
    """The archived responses of a load; answers requests as the web did, without the web.

    Args:
        path: archive.

    Raises:
        ArchiveError: it isn't a whole archive of this project.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files: dict[str, tuple[bytes, datetime]] = {}
        self.responses: dict[str, Response] = {}
        load_input: dict[str, Any] | None = None
        try:
            with path.open("rb") as handle:
                for record in ArchiveIterator(handle, parse_http=False):
                    url = record.headers.get("WARC-Target-URI") or ""
                    if url == _INPUT_URL:
                        load_input = json.loads(record.reader.read())
                    elif record.record_type == WarcRecordType.resource:
                        self.files[url] = (record.reader.read(), _date(record))
                    elif record.record_type in (WarcRecordType.response, WarcRecordType.metadata):
                        self.responses.setdefault(url, _read_response(record))
        except (OSError, ValueError, LookupError) as error:
            raise ArchiveError(f"{path}: not a readable WARC file: {error}; ingest under another load id") from error
        if load_input is None:
            raise ArchiveError(f"{path}: has no record of what the load started from; ingest under another load id")
        self.load_input = load_input

    async def send(self, url: str, *, headers: dict[str, str], max_bytes: int) -> Response:
        """Return the archived response to this URL; one that isn't there is a failure ``not_archived``."""
        del headers, max_bytes  # what was asked is in the archive already
        absent = Response(
            url, datetime.fromtimestamp(0, UTC), failure="not_archived", detail=f"{self.path} has no response for it"
        )
        return self.responses.get(url, absent)

    def set_delay(self, host: str, seconds: float) -> None:
        """Do nothing: an archive needs no courtesy."""


def _date(record: WarcRecord) -> datetime:
    return datetime.fromisoformat(record.headers["WARC-Date"])


def _http_block(response: Response) -> bytes:
    status = response.status or 0
    # newlines can't be part of a header value; one that a library let through must not break the record
    lines = [
        f"HTTP/1.1 {status} {responses.get(status, '')}".rstrip(),
        *(f"{k}: {' '.join(v.split())}" for k, v in response.headers),
    ]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + response.body


def _read_response(record: WarcRecord) -> Response:
    block = record.reader.read()
    failure, detail = record.headers.get(_FAILURE), record.headers.get(_DETAIL)
    url = record.headers["WARC-Target-URI"]
    if record.record_type == WarcRecordType.metadata:
        return Response(url, _date(record), failure=failure, detail=detail)
    head, _, body = block.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = tuple((name, value) for name, _, value in pairs)
    return Response(url, _date(record), int(first.split(" ")[1]), headers, body, failure, detail)
