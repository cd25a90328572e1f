"""Which run this process works for: its id stands in ``ops``, in log lines and in lineage.

It lives in the environment, so that threads and child processes of a task tell the same.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN_VARIABLE = "ARMSLEDGER_RUN_ID"
TASK_VARIABLE = "ARMSLEDGER_RUN_TASK"
PARENT_VARIABLE = "OPENLINEAGE_PARENT_ID"
"""OpenLineage's own name for the event above, as ``namespace/job/run``."""


@dataclass(frozen=True)
class Run:
    """A run of a DAG, or of a command.

    Attributes:
        run_id: ``<dag_id>/<run_id of Airflow>``, or ``shell/<time>-<random>``.
        task: ``<task_id>#<try>``, of a mapped task ``<task_id>[<number>]#<try>``; or what the command is called.
    """

    run_id: str
    task: str

    @property
    def identity(self) -> str:
        """The run as a UUID, as OpenLineage wants it."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"armsledger:{self.run_id}/{self.task}"))


def begin(run: Run) -> None:
    """Say that this process works for a run from now on."""
    os.environ[RUN_VARIABLE] = run.run_id
    os.environ[TASK_VARIABLE] = run.task


def current() -> Run | None:
    """Return the run that this process works for, or None: it is used as a library."""
    run_id = os.environ.get(RUN_VARIABLE)
    return Run(run_id, os.environ.get(TASK_VARIABLE, "")) if run_id else None


def end() -> None:
    """Say that this process works for no run any more."""
    os.environ.pop(RUN_VARIABLE, None)
    os.environ.pop(TASK_VARIABLE, None)


@contextlib.contextmanager
def working_for(run: Run) -> Iterator[Run]:
    """Work for a run while the block runs, and then for that of before."""
    former = current()
    begin(run)
    try:
        yield run
    finally:
        begin(former) if former else end()


def name_command(command: str) -> Run:
    """Return a run of its own for a command."""
    return Run(f"shell/{clock.compact(clock.now())}-{uuid.uuid4().hex[:6]}", command)
