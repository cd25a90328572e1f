"""Exclusive work over machines: an object that says who is at work, and expires when they fall silent.

A lease keeps others from doing the same work; it isn't what makes results right. A holder that was cut off for longer
than its lease is stopped at the next step that counts, since each of these is a write under condition.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import socket
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.errors import ArmsledgerError, StorageError
from warehouse.storage.failures import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.storage.bucket import Bucket

_LOG = logging.getLogger(__name__)
_FREE = b'{"holder": null}'
_POLL = (0.2, 1.0)  # seconds between two looks at another one's lease


@dataclass(frozen=True)
class Claimant:
    """Who wants a lease.

    Attributes:
        machine: name of a machine's copy of the data.
        seconds: after so many without a sign of its holder, a lease is free.
    """

    machine: str
    seconds: float


@contextlib.contextmanager
def hold(
    bucket: Bucket, key: str, claimant: Claimant, *, busy: str | None = None, waiting: str | None = None
) -> Iterator[None]:
    """Hold a lease for this block.

    Args:
        bucket: where its object lies.
        key: object.
        claimant: who wants it. The caller holds the machine's own lock of the same name, so that a lease of this
            machine that is found is that of a dead process.
        busy: what to say instead of waiting for another holder.
        waiting: what to warn of before waiting for another holder.

    Raises:
        ArmsledgerError: ``busy``, if it is given and another one holds the lease.
        StorageError: the storage can't be used.
    """
    lease = _Lease(bucket, key, claimant)
    lease.acquire(busy=busy, waiting=waiting)
    try:
        yield
    finally:
        lease.release()


class _Lease:
    def __init__(self, bucket: Bucket, key: str, claimant: Claimant) -> None:
        self._bucket = bucket
        self._key = key
        self._machine = claimant.machine
        self._seconds = claimant.seconds
        self._etag = ""
        self._ended = threading.Event()
        self._renewer = threading.Thread(target=self._renew, name=f"lease {key}", daemon=True)

    def acquire(self, *, busy: str | None, waiting: str | None) -> None:
        while True:
            known = self._bucket.read(self._key)
            if known is None or self._is_free(known.content, known.age):
                with contextlib.suppress(Conflict):
                    self._etag = self._bucket.write_if(self._key, self._describe(), known.etag if known else None)
                    self._renewer.start()
                    return
            if busy is not None:
                raise ArmsledgerError(busy)
            if waiting is not None:
                _LOG.warning("%s", waiting)
                waiting = None
            time.sleep(random.uniform(*_POLL))

    def release(self) -> None:
        self._ended.set()
        self._renewer.join()
        try:
            self._bucket.write_if(self._key, _FREE, self._etag)
        except Conflict:
            _LOG.warning("%s: the lease had expired before the work ended", self._bucket.address(self._key))
        except StorageError as error:
            # it expires by itself; what the block did, or why it failed, matters more
            _LOG.warning("%s: the lease could not be given back: %s", self._bucket.address(self._key), error)

    def _is_free(self, content: bytes, age: float) -> bool:
        try:
            document = json.loads(content)
        except ValueError:
            return age > self._seconds
        return not document.get("holder") or document.get("machine") == self._machine or age > self._seconds

    def _renew(self) -> None:
        while not self._ended.wait(self._seconds / 4):
            try:
                self._etag = self._bucket.write_if(self._key, self._describe(), self._etag)
            except Conflict:
                return
            except StorageError:
                continue

    def _describe(self) -> bytes:
        # never twice the same, so that a conflict with one's own lost answer can be told from one with another's write
        holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"
        return json.dumps({"holder": holder, "machine": self._machine}).encode()
