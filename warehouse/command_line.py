"""How every command line of the project ends: an error that the user can act on is one line, without a traceback."""

from __future__ import annotations

import errno
import sys

import click

from warehouse.errors import ArmsledgerError
from warehouse.terminal import make_visible

_USERS_MATTER = {
    errno.ENOSPC: "the disk is full; free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the command again",
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
        cli(prog_name=prog_name)
    except ArmsledgerError as error:
        _fail(str(error))
    except OSError as error:
        if error.errno not in _USERS_MATTER:
            raise
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{_USERS_MATTER[error.errno]}")


def _fail(message: str) -> None:
    click.echo(f"error: {make_visible(message)}", err=True)
    sys.exit(1)
