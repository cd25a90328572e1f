"""OpenLineage by Airflow's provider: what each task read and wrote, from the facts that it told.

The provider sends START, COMPLETE and FAIL of each task and DAG run; it asks `StageExtractor` for datasets and facets.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.openlineage.extractors.base import BaseExtractor, OperatorLineage

from dags.runs import name_task
from warehouse.observing import facts
from warehouse.observing.lineage import build_run_facets, describe_flow


class StageExtractor(BaseExtractor):  # type: ignore[misc]
    """Lineage of our tasks."""

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        """Return the operators that ``@task`` makes."""
        return ["_PythonDecoratedOperator"]

    def _execute_extraction(self) -> OperatorLineage | None:
        """Return nothing: before a task has run, nothing is known."""
        return OperatorLineage()

    def extract_on_complete(self, task_instance: Any) -> OperatorLineage | None:
        """Return what the task read and wrote; a failed one may have told facts, too."""
        flow = describe_flow(facts.list_told())
        return OperatorLineage(
            inputs=flow.inputs, outputs=flow.outputs, run_facets=build_run_facets(name_task(task_instance), flow)
        )
