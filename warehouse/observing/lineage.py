"""OpenLineage: from the facts of a run to what it read and wrote, and where the events go.

Datasets are the lake's tables, the candidate and the release, in the namespace ``armsledger``; a gate's dataset carries
the results of its expectations. Airflow's tasks send their events through Airflow's provider (``dags/lineage.py``), a
command sends its own (`send_command`). Where nothing else is set, both go to ``lineage/events-<day>.jsonl`` of the data
directory; any setting of OpenLineage's own (``OPENLINEAGE_URL``, ``OPENLINEAGE_CONFIG``, ``OPENLINEAGE__TRANSPORT…``)
takes its place, and ``OPENLINEAGE_DISABLED=true`` switches it off.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attr
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    RunFacet,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    error_message_run,
    output_statistics_output_dataset,
)
from openlineage.client.serde import Serde
from openlineage.client.transport import Config, Transport

from warehouse import clock
from warehouse.contracts import RAW_TABLES
from warehouse.observing.day_files import append_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from warehouse.observing.facts import Fact
    from warehouse.observing.runs import Run as OurRun
    from warehouse.settings import DataDirectory

NAMESPACE = "armsledger"
PRODUCER = "urn:armsledger"


@attr.define
class ArmsledgerRunFacet(RunFacet):
    """Which run it was, as ``ops.loads`` names it, and the loads that it worked on."""

    runId: str
    task: str
    loads: list[str]


@attr.define
class DayFileConfig(Config):
    """Settings of `DayFileTransport`: the folder."""

    folder: str

    @classmethod
    def from_dict(cls, params: dict[str, Any]) -> DayFileConfig:
        """Read them from OpenLineage's configuration."""
        return cls(folder=params["folder"])


class DayFileTransport(Transport):
    """Writes each event as a line of the day's file.

    OpenLineage's own file transport makes a file for each event, some hundred thousand a year for hourly runs, or
    appends to one file for ever, where long events of several processes mix.
    """

    kind = "day_file"
    config_class = DayFileConfig

    def __init__(self, config: DayFileConfig) -> None:
        self._folder = Path(config.folder)

    def emit(self, event: Any) -> None:
        """Append an event."""
        append_line(self._folder, "events", Serde.to_json(event))


@dataclass
class Flow:
    """What a run read and wrote.

    Attributes:
        inputs: datasets read, each once.
        outputs: datasets written, each once.
        loads: loads worked on, in order.
    """

    inputs: list[InputDataset] = field(default_factory=list)
    outputs: list[OutputDataset] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)


def describe_flow(facts: Sequence[Fact]) -> Flow:
    """Return what the facts of a run say that it read and wrote.

    Args:
        facts: as `facts.list_told` gives them.
    """
    inputs: dict[str, None] = {}
    outputs: dict[str, list[dict[str, Any]]] = {}
    results: dict[str, list[dict[str, Any]]] = {}
    loads: dict[str, None] = {}
    gates = [fact.values for fact in facts if fact.table == "validations"]
    validated = {row["validation_id"]: row["table_name"] for row in gates}
    for fact in facts:
        row = fact.values
        if fact.table == "loads":
            read, written = _name_datasets(row)
            inputs |= dict.fromkeys(read)
            for name in written:
                outputs.setdefault(name, []).append(row)
            loads[row["load_id"]] = None
        elif fact.table == "validations":
            name = _name_validated(row["table_name"])
            inputs[name] = None
            results.setdefault(name, [])
        elif fact.table == "validation_results":
            # a result of a candidate's gate names its mart, so the gate is found by its run
            table_name = validated.get(row["validation_id"], row["table_name"])
            results.setdefault(_name_validated(table_name), []).append(row)
    return Flow(
        [_as_input(name, results.get(name)) for name in inputs],
        [_as_output(name, rows) for name, rows in outputs.items()],
        list(loads),
    )


