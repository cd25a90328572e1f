"""What each task does: one call into the package that owns the work, and a command does the same from the shell.

The packages are imported inside the functions, so that Airflow parses the DAG files in a moment.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from warehouse.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from warehouse.receipts import AuditReceipt

BACKFILLED = timedelta(hours=1)
"""What a backfilled run of ``ingest_articles`` covers: the time until the next one."""


def list_sources(*, backfilled: datetime | None = None) -> list[str]:
    """Return the ids of the enabled sources of the registry, hosts in turn (``python -m extract sources``).

    Args:
        backfilled: time of a backfilled run; what was archived then is read again also of sources switched off since.
    """
    from extract.sources import load_sources, take_turns
    from warehouse import lake

    settings = Settings.from_environment()
    lake.initialise(settings.data)
    past: set[str] = set()
    if backfilled:
        from extract import replay  # the fetcher's libraries come with it, which only a backfill needs here

        past = replay.list_sources(settings.data, since=backfilled, until=backfilled + BACKFILLED)
    chosen = [one for one in load_sources(settings.sources) if one.is_enabled or one.id in past]
    return [source.id for source in take_turns([one for one in chosen if one.kind != "warc"])]


def ingest_source(source_id: str, *, run_after: datetime) -> int:
    """Fetch, parse and stage one source, validate the load and promote it (``python -m extract ingest``).

    A load of the source that a killed run left in staging is settled first.

    Args:
        source_id: source in the registry.
        run_after: time of the DAG run; it names the load, so that a retried task works on the same one.

    Returns:
        Rows promoted.

    Raises:
        GateRefusedError: the gate refused the load.
    """
    from extract import ingest, sources
    from warehouse.clock import compact

    settings = Settings.from_environment()
    source = sources.find_source(sources.load_sources(settings.sources), source_id)
    own = f"{source_id}-{compact(run_after)}"
    rows = bring_back_released("articles", source_id=source_id)
    left = [load_id for load_id in ingest.list_waiting(settings.data, source) if load_id != own]
    for load_id in (*left, own):
        result = ingest.ingest_source(settings, source, load_id=load_id)
        rows += result.rows
        if result.outcome != "already_promoted":
            rows -= settle_load("articles", load_id)
    return rows


def replay_source(source_id: str, *, run_after: datetime) -> int:
    """Read again what one source gave in the hour of a backfilled run (``python -m extract reparse --from --to``).

    The network isn't asked: a list tells what is new now, not what was new then. What it still announces comes with the
    next hourly run.

    Args:
        source_id: source in the registry.
        run_after: time of the DAG run.

    Returns:
        Rows promoted; one at least where a load was replaced.

    Raises:
        GateRefusedError: the gate refused a load.
    """
    from extract import replay
    from extract.sources import load_sources

    settings = Settings.from_environment()
    rows = 0
    span = {"since": run_after, "until": run_after + BACKFILLED}
    for result in replay.replay(settings, load_sources(settings.sources), source_id=source_id, **span):
        told = f": {result.detail}" if result.detail else ""
        print(f"{result.load_id}: {result.outcome}, {result.before} articles before, {result.rows} now{told}")
        if result.staged_id:
            rows += max(1, result.rows - settle_load("articles", result.staged_id))
    return rows


def bring_back_released(table: str, *, source_id: str | None = None) -> int:
    """Settle the rows that reviewers released (``python -m expectations quarantine return``).

    Args:
        table: raw table.
        source_id: only articles of this source, or all rows.

    Returns:
        Rows that are back in the lake.
    """
    from warehouse import lake, waivers

    data = Settings.from_environment().data
    rows = 0
    for load_id in waivers.stage_released(data, table, source_id=source_id):
        rows += lake.read_staged(data, table, load_id).rows
        rows -= settle_load(table, load_id)
    return rows


def list_archives(locations: list[str], source_id: str | None) -> list[str]:
    """Return the web archives at paths and URLs, or those of a source where none are named.

    Raises:
        AirflowFailException: neither archives nor a source are named.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from extract.bulk import places

    if not locations and not source_id:
        raise AirflowFailException('name archives or a source: {"archives": ["/path/or/url.warc.gz"]}')
    source = places.find_source_of_archives(Settings.from_environment().sources, source_id)
    return [place.location for place in places.find_archives(locations, source)]


def ingest_archive(location: str, source_id: str | None) -> int:
    """Read one web archive, stage, validate and promote what may hold a claim (``python -m extract warc``).

    Returns:
        Rows promoted; none where the archive was loaded before.

    Raises:
        GateRefusedError: the gate refused the load.
    """
    from extract.bulk import archives, download, places
    from extract.fetching.policy import FetchPolicy

    settings = Settings.from_environment()
    source = places.find_source_of_archives(settings.sources, source_id)
    rows = 0
    for place in places.find_archives([location], source):
        result = archives.find_former(settings.data, place.load_id)
        if result is None:
            with download.local_file(settings.data, place, FetchPolicy.from_environment()) as path:
                result = archives.stage_archive(settings, place, path)
        if result.outcome in ("staged", "empty"):
            rows += result.rows - settle_load("articles", place.load_id)
    return rows


