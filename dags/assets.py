"""What the DAGs share: the assets that link them, and how their tasks behave.

An asset event says "this table of the lake has changed"; Airflow starts the DAGs that are scheduled on it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Asset

ARTICLES = Asset(name="raw_articles", uri="armsledger://raw/articles")
CLAIMS = Asset(name="raw_transfer_claims", uri="armsledger://raw/transfer_claims")
RELEASE = Asset(name="release", uri="armsledger://warehouse/release")

START_DATE = datetime(2026, 1, 1, tzinfo=UTC)

# The first delay is Airflow's own setting (default_task_retry_delay), so that `make run` waits less than a server.
TASK_DEFAULTS: dict[str, Any] = {
    "owner": "armsledger",
    "retries": 2,
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(hours=1),
}