def _name_datasets(row: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return what a stage read and wrote, from its row of ``ops.loads``."""
    table, raw = row["table_name"], [f"raw.{one.name}" for one in RAW_TABLES]
    known: dict[tuple[str, str], tuple[list[str], list[str]]] = {
        ("ingest", "staged"): ([f"source.{row['source_id'] or table}"], [f"staging.{table}"]),
        ("ingest", "empty"): ([f"source.{row['source_id'] or table}"], []),
        ("ingest", "unreachable"): ([f"source.{row['source_id'] or table}"], []),
        ("extract", "staged"): (["raw.articles"], [f"staging.{table}"]),
        ("extract", "empty"): (["raw.articles"], []),
        ("gate", "promoted"): ([f"staging.{table}"], [f"raw.{table}"]),
        ("gate", "quarantined"): ([f"staging.{table}"], [f"quarantine.{table}"]),
        ("gate", "failed"): (["candidate"], []),
        ("adopt", "adopted"): ([f"raw.{table}"], [f"raw.{table}"]),
        ("build", "built"): (raw, ["candidate"]),
        ("build", "failed"): (raw, ["candidate"]),
        ("publish", "published"): (["candidate"], ["release"]),
        ("publish", "rolled_back"): ([f"release.{row['load_id']}"], ["release"]),
    }
    return known.get((row["stage"], row["outcome"]), ([], []))


def _name_validated(table_name: str) -> str:
    return table_name if table_name in ("candidate", "seeds") else f"staging.{table_name}"


def _as_input(name: str, results: list[dict[str, Any]] | None) -> InputDataset:
    if not results:
        return InputDataset(NAMESPACE, name)
    assertions = [
        data_quality_assertions_dataset.Assertion(
            assertion=row["expectation"],
            success=row["is_success"],
            column=row["column_name"],
            severity="error" if row["severity"] == "critical" else "warn",
        )
        for row in results
    ]
    facet = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(assertions=assertions)
    return InputDataset(NAMESPACE, name, inputFacets={"dataQualityAssertions": facet})


def _as_output(name: str, rows: list[dict[str, Any]]) -> OutputDataset:
    told = [row["rows_out"] for row in rows if row["rows_out"] is not None]
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=sum(told))
    version = dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=rows[-1]["load_id"])
    return OutputDataset(
        NAMESPACE, name, facets={"version": version}, outputFacets={"outputStatistics": statistics} if told else {}
    )


def build_run_facets(run: OurRun, flow: Flow, *, error: str | None = None) -> dict[str, RunFacet]:
    """Return the facets that lead from an event to ``ops``.

    Args:
        run: run as ``ops`` names it.
        flow: what it read and wrote.
        error: why it failed, or None.
    """
    facets: dict[str, RunFacet] = {"armsledger": ArmsledgerRunFacet(run.run_id, run.task, flow.loads)}
    if error is not None:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(error, programmingLanguage="python")
    return facets


def describe_transport(data: DataDirectory) -> dict[str, str]:
    """Return the transport to the data directory, as OpenLineage's configuration writes it."""
    return {"type": f"{__name__}.{DayFileTransport.__name__}", "folder": str(data.lineage)}


def is_set_elsewhere() -> bool:
    """Whether OpenLineage's own settings say where events go, or that there are none."""
    names = ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE_DISABLED")
    return any(os.environ.get(name) for name in names) or any(
        name.startswith("OPENLINEAGE__TRANSPORT") for name in os.environ
    )


def open_client(data: DataDirectory) -> OpenLineageClient:
    """Return a client for events that Airflow doesn't send."""
    if is_set_elsewhere():
        return OpenLineageClient()
    return OpenLineageClient(transport=DayFileTransport(DayFileConfig(str(data.lineage))))


def send_command(
    data: DataDirectory, run: OurRun, facts: Sequence[Fact], *, began: datetime, error: str | None
) -> None:
    """Send the events of a command that told facts: START and COMPLETE, or FAIL.

    What can't be sent is logged; the command's outcome stays as it is.

    Args:
        data: data directory.
        run: run of the command.
        facts: what it told.
        began: when it began.
        error: why it failed, or None.
    """
    try:
        client, flow = open_client(data), describe_flow(facts)
        job = Job(NAMESPACE, run.task)
        end = RunState.COMPLETE if error is None else RunState.FAIL
        for state, moment, told in ((RunState.START, began, None), (end, clock.now(), error)):
            facets = build_run_facets(run, flow, error=told)
            event = RunEvent(
                eventType=state,
                eventTime=moment.isoformat(),
                run=Run(run.identity, facets),
                job=job,
                producer=PRODUCER,
                inputs=flow.inputs,
                outputs=flow.outputs if state is not RunState.START else [],
            )
            client.emit(event)
    except Exception:  # lineage must not end what it describes
        logging.getLogger(__name__).warning("lineage of %s could not be sent", run.task, exc_info=True)
