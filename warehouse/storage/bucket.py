"""Objects below one prefix of a bucket: the few requests of S3's protocol that are needed, each of them atomic.

boto3 does the talking. s3fs and pyarrow.fs, which speak the same protocol, have no writes under a condition on the
ETag, and these carry every promise here.
"""

from __future__ import annotations

import email.utils
import hashlib
import mimetypes
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from warehouse.errors import StorageError
from warehouse.files import sync
from warehouse.storage.failures import Absent, Conflict, call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

PART_BYTES = 64 * 2**20
"""A larger file goes up in parts of this size."""
COPIED_AT_ONCE = 5 * 2**30
"""S3's limit for a copy by one request."""
CONNECTIONS = 8
DEFAULT_ENDPOINT = "AWS S3"
"""What messages call the server where no setting names one."""
_REMOVED_AT_ONCE = 1000  # S3's limit
_clients: dict[tuple[int, str], Any] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Stored:
    """An object as it was read.

    Attributes:
        content: its bytes.
        etag: version of it, for a write under condition.
        age: seconds since it was written, both told by the server's clock.
    """

    content: bytes
    etag: str
    age: float


@dataclass(frozen=True)
class Listed:
    """An object as a list names it: key below the prefix, version, bytes, and when it was written, UTC."""

    key: str
    etag: str
    size: int
    written_at: datetime


@dataclass(frozen=True)
class Bucket:
    """Objects below one prefix of a bucket. Holds no keys: boto3 takes them from the environment.

    Attributes:
        name: bucket.
        prefix: what all keys begin with, with its slash; may be empty.
        patience: seconds for which failures that may pass are borne.
    """

    name: str
    prefix: str
    patience: float = 120.0

    def address(self, key: str) -> str:
        """Return an object's URL."""
        return f"s3://{self.name}/{self.prefix}{key}"

    @property
    def endpoint(self) -> str:
        """The server, for messages."""
        return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or DEFAULT_ENDPOINT

    def check(self, patience: float) -> None:
        """Look at the bucket once.

        Args:
            patience: seconds for which a server out of reach is tried; one that answers with a fault gets its time.

        Raises:
            StorageError: it can't be used; the message names the setting to look at.
        """
        self._list_page("", 1, {}, unreachable_patience=patience)

    def read(self, key: str) -> Stored | None:
        """Return an object, or None where there is none."""

        def get(client: Any) -> Stored:
            answer = client.get_object(**self._at(key))
            return Stored(answer["Body"].read(), answer["ETag"], _age(answer))

        try:
            stored: Stored = self._do(key, get)
        except Absent:
            return None
        return stored

    def write(self, key: str, content: bytes) -> str:
        """Replace an object, whatever it was; returns its version."""
        return str(self._ask("put_object", key, Body=content, **_content_type(key))["ETag"])

    def write_if(self, key: str, content: bytes, etag: str | None) -> str:
        """Replace an object if it still is this version (None: if there is none); returns its new version.

        Raises:
            Conflict: it isn't.
        """
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            return str(self._ask("put_object", key, Body=content, **condition)["ETag"])
        except Absent as error:
            raise Conflict(key) from error
        except Conflict:
            # the answer to a first try may have been lost, and the second one met its work
            found = self.read(key)
            if found is None or found.content != content:
                raise
            return found.etag

    def upload(self, path: Path, key: str) -> None:
        """Replace an object by a file's bytes; nobody sees a part of them."""
        if path.stat().st_size > PART_BYTES:
            self._upload_parts(path, key)
            return

        def put(client: Any) -> None:
            with path.open("rb") as handle:
                client.put_object(**self._at(key), Body=handle, **_content_type(key))

        self._do(key, put)

    def download(self, key: str, path: Path) -> bool:
        """Let a file be an object's bytes, in one step; says whether there is such an object."""
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")

        def get(client: Any) -> float:
            answer = client.get_object(**self._at(key))
            with aside.open("wb") as handle:
                for block in answer["Body"].iter_chunks(2**20):
                    handle.write(block)
            return float(answer["LastModified"].timestamp())

        try:
            written_at = self._do(key, get)
            os.utime(aside, (written_at, written_at))
            sync(aside)
            aside.replace(path)
        except Absent:
            return False
        finally:
            aside.unlink(missing_ok=True)
        return True

    def copy(self, source: str, target: str) -> None:
        """Let an object have another one's bytes, without bringing them here."""
        # in parts only where one request can't copy it, so that its version tells its bytes
        config = TransferConfig(multipart_threshold=COPIED_AT_ONCE, multipart_chunksize=PART_BYTES)
        place = f"{self.prefix}{target}"
        self._do(target, lambda client: client.copy(self._at(source), self.name, place, Config=config))

    def list(self, start: str, *, most: int | None = None) -> list[Listed]:
        """Return the objects whose keys begin so, by key; at most so many."""
        found: list[Listed] = []
        following: dict[str, str] = {}
        while True:
            answer = self._list_page(start, most, following)
            for entry in answer.get("Contents", ()):
                key, etag = entry["Key"][len(self.prefix) :], entry["ETag"].strip('"')
                found.append(Listed(key, etag, entry["Size"], entry["LastModified"]))
            if not answer.get("IsTruncated") or (most is not None and len(found) >= most):
                return sorted(found[:most], key=lambda entry: entry.key)
            following = {"ContinuationToken": answer["NextContinuationToken"]}

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; those that aren't there are no fault.

        Raises:
            StorageError: the storage keeps one of them.
        """
        doomed = list(keys)
        for start in range(0, len(doomed), _REMOVED_AT_ONCE):
            part = [{"Key": f"{self.prefix}{key}"} for key in doomed[start : start + _REMOVED_AT_ONCE]]
            answer = self._do(doomed[start], partial(_remove, bucket=self.name, objects=part))
            for failure in answer.get("Errors", ()):
                raise StorageError(f"s3://{self.name}/{failure['Key']} can't be removed ({failure.get('Code')})")

    def each(self, action: Callable[[Any], object], items: Iterable[Any]) -> None:
        """Do something for many objects, several at once; the first failure is raised when all have ended."""
        wanted = list(items)
        if len(wanted) == 1:
            action(wanted[0])
        elif wanted:
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                for outcome in [pool.submit(action, item) for item in wanted]:
                    outcome.result()

    def _upload_parts(self, path: Path, key: str) -> None:
        upload = self._ask("create_multipart_upload", key, **_content_type(key))["UploadId"]
        parts: list[dict[str, Any]] = []
        try:
            with path.open("rb") as handle:
                for number in range(1, -(-path.stat().st_size // PART_BYTES) + 1):
                    block = handle.read(PART_BYTES)
                    answer = self._ask("upload_part", key, UploadId=upload, PartNumber=number, Body=block)
                    parts.append({"PartNumber": number, "ETag": answer["ETag"]})
            self._ask("complete_multipart_upload", key, UploadId=upload, MultipartUpload={"Parts": parts})
        except BaseException:
            self._ask("abort_multipart_upload", key, UploadId=upload)
            raise

    def _list_page(
        self, start: str, most: int | None, following: dict[str, str], *, unreachable_patience: float | None = None
    ) -> Any:
        limit = {"MaxKeys": most} if most else {}
        page = {"Bucket": self.name, "Prefix": f"{self.prefix}{start}", **limit, **following}
        return self._do(start, lambda client: client.list_objects_v2(**page), unreachable_patience=unreachable_patience)

    def _ask(self, method: str, key: str, **arguments: Any) -> Any:
        """Make one request about one object, by boto3's name for it."""
        return self._do(key, lambda client: getattr(client, method)(**self._at(key), **arguments))

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": f"{self.prefix}{key}"}

    def _do(self, key: str, action: Callable[[Any], Any], *, unreachable_patience: float | None = None) -> Any:
        return call(
            lambda: action(_client(self.endpoint)),
            place=self.address(key),
            endpoint=self.endpoint,
            patience=self.patience,
            unreachable_patience=unreachable_patience,
        )


