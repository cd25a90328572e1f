"""Runs a suite over a batch with Great Expectations. Imported only where there are rows: the import takes seconds."""

from __future__ import annotations

import gc
import json
import os
import warnings
from typing import TYPE_CHECKING, Any, cast

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read by Great Expectations at its import

import great_expectations as gx
import numpy as np
import pandas as pd
import pyarrow as pa
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from expectations.column_groups import list_groups
from expectations.drawing import draw_result
from expectations.findings import Finding, Outcome, RowFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.expectations.expectation import Expectation

    from expectations.batch import Batch

SHOWN_ROWS = 10
"""Bad rows told by key in a failure and on a page; all of them are counted."""
SHOWN_CHARACTERS = 160
"""A longer value is cut on a page: a whole article is not needed to see that it is wrong."""

MANY_ROWS = 100_000
"""From here on, a frame that is no longer needed is worth looking for."""

SAMPLES = ("observed_value", "partial_unexpected_list", "partial_unexpected_counts", "partial_unexpected_index_list")
"""Parts of a result that hold values of the batch."""
ALL_ROWS = "unexpected_index_list"
"""Part of a result that holds the numbers of all bad rows."""


def run_suite(suite: gx.ExpectationSuite, batch: Batch, *, table_name: str, key: str) -> Outcome:
    """Validate a batch and draw the result.

    Args:
        suite: expectations with their severities.
        batch: rows; none is fine.
        table_name: table the rows are of.
        key: column that names a row in the findings.

    Raises:
        Exception: whatever Great Expectations raises; the gate turns it into a failure.
    """
    result = check_rows(suite, batch, key=key)
    findings = list_findings(result, suite=suite.name, table_name=table_name, key=key)
    faults = tuple(
        RowFault(finding.label, rows, bool((cast("Any", one.expectation_config).meta or {}).get("is_waivable", True)))
        for finding, one in zip(findings, result.results, strict=True)
        if finding.severity == "critical"
        and not one.success
        and (rows := one.result.pop(ALL_ROWS, None)) is not None
        and len(rows)
    )
    for one in result.results:
        one.result.pop(ALL_ROWS, None)
    return Outcome(
        suite=suite.name,
        table_name=table_name,
        rows=batch.facts.rows,
        findings=findings,
        sections=draw_result(result),
        summary=json.loads(json.dumps(cast("Any", result).to_json_dict(), default=str)),
        faults=faults,
    )


def check_rows(suite: gx.ExpectationSuite, batch: Batch, *, key: str) -> ExpectationSuiteValidationResult:
    """Validate a batch as Arrow-backed pandas frames, one for each group of columns.

    A result tells the keys of its first bad rows, and the numbers of all of them as an array under `ALL_ROWS`.
    """
    expectations = list(suite.expectations)
    order, results = [], []
    for group in list_groups(expectations, batch):
        part = gx.ExpectationSuite(name=suite.name, expectations=[expectations[place] for place in group.places])
        rows = batch.read(group.columns)
        result = _validate(part, rows.slice(0, 0) if group.is_shape else rows)
        del rows
        if batch.facts.rows > MANY_ROWS:
            gc.collect()  # Great Expectations' objects hold each other, and the frame with them
        order += _find_places(group.places, expectations, result.results)
        results.append(result)
    whole = results[0]
    every = [one for result in results for one in result.results]
    whole.results = [every[place] for place in np.argsort(order, kind="stable")]
    whole.success = all(one.success for one in whole.results)
    keys = batch.read([key])[key]
    for one in whole.results:
        _settle_rows(one, keys, key)
    make_presentable(whole)
    return whole


def _validate(suite: gx.ExpectationSuite, rows: pa.Table) -> ExpectationSuiteValidationResult:
    # a context of its own keeps no rows after its end
    context = gx.get_context(
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
        )
    )
    asset = context.data_sources.add_pandas("lake").add_dataframe_asset(suite.name)
    frame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    batch = asset.add_batch_definition_whole_dataframe("rows").get_batch(batch_parameters={"dataframe": frame})
    with warnings.catch_warnings():
        # pandas suspects a mistake in any pattern with groups
        warnings.filterwarnings("ignore", message="This pattern is interpreted as a regular expression")
        # COMPLETE tells the numbers of all bad rows; what isn't needed of it is dropped before anything is stored
        return batch.validate(
            suite, result_format={"result_format": "COMPLETE", "partial_unexpected_count": SHOWN_ROWS}
        )


