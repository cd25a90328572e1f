"""What dbt says of a candidate: its tests, the models that it couldn't build, the sources that stand still."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from warehouse.errors import BuildError
from warehouse.files import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from warehouse.building.candidates import Candidate

FRESHNESS_TEST = "source_freshness"
"""Name of a finding that a source stands still, as `dbt source freshness` sees it."""
_NO_ROW = "0001-01-01"
"""Moment of the newest row, as dbt tells it of a source without any."""


@dataclass(frozen=True)
class TestResult:
    """What dbt says about one test, or about one model that it couldn't build.

    Attributes:
        name: test or model.
        model: model that was tested.
        column: column that was tested, or None.
        severity: critical stops publishing, warning is reported.
        is_success: whether it held.
        failures: rows that broke it, or None where dbt doesn't count them.
        message: dbt's message, or None.
    """

    __test__ = False  # pytest would take it for a test class

    name: str
    model: str
    column: str | None
    severity: Literal["critical", "warning"]
    is_success: bool
    failures: int | None
    message: str | None


def collect_results(candidate: Candidate) -> list[TestResult]:
    """Return what ``dbt build`` left in its target folder; nothing where it couldn't run."""
    try:
        outcomes = _read(candidate.dbt / "run_results.json")["results"]
        nodes = _read(candidate.dbt / "manifest.json")
    except FileNotFoundError:
        return []
    known = {**nodes["nodes"], **nodes.get("unit_tests", {})}
    return [_as_result(outcome, known[outcome["unique_id"]]) for outcome in outcomes]


def collect_freshness(candidate: Candidate) -> list[TestResult]:
    """Return what ``dbt source freshness`` left: one result for each source that has a limit and any row."""
    outcomes = _read(candidate.dbt / "sources.json")["results"]
    return [_as_freshness(one) for one in outcomes if not one.get("max_loaded_at", "").startswith(_NO_ROW)]


def write_results(candidate: Candidate, results: Sequence[TestResult]) -> None:
    """Keep the results beside the candidate's database, for gate 3."""
    write_json(_results_file(candidate), [asdict(result) for result in results])


def read_test_results(candidate: Candidate) -> list[TestResult]:
    """Return dbt's results for a candidate.

    Raises:
        BuildError: they are missing.
    """
    path = _results_file(candidate)
    try:
        return [TestResult(**fields) for fields in _read(path)]
    except FileNotFoundError as error:
        raise BuildError(f"{path} is missing; run python -m warehouse build again") from error


def _results_file(candidate: Candidate) -> Path:
    return candidate.folder / "dbt_results.json"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _as_result(outcome: dict[str, Any], node: dict[str, Any]) -> TestResult:
    is_warning = outcome["status"] == "warn" or (node.get("config", {}).get("severity") or "").lower() == "warn"
    attached = node.get("attached_node") or node.get("model") or (node.get("depends_on", {}).get("nodes") or [None])[0]
    return TestResult(
        name=node["name"],
        model=attached.split(".")[-1] if attached and node["resource_type"] != "model" else node["name"],
        column=node.get("column_name"),
        severity="warning" if is_warning else "critical",
        is_success=outcome["status"] in ("pass", "success"),
        failures=outcome.get("failures"),
        message=outcome.get("message"),
    )


def _as_freshness(outcome: dict[str, Any]) -> TestResult:
    """Read one source's outcome; yesterday's rows are worth a release, so it warns at most."""
    _, _, source, table = outcome["unique_id"].split(".")
    is_fresh = outcome["status"] == "pass"
    return TestResult(
        name=FRESHNESS_TEST,
        model=f"{source}.{table}",
        column=None,
        severity="warning",
        is_success=is_fresh,
        failures=None,
        message=None if is_fresh else outcome.get("error") or _tell_age(outcome),
    )


def _tell_age(outcome: dict[str, Any]) -> str:
    days = outcome["max_loaded_at_time_ago_in_s"] / 86_400
    limit = outcome["criteria"]["warn_after"]
    return (
        f"the newest row came in at {outcome['max_loaded_at'][:16]} UTC, {days:,.1f} days ago; "
        f"more than {limit['count']} {limit['period']}s are worth a look at who brings it"
    )
