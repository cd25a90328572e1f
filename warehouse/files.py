"""Writing files so that a reader sees the old one or the new one, never half of one, also after a power cut."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import shutil
from typing import TYPE_CHECKING, Any

from warehouse.disk import full_disk_as
from warehouse.errors import ArmsledgerError, LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOG = logging.getLogger(__name__)


def write_json(path: Path, document: Any, *, is_secret: bool = False) -> None:
    """Replace ``path`` by this document in one step, on disk before it is visible.

    Args:
        path: file to write.
        document: JSON values; others are written as text.
        is_secret: whether only the owner may read the file, from its first byte on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with full_disk_as(LakeError, path), aside.open("w", encoding="utf-8") as handle:
        if is_secret:
            os.fchmod(handle.fileno(), 0o600)
        json.dump(document, handle, indent=1, ensure_ascii=False, default=str)
        handle.flush()
        os.fsync(handle.fileno())
    aside.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Force a closed file's bytes, or a folder's list of names, to disk, so that no later step can outrun them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place(source: Path, target: Path) -> None:
    """Let ``target`` be the file ``source`` in one step: as a second link, or a copy where links can't be made.

    One process at a time may place a given target; the caller holds a lock.
    """
    aside = target.with_name(f".{target.name}.next")
    aside.unlink(missing_ok=True)
    try:
        os.link(source, aside)
    except OSError:
        with full_disk_as(LakeError, target):
            shutil.copy(source, aside)
    sync(aside)
    if target.exists() and target.samefile(aside):
        # renaming one link of a file to another does nothing and would leave the first behind
        aside.unlink()
    else:
        aside.replace(target)
    sync(target.parent)


@contextlib.contextmanager
def exclusive(path: Path, *, busy: str | None = None, waiting: str | None = None) -> Iterator[None]:
    """Hold the lock file ``path`` for this block, after any other holder; the kernel frees it when the process dies.

    A second block on the same path within the first, in the same process too, waits for ever.

    Args:
        path: lock file, made if absent and never removed.
        busy: what to say instead of waiting for another holder.
        waiting: what to warn of before waiting for another holder.

    Raises:
        ArmsledgerError: ``busy``, if it is given and another process holds the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if busy is not None:
                raise ArmsledgerError(busy) from error
            if waiting is not None:
                _LOG.warning("%s", waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # said aloud, since a child process forked meanwhile has the handle too and would keep the lock
            fcntl.flock(handle, fcntl.LOCK_UN)
