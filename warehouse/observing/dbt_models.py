"""OpenLineage of dbt's models: from dbt's artefacts to events, one pair for each model, with its tests and columns."""

from __future__ import annotations

import json
import logging
import os
import re
from typing import TYPE_CHECKING, Any

from openlineage.common.provider.dbt.facets import ParentRunMetadata
from openlineage.common.provider.dbt.local import DbtLocalArtifactProcessor

from warehouse.observing import runs
from warehouse.observing.lineage import NAMESPACE, PRODUCER, open_client
from warehouse.settings import DBT_PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from openlineage.client.event_v2 import RunEvent

    from warehouse.settings import DataDirectory

TARGETS = ("manifest.json", "run_results.json")
_COLUMN_LINEAGE = "columnLineage"


class Artefacts(DbtLocalArtifactProcessor):  # type: ignore[misc]
    """Reads a build's artefacts, with the profile that the build had, of which the environment says nothing any more.

    Args:
        folder: dbt's target folder.
        database: the candidate's file.
    """

    def __init__(self, folder: Path, database: Path) -> None:
        super().__init__(
            producer=PRODUCER, job_namespace=NAMESPACE, project_dir=str(DBT_PROJECT), target_path=str(folder)
        )
        self._folder = folder
        self._profile = {"type": "duckdb", "path": str(database)}

    def get_dbt_metadata(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], None]:
        """Return manifest, results, profile; the models' columns are in the manifest, so there is no catalog."""
        manifest, results = (json.loads((self._folder / name).read_text(encoding="utf-8")) for name in TARGETS)
        return manifest, results, self._profile, None


def read_events(folder: Path, database: Path, *, parent: str | None) -> list[RunEvent]:
    """Return the events of a build's models and tests.

    Datasets are named as elsewhere (``raw.articles``, ``marts.fct_deals``) and not by the candidate's file, which is
    another one for each build.

    Args:
        folder: dbt's target folder, before another command of dbt has written into it.
        database: the candidate's file.
        parent: event above these, as ``namespace/job/run``, or None.
    """
    artefacts = Artefacts(folder, database)
    if parent:
        namespace, name, run_id = parent.split("/")
        artefacts.dbt_run_metadata = ParentRunMetadata(run_id=run_id, job_name=name, job_namespace=namespace)
    found = artefacts.parse()
    for event in found.starts:
        # the end tells the same in full
        event.inputs, event.outputs, event.job.facets = [], [], {}
    events: list[RunEvent] = found.events()
    catalog = re.compile(rf"^{re.escape(database.stem)}\.")
    for event in events:
        event.job.name = catalog.sub("", event.job.name)
        for dataset in [*(event.inputs or ()), *(event.outputs or ())]:
            dataset.namespace, dataset.name = NAMESPACE, catalog.sub("", dataset.name)
            for told in getattr(dataset.facets.get(_COLUMN_LINEAGE), "fields", {}).values():
                for column in told.inputFields:
                    column.namespace, column.name = NAMESPACE, catalog.sub("", column.name)
    return events


def find_parent() -> str | None:
    """Return the event above: that of Airflow's task, or of the command."""
    run = runs.current()
    own = f"{NAMESPACE}/{run.task}/{run.identity}" if run else None
    return os.environ.get(runs.PARENT_VARIABLE) or own


def send_models(data: DataDirectory, folder: Path, database: Path) -> None:
    """Send the events of a build; what can't be sent is logged, and the build stays as it is.

    Args:
        data: data directory.
        folder: dbt's target folder.
        database: the candidate's file.
    """
    try:
        client = open_client(data)
        for event in read_events(folder, database, parent=find_parent()):
            client.emit(event)
    except Exception:  # lineage must not end what it describes
        logging.getLogger(__name__).warning("lineage of dbt's models could not be sent", exc_info=True)
