"""Reviewers' decisions: ``reviews/reviews.csv`` of the data directory becomes a staged load, and passes its gate.

A decision on a deal is one on its claims, as the published release has them. Once told, it holds for these claims also
when the deal is gone, since a rejected deal is in no release.
"""

from __future__ import annotations

import csv
import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse import clock, database, lake, ops, releases, waivers
from warehouse.contracts.reviews import REVIEWS
from warehouse.errors import LakeError, ReleaseError
from warehouse.manifests import read_manifest
from warehouse.staging import LoadWriter

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import DataDirectory

FILE = "reviews.csv"
DECISIONS = "decisions_sha256"
"""Attribute of a load: hash of all its decisions, those included that its gate set aside."""
COLUMNS = ("claim_id", "deal_key", "verdict", "field", "value", "reviewer", "reason", "date")


def stage_reviews(data: DataDirectory) -> str | None:
    """Stage what ``reviews.csv`` says in place of what it said before.

    Returns:
        The staged load, or None when there is nothing new: the decisions are those of the current load, and those on
        deals are on the same claims.

    Raises:
        LakeError: the file isn't UTF-8, isn't CSV, or lacks a column; the message names file, line and column.
    """
    path = data.reviews / FILE
    data.storage.refresh([path])
    current = read_manifest(data, REVIEWS).loads
    if not path.is_file() and not any(entry.rows for entry in current):
        return None
    lines = _read_lines(path) if path.is_file() else []
    rows = _expand(data, lines)
    decisions = hashlib.sha256(" ".join(row["review_id"] for row in rows).encode()).hexdigest()
    if [entry.attributes.get(DECISIONS) for entry in current[-1:]] == [decisions]:
        return None
    load_id = f"reviews-{clock.compact(clock.now())}-{decisions[:8]}"
    for row in rows:
        row["load_id"] = load_id
    replaces = [entry.load_id for entry in current if entry.load_id != load_id]
    with LoadWriter(data, REVIEWS, load_id, replaces=replaces, **{DECISIONS: decisions}) as writer:
        if rows:
            relaxed = pa.schema([field.with_nullable(True) for field in REVIEWS.schema])
            writer.write(pa.Table.from_pylist(rows, schema=relaxed))
    fact = {"load_id": load_id, "table_name": REVIEWS.name, "stage": "ingest", "rows_in": len(lines)}
    ops.append(data, "loads", [{**fact, "outcome": "staged" if rows else "empty", "rows_out": len(rows)}])
    return load_id


def drop_superseded(data: DataDirectory, load_id: str) -> None:
    """Close what waits of earlier files: a load of reviews takes the place of all before it, bad lines included.

    Args:
        data: data directory.
        load_id: load that has passed.
    """
    for entry in waivers.list_entries(data):
        if (entry.table_name, entry.status) == (REVIEWS.name, "open") and entry.load_id != load_id:
            waivers.decide(data, entry, "dropped", by="gate", why=f"{load_id} has taken the place of its file")


def _read_lines(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, strict=True)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise LakeError(f"{path}: columns {', '.join(missing)} are missing; wanted are {', '.join(COLUMNS)}")
            lines = []
            for line in reader:
                if None in line or None in line.values():
                    raise LakeError(f"{path}, line {reader.line_num}: another number of cells than the header has")
                if any(value.strip() for value in line.values()):
                    told = {name: line[name].strip() or None for name in COLUMNS}
                    lines.append({**told, "line": reader.line_num})
            return lines
    except (UnicodeDecodeError, csv.Error) as error:
        raise LakeError(f"{path}: not readable as UTF-8 CSV ({error}); save it so and run again") from error


def _expand(data: DataDirectory, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each claim that a line decides on; a deal without known claims keeps a row without claim."""
    claims = _claims_of_deals(data, {line["deal_key"] for line in lines if line["deal_key"]})
    rows = []
    for line in lines:
        # a line that names both is about the claim; the deal is a note
        for claim_id in [line["claim_id"]] if line["claim_id"] else claims.get(line["deal_key"], [None]):
            row = {name: line[name] for name in COLUMNS if name != "date"}
            row |= {"claim_id": claim_id, "reviewed_on": line["date"], "line": line["line"]}
            parts = [row[name] or "" for name in (*COLUMNS[:-1], "reviewed_on")]
            row["review_id"] = hashlib.sha256("\x1f".join([*parts, str(line["line"])]).encode()).hexdigest()[:16]
            rows.append(row)
    return rows


def _claims_of_deals(data: DataDirectory, deal_keys: set[str]) -> dict[str, list[str]]:
    """Return the claims of deals, as the published release or an earlier load of reviews has them."""
    found: dict[str, set[str]] = {}
    for row in lake.read_current(data, REVIEWS.name, columns=["deal_key", "claim_id"]).to_pylist():
        if row["deal_key"] in deal_keys and row["claim_id"]:
            found.setdefault(row["deal_key"], set()).add(row["claim_id"])
    published = releases.find_published(data) if deal_keys else None
    if published:
        sql = "select deal_key, claim_id from marts.fct_transfer_claims where deal_key is not null"
        try:
            rows = database.query(published, sql).to_pylist()
        except ReleaseError as error:
            raise LakeError(f"reviews of deals can't be resolved: {error}") from error
        for row in rows:
            if row["deal_key"] in deal_keys:
                found.setdefault(row["deal_key"], set()).add(row["claim_id"])
    return {deal_key: sorted(claims) for deal_key, claims in found.items()}
