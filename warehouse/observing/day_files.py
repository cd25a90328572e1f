"""Files of lines, one a day: several processes append whole lines to one file, and old days can be removed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from warehouse import clock

if TYPE_CHECKING:
    from pathlib import Path


def append_line(folder: Path, name: str, line: str) -> Path:
    """Append a line to the day's file ``<name>-<day>.jsonl``, in one step, so that lines of processes don't mix.

    Args:
        folder: where the files lie; made if it doesn't exist.
        name: what the file's name begins with.
        line: text without a line break.

    Returns:
        The file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{clock.now():%Y-%m-%d}.jsonl"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, f"{line}\n".encode("utf-8", "replace"))
    finally:
        os.close(descriptor)
    return path
