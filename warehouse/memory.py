"""Too little memory, told apart from damaged files, and seen before Arrow waits for ever."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

import pyarrow as pa

from warehouse.errors import OutOfMemoryError

if TYPE_CHECKING:
    from pathlib import Path

_STACK_BYTES = 8 * 2**20
"""What Linux sets aside for a thread, where no limit (``ulimit -s``) says otherwise."""
_WORDS = ("Failed to launch worker thread", "Cannot allocate memory", "malloc of size", "realloc of size")


def require_room_for_threads(path: Path) -> None:
    """Check that Arrow's pools of threads could still start.

    Where a thread can't be started for want of memory, Arrow's scanner waits for its work without end (pyarrow 26.0).

    Raises:
        OutOfMemoryError: the process may not take as much memory as that.
    """
    threads = pa.io_thread_count() + pa.cpu_count()
    try:
        mmap.mmap(-1, threads * _STACK_BYTES).close()
    except (OSError, MemoryError) as error:
        raise out_of_memory(path, error) from error


def is_shortage(error: BaseException) -> bool:
    """Whether an error, or what it says in words, is one of too little memory."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in _WORDS)


def out_of_memory(path: Path, error: BaseException) -> OutOfMemoryError:
    """Say at which file memory ran out, what is safe, and what to do."""
    return OutOfMemoryError(
        f"{path}: out of memory while reading it ({error or 'no more could be had'}), which tells nothing of the file; "
        "give the process more memory (ulimit -v, the container's limit) or run fewer tasks at once, and run the "
        "command again. What was promoted is safe, and the published release is as it was"
    )
