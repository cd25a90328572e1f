"""What a candidate is compared with: the published release's mixes and NULL rates, and the rows of the lake."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from warehouse import database, lake, ops, releases
from warehouse.contracts import raw_table
from warehouse.manifests import read_manifest_file
from warehouse.parquet import read_rows

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.build import Candidate
    from warehouse.settings import DataDirectory

MIXES = {
    "fct_deals.supplier_code": 0.3,
    "fct_deals.recipient_code": 0.3,
    "fct_deals.weapon_category": 0.15,
    "fct_deals.deal_status": 0.15,
    "fct_transfer_claims.supplier_code": 0.3,
    "fct_transfer_claims.recipient_code": 0.3,
    "fct_transfer_claims.weapon_category": 0.15,
    "fct_transfer_claims.claim_status": 0.15,
}
"""Column of a mart -> greatest distance between two releases: half the sum of all differences of shares, 0 to 1."""
NULL_RATES = (
    "fct_deals.order_year",
    "fct_deals.quantity_ordered",
    "fct_deals.delivery_year_first",
    "fct_deals.value_usd",
    "fct_transfer_claims.supplier_code",
    "fct_transfer_claims.recipient_code",
    "fct_transfer_claims.order_year",
    "fct_transfer_claims.quantity_max",
    "fct_transfer_claims.value_usd",
)
FEWEST_ROWS = 50
"""Below this, single rows move a share by more than two points."""
SHOWN_SHARES = 3
CONSERVED = {"articles": "dim_articles", "transfer_claims": "fct_transfer_claims"}
"""Raw table -> mart that has one row for each key of it."""


@dataclass(frozen=True)
class LakeOfCandidate:
    """The lake as a candidate was built from it.

    Attributes:
        data: data directory.
        candidate: build.
    """

    data: DataDirectory
    candidate: Candidate

    def count_keys(self, table_name: str) -> int:
        """Count the different keys in the loads that the build's manifest names.

        Raises:
            LakeError: the manifest or a file of it is missing.
        """
        table = raw_table(table_name)
        manifest = read_manifest_file(self.candidate.manifest(table_name), table)
        files = lake.current_files(self.data, table_name, manifest=manifest)
        return int(pc.count_distinct(read_rows(table.schema, files, columns=[table.key])[table.key]).as_py())


def compare_mixes(candidate: Path, published: Path) -> pa.Table:
    """Put the shares of both releases beside each other.

    Returns:
        One row per column of `MIXES` that both have: ``mix``, ``published_rows``, ``candidate_rows``, ``distance``,
        ``greatest`` (the limit) and ``moved`` (the shares that moved most, in words).
    """
    rows = []
    for address, limit in MIXES.items():
        before, now = (_count_values(path, address) for path in (published, candidate))
        if before is None or now is None:
            continue
        old, new = before.total() or 1, now.total() or 1
        shifts = {value: now[value] / new - before[value] / old for value in {*before, *now}}
        most = sorted(shifts, key=lambda value: (-round(abs(shifts[value]), 9), value))[:SHOWN_SHARES]
        told = ", ".join(f"{value} {before[value] / old:.0%} to {now[value] / new:.0%}" for value in most)
        rows.append(
            {
                "mix": address,
                "published_rows": before.total(),
                "candidate_rows": now.total(),
                "distance": sum(map(abs, shifts.values())) / 2,
                "greatest": limit,
                "moved": told,
            }
        )
    return pa.Table.from_pylist(rows, schema=_MIX_SCHEMA)


def compare_null_rates(candidate: Path, published: Path) -> pa.Table:
    """Put the NULL rates of both releases beside each other.

    Returns:
        One row per column of `NULL_RATES` that both have: ``column``, ``published_rows``, ``candidate_rows``,
        ``published_null_rate`` and ``candidate_null_rate``, 0 to 1.
    """
    rows = []
    for address in NULL_RATES:
        before, now = (_count_nulls(path, address) for path in (published, candidate))
        if before is None or now is None:
            continue
        rows.append(
            {
                "column": address,
                "published_rows": before[1],
                "candidate_rows": now[1],
                "published_null_rate": before[0] / max(before[1], 1),
                "candidate_null_rate": now[0] / max(now[1], 1),
            }
        )
    return pa.Table.from_pylist(rows, schema=_NULL_SCHEMA)


def count_conserved(source: LakeOfCandidate) -> pa.Table:
    """Put rows in beside rows out and rows in quarantine, for each load and for each table of the lake.

    Loads of before the published release were counted by the gate of that release.

    Returns:
        One row per count: ``step``, ``rows_in``, ``rows_out`` and ``rows_set_aside``.
    """
    rows: list[dict[str, Any]] = [
        {
            "step": f"gate: {fact['table_name']}/load={fact['load_id']} {fact['outcome']}",
            "rows_in": fact["rows_in"],
            "rows_out": fact["rows_out"],
            "rows_set_aside": fact["rows_quarantined"],
        }
        for fact in ops.read(source.data, "loads", since=_find_published_at(source.data)).to_pylist()
        if fact["stage"] == "gate" and fact["rows_quarantined"] is not None
    ]
    counts = database.count_rows(source.candidate.database, ("marts", "ops"))
    for table_name, mart in CONSERVED.items():
        step = {"step": f"build: raw.{table_name} to marts.{mart}", "rows_in": source.count_keys(table_name)}
        # a claim that a reviewer rejected leaves the marts and stays in ops
        aside = counts.get("ops.rejected_claims", 0) if table_name == "transfer_claims" else 0
        rows.append({**step, "rows_out": counts.get(f"marts.{mart}", 0), "rows_set_aside": aside})
    return pa.Table.from_pylist(rows, schema=_CONSERVED_SCHEMA)


def _find_published_at(data: DataDirectory) -> datetime.datetime | None:
    release_id = releases.current_release_id(data)
    return datetime.datetime.fromisoformat(releases.read_release(data, release_id).published_at) if release_id else None


_MIX_SCHEMA = pa.schema(
    [
        ("mix", pa.string()),
        ("published_rows", pa.int64()),
        ("candidate_rows", pa.int64()),
        ("distance", pa.float64()),
        ("greatest", pa.float64()),
        ("moved", pa.string()),
    ]
)
_NULL_SCHEMA = pa.schema(
    [
        ("column", pa.string()),
        ("published_rows", pa.int64()),
        ("candidate_rows", pa.int64()),
        ("published_null_rate", pa.float64()),
        ("candidate_null_rate", pa.float64()),
    ]
)
_CONSERVED_SCHEMA = pa.schema(
    [
        ("step", pa.string()),
        ("rows_in", pa.int64()),
        ("rows_out", pa.int64()),
        ("rows_set_aside", pa.int64()),
    ]
)


def _split(path: Path, address: str) -> tuple[str, str] | None:
    relation, column = address.split(".")
    found = database.query(
        path,
        "select 1 from information_schema.columns where table_schema = 'marts' and table_name = ? and column_name = ?",
        [relation, column],
    )
    return (f"marts.{database.quoted(relation)}", database.quoted(column)) if found.num_rows else None


def _count_values(path: Path, address: str) -> Counter[str] | None:
    place = _split(path, address)
    if place is None:
        return None
    relation, column = place
    sql = f"select coalesce(cast({column} as varchar), '(none)') as value, count(*) as rows from {relation} group by 1"
    return Counter({row["value"]: row["rows"] for row in database.query(path, sql).to_pylist()})


def _count_nulls(path: Path, address: str) -> tuple[int, int] | None:
    place = _split(path, address)
    if place is None:
        return None
    relation, column = place
    (row,) = database.query(
        path, f"select count(*) - count({column}) as nulls, count(*) as rows from {relation}"
    ).to_pylist()
    return row["nulls"], row["rows"]