def has_etag(path: Path, etag: str) -> bool:
    """Whether a file has the bytes of an object of this version, which came up in parts or as a whole.

    A storage that encrypts with keys of its own tells another version; then a file is taken for changed, and brought
    or sent again.
    """
    if "-" not in etag:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, _md5).hexdigest() == etag
    with path.open("rb") as handle:
        digests = [_md5(block).digest() for block in iter(lambda: handle.read(PART_BYTES), b"")]
    return f"{_md5(b''.join(digests)).hexdigest()}-{len(digests)}" == etag


_md5 = partial(hashlib.md5, usedforsecurity=False)  # S3's own mark of a version


def _remove(client: Any, *, bucket: str, objects: list[dict[str, str]]) -> Any:
    return client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})


def _content_type(key: str) -> dict[str, str]:
    """Return what a browser should take an object for: reports can be read from the bucket."""
    kind, _ = mimetypes.guess_type(key)
    return {"ContentType": kind} if kind else {}


def _age(answer: dict[str, Any]) -> float:
    told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if told is None:
        return 0.0
    return float((email.utils.parsedate_to_datetime(told) - answer["LastModified"]).total_seconds())


def _client(endpoint: str) -> Any:
    """Return this process's client; a forked child makes its own."""
    name = (os.getpid(), endpoint)
    with _lock:
        if name not in _clients:
            is_custom = endpoint != DEFAULT_ENDPOINT
            config = Config(
                connect_timeout=5,
                read_timeout=60,
                max_pool_connections=CONNECTIONS + 2,
                # `call` tries again, for as long as the settings say
                retries={"mode": "standard", "total_max_attempts": 1},
                s3={"addressing_style": "path" if is_custom else "auto"},
            )
            region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
            _clients[name] = boto3.session.Session().client(
                "s3", region_name=region, endpoint_url=endpoint if is_custom else None, config=config
            )
        return _clients[name]
