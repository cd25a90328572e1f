"""What each task does: one call into the package that owns the work, and a command does the same from the shell.

The packages are imported inside the functions, so that Airflow parses the DAG files in a moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from warehouse.receipts import AuditReceipt


def list_sources() -> list[str]:
    """Return the ids of the enabled sources of the registry (``python -m extract sources``)."""
    from extract.sources import load_sources
    from warehouse import lake

    settings = Settings.from_environment()
    lake.initialise(settings.data)
    return [source.id for source in load_sources(settings.sources) if source.is_enabled]


def ingest_source(source_id: str, *, run_after: datetime) -> int:
    """Fetch, parse and stage one source, validate the load and promote it (``python -m extract ingest``).

    Args:
        source_id: source in the registry.
        run_after: time of the DAG run; it names the load, so that a retried task works on the same one.

    Returns:
        Rows promoted.

    Raises:
        AirflowFailException: the gate refused the load.
    """
    from extract import ingest, sources
    from warehouse.clock import compact

    settings = Settings.from_environment()
    source = sources.find_source(sources.load_sources(settings.sources), source_id)
    result = ingest.ingest_source(settings, source, load_id=f"{source_id}-{compact(run_after)}")
    if result.outcome != "already_promoted":
        settle_load("articles", result.load_id)
    return result.rows


def stage_claims(*, run_after: datetime) -> str | None:
    """Extract claims to staging (``python -m extract events``).

    Args:
        run_after: time of the DAG run; it names the load.

    Returns:
        The staged load, or None when every article is covered by the present extractor.
    """
    from extract import events
    from warehouse.clock import compact

    result = events.stage_claims(Settings.from_environment(), claims_load_id=f"claims-{compact(run_after)}")
    return result.load_id if result else None


def settle_load(table: str, load_id: str) -> None:
    """Validate a staged load and promote it (``python -m expectations TABLE --load ID``).

    Raises:
        AirflowFailException: the gate refused it; it is in quarantine.
    """
    from expectations import gate

    _require_pass(gate.settle_load(Settings.from_environment(), table, load_id))


def build_candidate() -> str | None:
    """Build a candidate (``python -m warehouse build``).

    Returns:
        The build, or None when the published release was made from the same inputs.
    """
    from warehouse import build, releases

    settings = Settings.from_environment()
    inputs = build.describe_inputs(settings.data)
    if releases.is_up_to_date(settings.data, inputs["fingerprint"]):
        return None
    return build.build(settings).build_id


def gate_candidate(build_id: str) -> str:
    """Validate a candidate (``python -m expectations marts``); gives the build on.

    Raises:
        AirflowFailException: the gate refused it.
    """
    from expectations import gate

    _require_pass(gate.settle_candidate(Settings.from_environment(), build_id))
    return build_id


def publish_release(build_id: str) -> str:
    """Publish a candidate (``python -m warehouse publish``); gives the id of the release."""
    from warehouse import build, releases

    settings = Settings.from_environment()
    return releases.publish(settings, build.read_candidate(settings, build_id)).release_id


def refresh_reports() -> None:
    """Write the front page of the report portal (``python -m expectations reports``)."""
    from expectations import report

    report.build_reports(Settings.from_environment())


def _require_pass(receipt: AuditReceipt) -> None:
    """Fail the task without a retry: the same content would be refused again."""
    from airflow.sdk.exceptions import AirflowFailException

    if not receipt.has_passed:
        failures = "; ".join(receipt.failures)
        raise AirflowFailException(f"{receipt.subject} was refused: {failures} (report: {receipt.report_path})")
