"""Settings of Airflow's own lineage and metrics, so that they go where ours go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from warehouse.observing import metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.settings import DataDirectory

TRANSPORT = "AIRFLOW__OPENLINEAGE__TRANSPORT"


def lineage_settings(data: DataDirectory, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of Airflow's OpenLineage provider: events go to the data directory unless told otherwise.

    Args:
        data: data directory.
        environment: what is set already.
    """
    # takes half a second, which nobody who only parses the DAGs should wait for
    from warehouse.observing import lineage

    told = {
        "AIRFLOW__OPENLINEAGE__NAMESPACE": lineage.NAMESPACE,
        "AIRFLOW__OPENLINEAGE__EXTRACTORS": "dags.lineage.StageExtractor",
        "AIRFLOW__OPENLINEAGE__EMISSION_POLICY": json.dumps(
            [{"scope": {}, "controls": {"include_source_code": False}}]
        ),
        # a fork of a task that holds a gigabyte costs more than the event
        "AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD": "True",
    }
    if not lineage.is_set_elsewhere() and TRANSPORT not in environment:
        told[TRANSPORT] = json.dumps(lineage.describe_transport(data))
    return told


def metrics_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of Airflow's own metrics: they go to the server of ours, under their own prefix.

    Args:
        environment: what is set already.

    Raises:
        SettingsError: ``ARMSLEDGER_STATSD`` isn't host and port.
    """
    setting = environment.get(metrics.SETTING)
    if not setting:
        return {}
    host, port = metrics.read_address(setting)
    told = {"STATSD_ON": "True", "STATSD_HOST": host, "STATSD_PORT": str(port), "STATSD_PREFIX": "airflow"}
    return {f"AIRFLOW__METRICS__{name}": value for name, value in told.items()}
