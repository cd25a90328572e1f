"""A task says which run it is before it begins: its id stands in ``ops``, in log lines and in lineage."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from warehouse.observing import facts, logs, runs
from warehouse.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


def name_task(task_instance: Any) -> runs.Run:
    """Return the run of a task instance, as ``ops.loads`` names it."""
    number = f"[{task_instance.map_index}]" if task_instance.map_index >= 0 else ""
    return runs.Run(
        run_id=f"{task_instance.dag_id}/{task_instance.run_id}",
        task=f"{task_instance.task_id}{number}#{task_instance.try_number}",
    )


def begin_run(context: Context) -> None:
    """Begin a task's run in this process; Airflow calls it before the task's own code."""
    facts.begin(name_task(context["ti"]))
    os.environ.pop(runs.PARENT_VARIABLE, None)
    # the provider is imported already where lineage is on; where it is off, nobody waits for it
    macros = sys.modules.get("airflow.providers.openlineage.plugins.macros")
    if macros:
        os.environ[runs.PARENT_VARIABLE] = macros.lineage_parent_id(context["ti"])


def log_failure(context: Context) -> None:
    """Write a log line for a task that failed for good."""
    error = context.get("exception")
    reason = " ".join(str(error).split())[:1000] if error else None
    logs.write(Settings.from_environment().data, "error", "task.failed", reason=reason)
