"""The progress of archives on a terminal: bar, rate, time left."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from extract.bulk import archives


@contextmanager
def show_progress(name: str) -> Iterator[Callable[[archives.Progress], None]]:
    """Show how far the reading of one archive is; where there is no terminal nothing is shown.

    Args:
        name: what the archive is called.

    Yields:
        What to tell of the progress.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[rate]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    started = time.monotonic()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, rate="")

        def report(told: archives.Progress) -> None:
            seconds = max(time.monotonic() - started, 0.001)
            speed = f"{told.pages / seconds:,.0f} pages/s, {told.position / seconds / 1e6:,.1f} MB/s"
            rate = f"{told.pages:,} pages, {told.kept:,} kept, {speed}"
            progress.update(task, total=told.size, completed=told.position, rate=rate)

        yield report
