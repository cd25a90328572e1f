"""A full disk, told apart from other failures and named with the way out."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.errors import ArmsledgerError

_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WORDS = tuple(os.strerror(number) for number in _ERRORS)


def is_told_full(text: str) -> bool:
    """Whether a program's words say that the disk is full, or a file larger than the system allows.

    >>> is_told_full("IO Error: Could not write file: No space left on device")
    True
    """
    return any(words in text for words in _WORDS)


def describe_full(folder: Path) -> str:
    """Say which folder has no room, how much the disk has left, and what to do."""
    free = shutil.disk_usage(folder).free / 2**20
    return (
        f"{folder}: the disk is full, or a file grew beyond the system's limit ({free:,.0f} MiB free); "
        "free some space, or point ARMSLEDGER_DATA at a larger disk, and run the command again. "
        "The published release is as it was"
    )


@contextlib.contextmanager
def full_disk_as(kind: type[ArmsledgerError], folder: Path) -> Iterator[None]:
    """Raise errors of a full disk as this kind, with a message that names the folder; others pass as they are."""
    try:
        yield
    except OSError as error:
        if error.errno not in _ERRORS:
            raise
        raise kind(describe_full(folder)) from error
    except Exception as error:
        if isinstance(error, kind) or not is_told_full(str(error)):
            raise
        raise kind(describe_full(folder)) from error