def _find_places(
    places: Sequence[int], expectations: Sequence[Expectation], results: Sequence[ExpectationValidationResult]
) -> list[int]:
    """Return where in the suite each result belongs: Great Expectations may give them in another order."""
    waiting: dict[str, list[int]] = {}
    for place in places:
        waiting.setdefault(_name(expectations[place].configuration), []).append(place)
    return [waiting[_name(one.expectation_config)].pop(0) for one in results]


def _name(config: Any) -> str:
    kwargs = {name: value for name, value in config.kwargs.items() if name != "batch_id"}
    return json.dumps([config.type, kwargs, str(config.meta)], sort_keys=True, default=str)


def _settle_rows(one: ExpectationValidationResult, keys: pa.ChunkedArray, key: str) -> None:
    """Turn the list of bad rows into an array, and tell the keys of the first ones."""
    for name in ("unexpected_list", "unexpected_index_query"):
        one.result.pop(name, None)
    if ALL_ROWS not in one.result:
        return
    numbers = np.asarray(one.result[ALL_ROWS], dtype=np.int64)
    one.result[ALL_ROWS] = numbers
    shown = keys.take(pa.array(numbers[:SHOWN_ROWS])).to_pylist()
    one.result["partial_unexpected_index_list"] = [{key: value} for value in shown]


def list_findings(
    result: ExpectationSuiteValidationResult, *, suite: str, table_name: str, key: str
) -> tuple[Finding, ...]:
    """Return one finding for each expectation of a result."""
    return tuple(_build_finding(suite, table_name, key, one) for one in result.results)


def make_presentable(result: ExpectationSuiteValidationResult) -> None:
    """Cut long values in the result's samples; turn NumPy's numbers and pandas' NA into Python's, in place.

    Great Expectations' renderers fail on the latter two.
    """
    for one in result.results:
        for name in SAMPLES:
            if name in one.result:
                one.result[name] = _make_plain(one.result[name])
        for count in one.result.get("partial_unexpected_counts", ()):
            if isinstance(count.get("value"), list):
                # several columns of a row: the page would write them without anything between
                count["value"] = " | ".join("(none)" if part is None else str(part) for part in count["value"])


def _build_finding(suite: str, table_name: str, key: str, one: ExpectationValidationResult) -> Finding:
    config = cast("Any", one.expectation_config)
    result = one.result or {}
    crash = _crash_text(one.exception_info)
    detail = ""
    if crash:
        detail = f"it crashed: {crash}"
    elif not one.success:
        detail = _describe(result, key)
    meta = config.meta or {}
    return Finding(
        suite=suite,
        table_name=table_name,
        expectation=config.type,
        column=_columns(config.kwargs),
        # an expectation that couldn't be evaluated tells nothing, so it must not let a load pass
        severity="critical" if crash or config.severity == "critical" else "warning",
        is_success=bool(one.success) and not crash,
        unexpected_count=result.get("unexpected_count"),
        element_count=result.get("element_count"),
        detail=detail,
        reason=meta.get("reason"),
        number_source=meta.get("source"),
    )


def _crash_text(info: dict[str, Any] | None) -> str:
    """Return what an expectation raised, or nothing; several metrics may each have their own entry."""
    if not info:
        return ""
    entries = [info] if "raised_exception" in info else [entry for entry in info.values() if isinstance(entry, dict)]
    texts = [str(entry.get("exception_message")) for entry in entries if entry.get("raised_exception")]
    return " ".join("; ".join(texts).split())[:500]


def _columns(kwargs: dict[str, Any]) -> str | None:
    if "column" in kwargs:
        return str(kwargs["column"])
    pair = [str(kwargs[name]) for name in ("column_A", "column_B") if name in kwargs]
    return ", ".join(pair or [str(name) for name in kwargs.get("column_list", []) if "column_list" in kwargs]) or None


def _describe(result: dict[str, Any], key: str) -> str:
    rows = result.get("partial_unexpected_index_list")
    if rows:
        names = [_name_row(row.get(key)) for row in rows]
        count = result.get("unexpected_count") or len(names)
        more = f" and {count - len(names)} more" if count > len(names) else ""
        return f"{key} {', '.join(names)}{more}"
    if result.get("details"):
        return str(result["details"])[:1000]
    if "observed_value" in result:
        return f"observed {str(result['observed_value'])[:500]}"
    return ""


def _name_row(value: Any) -> str:
    return "(none)" if value is None or value != value else str(value)  # noqa: PLR0124 - NaN


def _make_plain(value: Any) -> Any:
    if value is pd.NA:
        return None
    if hasattr(value, "item"):  # a NumPy scalar
        return value.item()
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        return value[:SHOWN_CHARACTERS] + "…"
    if isinstance(value, list | tuple):
        return [_make_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _make_plain(item) for name, item in value.items()}
    return value
