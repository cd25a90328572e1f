"""A full disk, told apart from other failures and named with the way out."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from typing import TYPE_CHECKING

from warehouse.errors import ArmsledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WORDS = tuple(os.strerror(number) for number in _ERRORS)


def is_told_full(text: str) -> bool:
    """Whether a program's words say that the disk is full, or a file larger than the system allows.

    >>> is_told_full("IO Error: Could not write file: No space left on device")
    True
    """
    return any(words in text for words in _WORDS)


def describe_full(path: Path) -> str:
    """Say which file or folder has no room, how much the disk has left, what is safe, and what to do."""
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    free = shutil.disk_usage(there).free / 2**20
    return (
        f"{path}: the disk is full, or a file grew beyond the system's limit ({free:,.0f} MiB free); "
        "free some space, or point ARMSLEDGER_DATA (for temporary files TMPDIR) at a larger disk, and run the command "
        "again. "
        "What was promoted is safe. The published release is as it was"
    )


def is_full(error: Exception) -> bool:
    """Whether an error says that the disk is full."""
    return error.errno in _ERRORS if isinstance(error, OSError) and error.errno else is_told_full(str(error))


@contextlib.contextmanager
def full_disk_as(kind: type[ArmsledgerError], path: Path) -> Iterator[None]:
    """Raise errors of a full disk as this kind, with a message that names file or folder; others pass as they are."""
    try:
        yield
    except ArmsledgerError:
        raise
    except Exception as error:
        if not is_full(error):
            raise
        raise kind(describe_full(path)) from error
