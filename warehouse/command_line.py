"""How every command line of the project begins and ends.

Each command is a run of its own, unless a task of Airflow started it; what it told has its id. An error that the user
can act on is one line, without a traceback.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import sys
from typing import TYPE_CHECKING

import click

from warehouse import clock
from warehouse.errors import ArmsledgerError
from warehouse.observing import facts, logs, runs
from warehouse.settings import Settings
from warehouse.terminal import make_visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_USERS_MATTER = {
    errno.ENOSPC: "the disk is full; free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the command again",
    errno.EFBIG: "the file is larger than the system allows; raise the limit (ulimit -f) and run the command again",
    errno.EROFS: "the file system is read-only; point ARMSLEDGER_DATA at a folder that can be written",
    errno.EACCES: "no permission; give it, or point ARMSLEDGER_DATA at a folder of your own",
}


def run(cli: click.Command, prog_name: str) -> None:
    """Run a command and end the process; an error that the user can act on leads to exit code 1 and one line.

    Args:
        cli: click command or group.
        prog_name: how the user calls it, for instance ``python -m warehouse``.

    Raises:
        SystemExit: always; the code is 0 for success, 1 for a failed command, 2 for wrong usage.
    """
    try:
        with _as_run(prog_name):
            cli(prog_name=prog_name)
    except ArmsledgerError as error:
        _fail(str(error))
    except MemoryError as error:
        _fail(
            f"out of memory ({error or 'no more could be had'}); give the process more (ulimit -v, the container's "
            "limit) or run less at once, and run the command again. What was promoted and published is as it was"
        )
    except OSError as error:
        if error.errno not in _USERS_MATTER:
            raise
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{_USERS_MATTER[error.errno]}")


@contextlib.contextmanager
def _as_run(prog_name: str) -> Iterator[None]:
    """Give the command a run's id, and send its lineage at the end where it told facts."""
    if runs.current():
        yield
        return
    words = [*prog_name.split()[-1:], *(word for word in sys.argv[1:2] if not word.startswith("-"))]
    run, began, error = runs.name_command(".".join(words)), clock.now(), None
    facts.begin(run)
    try:
        yield
    except SystemExit as end:
        error = None if end.code in (None, 0) else f"exit code {end.code}"
        raise
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
        raise
    finally:
        _tell_end(run, began, error)
        runs.end()


def _tell_end(run: runs.Run, began: datetime, error: str | None) -> None:
    """Log a failure and send the lineage of what was told; an error here must not hide the command's own."""
    try:
        data = Settings.from_environment().data
        if error:
            logs.write(data, "error", "command.failed", reason=error)
        # a command that ran whole DAGs leaves the lineage to them
        told = facts.list_told() if runs.current() == run else []
        if told:
            # OpenLineage takes a second to import
            from warehouse.observing.lineage import send_command  # noqa: PLC0415

            send_command(data, run, told, began=began, error=error)
    except Exception:
        logging.getLogger(__name__).debug("the end of %s could not be told", run.task, exc_info=True)


def _fail(message: str) -> None:
    click.echo(f"error: {make_visible(message)}", err=True)
    sys.exit(1)
