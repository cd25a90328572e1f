"""What the DAGs share: the assets that link them, and how their tasks behave.

An asset event says "this table of the lake has changed"; Airflow starts the DAGs that are scheduled on it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Asset
from airflow.sdk.configuration import conf

from dags.alerts import AlertNotifier
from dags.runs import begin_run, log_failure

ARTICLES = Asset(name="raw_articles", uri="armsledger://raw/articles")
CLAIMS = Asset(name="raw_transfer_claims", uri="armsledger://raw/transfer_claims")
REGISTERS = Asset(name="raw_register_deliveries", uri="armsledger://raw/register_deliveries")
REVIEWS = Asset(name="raw_reviews", uri="armsledger://raw/reviews")
RELEASE = Asset(name="release", uri="armsledger://warehouse/release")

START_DATE = datetime(2026, 1, 1, tzinfo=UTC)

# The first delay is Airflow's own setting, so that `make run` waits less than a server; it is told to each task because
# a mapped one without it would fall back to five minutes when its DAG is serialised.
FIRST_RETRY_DELAY = timedelta(seconds=conf.getint("core", "default_task_retry_delay"))

TASK_DEFAULTS: dict[str, Any] = {
    "owner": "armsledger",
    "retries": 2,
    "retry_delay": FIRST_RETRY_DELAY,
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(hours=1),
    "on_execute_callback": [begin_run],
    "on_failure_callback": [log_failure, AlertNotifier()],
}
