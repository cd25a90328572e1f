"""Contracts of the ``ops`` tables: facts about runs that every stage appends."""

from __future__ import annotations

import pyarrow as pa

from warehouse.contracts.articles import TIMESTAMP
from warehouse.contracts.model import Column, Table
from warehouse.contracts.ops_extraction import EXTRACTOR_DIFFERENCES, MODEL_USAGE

RUN_COLUMNS = (
    Column("run_id", pa.string(), "Run that told it: DAG and run of Airflow, or of a command.", nullable=True),
    Column("task", pa.string(), "Task of the run with its try, or what the command is called.", nullable=True),
)

_STAGES = ("ingest", "extract", "gate", "build", "publish", "retire", "adopt")

LOADS = Table(
    name="loads",
    version=1,
    grain="one outcome of one load in one stage",
    description="What each stage did with each load.",
    key="event_id",
    columns=(
        Column("event_id", pa.string(), "Identifies the fact."),
        Column("load_id", pa.string(), "Load."),
        Column("table_name", pa.string(), "Table of the load."),
        Column("source_id", pa.string(), "Source of an article load.", nullable=True),
        Column("stage", pa.string(), "Stage that reports.", allowed=_STAGES),
        Column(
            "outcome",
            pa.string(),
            "What happened.",
            allowed=(
                "staged",
                "empty",
                "unreachable",
                "promoted",
                "quarantined",
                "built",
                "failed",
                "published",
                "rolled_back",
                "retired",
                "adopted",
                "set_beside",
            ),
        ),
        Column("rows_in", pa.int64(), "Rows or pages that the stage read.", nullable=True, unit="rows"),
        Column("rows_out", pa.int64(), "Rows that the stage wrote.", nullable=True, unit="rows"),
        Column("rows_quarantined", pa.int64(), "Rows that the stage set aside.", nullable=True, unit="rows"),
        Column("reason", pa.string(), "Why, in plain words.", nullable=True),
        Column("seconds", pa.float64(), "Duration of the stage.", nullable=True, unit="seconds"),
        Column("occurred_at", TIMESTAMP, "When.", unit="UTC"),
        *RUN_COLUMNS,
    ),
)

REFUSALS = Table(
    name="refusals",
    version=1,
    grain="one page, feed or entry that did not become an article, or one thing that a model told in vain",
    description="What was left out on the way in, and why. Nothing is dropped without a row here.",
    key="event_id",
    columns=(
        Column("event_id", pa.string(), "Identifies the fact."),
        Column("load_id", pa.string(), "Load that met it."),
        Column("source_id", pa.string(), "Source."),
        Column("url", pa.string(), "Address of the page or feed."),
        Column("stage", pa.string(), "Step that refused it.", allowed=("feed", "fetch", "parse", "duplicate", "model")),
        Column("reason", pa.string(), "Short name of the reason, for counting."),
        Column("detail", pa.string(), "What exactly was wrong, in plain words.", nullable=True),
        Column("is_retried", pa.bool_(), "Whether the next load tries it again."),
        Column("occurred_at", TIMESTAMP, "When.", unit="UTC"),
    ),
)

VALIDATION_RESULTS = Table(
    name="validation_results",
    version=1,
    grain="one expectation or dbt test of one validation run",
    description="Every result of every gate, dbt's tests included.",
    key="event_id",
    columns=(
        Column("event_id", pa.string(), "Identifies the fact."),
        Column("validation_id", pa.string(), "Validation run: one gate over one load or candidate."),
        Column("load_id", pa.string(), "Load or build that was validated."),
        Column("table_name", pa.string(), "Table or model."),
        Column("tool", pa.string(), "What checked.", allowed=("great_expectations", "dbt")),
        Column("expectation", pa.string(), "Expectation type or dbt test name."),
        Column("column_name", pa.string(), "Column checked.", nullable=True),
        Column(
            "severity", pa.string(), "Critical stops the load, warning is reported.", allowed=("critical", "warning")
        ),
        Column("is_success", pa.bool_(), "Whether it held."),
        Column("unexpected_count", pa.int64(), "Rows that broke it.", nullable=True, unit="rows"),
        Column("element_count", pa.int64(), "Rows checked.", nullable=True, unit="rows"),
        Column("detail", pa.string(), "What was observed or which keys failed.", nullable=True),
        Column("suite", pa.string(), "Suite that the expectation belongs to.", nullable=True),
        Column(
            "action",
            pa.string(),
            "What followed where it did not hold.",
            nullable=True,
            allowed=("refused", "set_aside", "waived", "reported"),
        ),
        Column("reason", pa.string(), "Why the expectation is there.", nullable=True),
        Column("number_source", pa.string(), "Where its number comes from.", nullable=True),
        Column("occurred_at", TIMESTAMP, "When.", unit="UTC"),
    ),
)