def stage_claims() -> list[str]:
    """Extract claims to staging (``python -m extract events``); a load that a killed run left there is made anew.

    Returns:
        Loads to settle: claims that reviewers released, then those of new articles, then those that the present
        extractor finds in what another version has read (``ARMSLEDGER_REEXTRACT``); none when all is covered.
    """
    from extract import events
    from warehouse import waivers

    settings = Settings.from_environment()
    released = waivers.stage_released(settings.data, "transfer_claims")
    results = [events.stage_claims(settings), events.stage_past(settings, events.read_past())]
    for result in filter(None, results):
        place = ", beside the current ones; python -m extract versions names both" if result.is_beside else ""
        print(f"{result.load_id}: {result.rows} claims from {result.articles} articles{place}")
    return [*released, *(result.load_id for result in results if result)]


def settle_load(table: str, load_id: str) -> int:
    """Validate a staged load and promote it (``python -m expectations TABLE --load ID``).

    A load that passed already is left alone, so that a retried task succeeds; so is one that another run settled while
    this one waited for it.

    Returns:
        Rows that the gate set aside while the rest passed.

    Raises:
        GateRefusedError: the gate refused it; it is in quarantine.
    """
    from expectations import gate
    from warehouse import lake
    from warehouse.errors import LakeError

    settings = Settings.from_environment()
    lake.finish_interrupted(settings.data, table)
    if lake.is_promoted(settings.data, table, load_id) and load_id not in lake.list_staged(settings.data, table):
        return 0
    try:
        receipt = gate.settle_load(settings, table, load_id)
    except LakeError:
        if gate.was_settled(settings.data, table, load_id):
            return 0
        raise
    _require_pass(receipt)
    return receipt.rows_set_aside


def settle_reviews() -> bool:
    """Let what reviewers decided since count from the next build on (``python -m expectations reviews``).

    Returns:
        Whether there were new decisions.

    Raises:
        GateRefusedError: the gate refused the file; the decisions of before still count.
    """
    from warehouse import reviews

    load_id = reviews.stage_reviews(Settings.from_environment().data)
    if load_id is None:
        return False
    settle_load("reviews", load_id)
    return True


def stage_register(register_id: str, file: str, *, edition: str | None, replace: bool) -> str | None:
    """Read a register file to staging (``python -m extract register``).

    Returns:
        The staged load, or None when the lake has exactly this file.

    Raises:
        AirflowFailException: no file is named, or it can't be imported; asking again would not help.
    """
    from pathlib import Path

    from airflow.sdk.exceptions import AirflowFailException

    from extract.errors import InputError
    from extract.trade_registers import importing

    if not file:
        raise AirflowFailException('name the file: {"file": "/path/to/trade-register.csv"}')
    settings = Settings.from_environment()
    try:
        result = importing.import_register(settings, register_id, Path(file), edition=edition, replace=replace)
    except InputError as error:
        raise AirflowFailException(str(error)) from error
    return result.load_id if result.outcome == "staged" else None


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
        GateRefusedError: the gate refused it.
    """
    from expectations import gate

    _require_pass(gate.settle_candidate(Settings.from_environment(), build_id))
    return build_id


def publish_release(build_id: str) -> str:
    """Publish a candidate (``python -m warehouse publish``); gives the id of the release."""
    from warehouse import build, releases

    settings = Settings.from_environment()
    return releases.publish(settings, build.read_candidate(settings, build_id)).release_id


def build_atlas() -> None:
    """Write the atlas of the published release (``python -m warehouse atlas``)."""
    from warehouse.atlas import site

    site.build_atlas(Settings.from_environment())


def refresh_reports() -> None:
    """Write the front page of the report portal (``python -m expectations reports``)."""
    from expectations import report

    report.build_reports(Settings.from_environment())


def maintain_lake() -> int:
    """Compact the lake and remove what nobody needs any more (``python -m warehouse maintain``).

    Returns:
        Files and folders removed; each is listed in the log.

    Raises:
        LakeError: a part could not be done, for instance since a file is damaged; the rest was.
    """
    from warehouse.errors import LakeError
    from warehouse.maintenance import upkeep
    from warehouse.maintenance.settings import Upkeep

    data = Settings.from_environment().data
    outcome = upkeep.maintain(data, Upkeep.from_environment())
    for line in upkeep.describe(data, outcome):
        print(line)  # Airflow takes it into the task's log
    if outcome.problems:
        raise LakeError("; ".join(outcome.problems))
    return len(outcome.removed)


def clean_airflow() -> bool:
    """Remove old runs from Airflow's database (``python -m dags clean``); False where a task can't reach it."""
    from dags import metadata
    from warehouse.maintenance.settings import Upkeep

    age = Upkeep.from_environment().airflow
    environment = metadata.find_environment(Settings.from_environment())
    if environment is None:
        return False
    if age is not None:
        print(metadata.clean(environment, age))
    return True


def _require_pass(receipt: AuditReceipt) -> None:
    """Fail the task without a retry: the same content would be refused again."""
    from dags.alerts import GateRefusedError

    if not receipt.has_passed:
        raise GateRefusedError(receipt)