VALIDATIONS = Table(
    name="validations",
    version=1,
    grain="one run of a gate over one load or candidate",
    description="Every verdict of every gate, with what came in and what was set aside.",
    key="validation_id",
    columns=(
        Column("validation_id", pa.string(), "Run of the gate."),
        Column("load_id", pa.string(), "Load or build that was validated."),
        Column("table_name", pa.string(), "Table of the load, or candidate."),
        Column("source_id", pa.string(), "Source of an article load.", nullable=True),
        Column(
            "verdict",
            pa.string(),
            "What the gate said. Empty: nothing came in, so there was nothing to validate.",
            allowed=("passed", "warned", "rows_set_aside", "failed", "empty"),
        ),
        Column("circumstance", pa.string(), "What was special about the load, in plain words.", nullable=True),
        Column("rows_in", pa.int64(), "Rows that were validated.", unit="rows"),
        Column("rows_out", pa.int64(), "Rows that the gate let pass.", unit="rows"),
        Column("rows_quarantined", pa.int64(), "Rows that the gate set aside.", unit="rows"),
        Column("rows_waived", pa.int64(), "Rows that a reviewer's waiver let pass.", unit="rows"),
        Column("checks", pa.int64(), "Expectations and tests that were looked at.", unit="results"),
        Column("failures", pa.int64(), "Critical ones that did not hold.", unit="results"),
        Column("warnings", pa.int64(), "Others that did not hold.", unit="results"),
        Column("seconds", pa.float64(), "Duration of the validation.", unit="seconds"),
        Column("report_path", pa.string(), "Report, relative to the data directory.", nullable=True),
        Column("occurred_at", TIMESTAMP, "When.", unit="UTC"),
        *RUN_COLUMNS,
    ),
)

QUARANTINED_ROWS = Table(
    name="quarantined_rows",
    version=1,
    grain="one row that one run of a gate set aside",
    description="Rows set aside by a gate while the rest of their load went on.",
    key="event_id",
    columns=(
        Column("event_id", pa.string(), "Identifies the fact."),
        Column("quarantine_id", pa.string(), "Identifies the row by its content: the same row has it in every load."),
        Column("table_name", pa.string(), "Table of the row."),
        Column("load_id", pa.string(), "Load that brought it."),
        Column("source_id", pa.string(), "Source of an article.", nullable=True),
        Column("validation_id", pa.string(), "Run of the gate that set it aside."),
        Column("row_key", pa.string(), "Key of the row.", nullable=True),
        Column("expectations", pa.string(), "Critical expectations that it broke, with semicolons between."),
        Column(
            "is_waivable", pa.bool_(), "Whether a reviewer may let it pass; not where it breaks the table's contract."
        ),
        Column("raw_row", pa.string(), "The row as JSON, long texts cut; the whole row lies in quarantine/."),
        Column("report_path", pa.string(), "Report, relative to the data directory.", nullable=True),
        Column("occurred_at", TIMESTAMP, "When.", unit="UTC"),
    ),
)

QUARANTINE_DECISIONS = Table(
    name="quarantine_decisions",
    version=1,
    grain="one decision on one row or load in quarantine",
    description="What reviewers decided on what a gate had set aside; a release is the waiver under which it passes.",
    key="event_id",
    columns=(
        Column("event_id", pa.string(), "Identifies the fact."),
        Column("quarantine_id", pa.string(), "Row, or load that was refused whole."),
        Column("table_name", pa.string(), "Table of the row."),
        Column(
            "decision",
            pa.string(),
            "What was decided; returned: a released row is in the lake.",
            allowed=("released", "dropped", "returned"),
        ),
        Column("waived", pa.string(), "Expectations that a release waives, semicolons between.", nullable=True),
        Column("decided_by", pa.string(), "Who decided."),
        Column("reason", pa.string(), "Why it was decided so."),
        Column("load_id", pa.string(), "Load with which a released row came back.", nullable=True),
        Column("occurred_at", TIMESTAMP, "When.", unit="UTC"),
    ),
)

QUARANTINE = Table(
    name="quarantine",
    version=1,
    grain="one load that a gate refused",
    description="Loads set aside by a gate.",
    key="event_id",
    columns=(
        Column("event_id", pa.string(), "Identifies the fact."),
        Column("load_id", pa.string(), "Load."),
        Column("table_name", pa.string(), "Table."),
        Column("validation_id", pa.string(), "Validation run that refused it."),
        Column("row_count", pa.int64(), "Rows set aside.", unit="rows"),
        Column("reason", pa.string(), "Expectations that failed."),
        Column("report_path", pa.string(), "Report, relative to the data directory.", nullable=True),
        Column("occurred_at", TIMESTAMP, "When.", unit="UTC"),
    ),
)

RELEASES = Table(
    name="releases",
    version=1,
    grain="one published release",
    description="Published releases.",
    key="release_id",
    columns=(
        Column("release_id", pa.string(), "Release."),
        Column("published_at", TIMESTAMP, "When it became current.", unit="UTC"),
        Column("code_version", pa.string(), "Version of the project that built it."),
        Column("input_fingerprint", pa.string(), "Hash of all lake files, seeds and models that it was built from."),
        Column("articles", pa.int64(), "Articles in the release.", unit="rows"),
        Column("claims", pa.int64(), "Claims in the release.", unit="rows"),
        Column("deals", pa.int64(), "Deals in the release.", unit="rows"),
        Column("warnings", pa.int64(), "Warnings of gate 3.", unit="results"),
    ),
)

OPS_TABLES = (
    LOADS,
    REFUSALS,
    VALIDATIONS,
    VALIDATION_RESULTS,
    QUARANTINE,
    QUARANTINED_ROWS,
    QUARANTINE_DECISIONS,
    RELEASES,
    MODEL_USAGE,
    EXTRACTOR_DIFFERENCES,
)
