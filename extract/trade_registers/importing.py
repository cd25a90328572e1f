"""A register file to one staged load."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from extract.errors import InputError
from extract.trade_registers.parties import resolve_parties
from extract.trade_registers.reading import read_register
from extract.trade_registers.weapons import resolve_weapon
from warehouse import clock, lake, ops
from warehouse.contracts import REGISTER_DELIVERIES
from warehouse.contracts.register_deliveries import EDITION_PATTERN
from warehouse.lake import LoadWriter
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from extract.trade_registers.model import RegisterFile
    from extract.trade_registers.parties import Party
    from warehouse.settings import DataDirectory, Settings

_SHOWN_CHARACTERS = 300
"""A longer broken record is cut in ``ops``; the whole one lies in quarantine."""


@dataclass(frozen=True)
class ImportResult:
    """What became of one register file.

    Attributes:
        load_id: load; made from register, edition and content, so that the same file is the same load.
        edition: edition under which it is kept.
        records: records of the file.
        rows: rows written, at delivery-year grain.
        repaired: records whose cells had to be put together again.
        broken: records set aside.
        broken_path: file that holds them, or None where there are none.
        unknown_columns: columns that were left out.
        outcome: ``staged``: waits for its gate; ``already_promoted``: the lake has exactly this file.
    """

    load_id: str
    edition: str
    records: int
    rows: int
    repaired: int
    broken: int
    broken_path: Path | None
    unknown_columns: tuple[str, ...]
    outcome: Literal["staged", "already_promoted"]


@dataclass(frozen=True)
class _Load:
    """What a load is made from."""

    load_id: str
    register_id: str
    edition: str
    file: RegisterFile


def import_register(
    settings: Settings, register_id: str, path: Path, *, edition: str | None = None, replace: bool = False
) -> ImportResult:
    """Read a register file and stage its rows; records that can't be read are set aside by name.

    Args:
        settings: settings.
        register_id: register that the file comes from.
        path: file as downloaded.
        edition: edition; by default the day told in the file's preamble, else the year after its last one.
        replace: take the place of all loads of the same register and edition, of this very file, too; else the file
            adds to them.

    Raises:
        InputError: the file can't be read, a party doesn't resolve, or the edition is there in the other schema.
    """
    started = time.monotonic()
    data = settings.data
    lake.initialise(data)
    file = read_register(path)
    parties = resolve_parties(file.deliveries, register_id=register_id, name=file.name)
    told = edition or file.edition or _guess_edition(file)
    if not re.fullmatch(EDITION_PATTERN, told):
        raise InputError(f"edition {told!r}: write it as a year, month or day, for instance 2024 or 2024-03-11")
    load_id = f"{register_id}-{told.replace('-', '')}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
    load = _Load(load_id, register_id, told, file)
    lake.finish_interrupted(data, REGISTER_DELIVERIES.name)
    is_current = lake.is_current(data, REGISTER_DELIVERIES.name, load_id) and not replace
    replaced = _list_replaced(data, load, replace=replace)
    broken_path = _keep_broken(data, load)
    if not is_current:
        attributes = {
            "source_id": register_id,
            "edition": told,
            "export_schema": file.schema.value,
            "records": file.records,
            "broken_records": len(file.broken),
            "replaces": replaced,
        }
        with LoadWriter(data, REGISTER_DELIVERIES, load_id, **attributes) as writer:
            writer.write(_build_rows(load, parties))
            # the file is the evidence behind each row: it goes to the archive with the load
            (writer.folder / f"{path.stem}.csv.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        _note(data, load, seconds=time.monotonic() - started)
    return ImportResult(
        load_id=load_id,
        edition=told,
        records=file.records,
        rows=len(file.deliveries),
        repaired=file.repaired,
        broken=len(file.broken),
        broken_path=broken_path,
        unknown_columns=file.unknown_columns,
        outcome="already_promoted" if is_current else "staged",
    )


def _guess_edition(file: RegisterFile) -> str:
    """Return the year after the last one of the file: SIPRI publishes each March what happened until December."""
    years = [year for row in file.deliveries for year in (row.order_year, row.delivery_year) if year is not None]
    if not years:
        raise InputError(f"{file.name} tells neither its edition nor any year; name it with --edition")
    return str(max(years) + 1)


def _list_replaced(data: DataDirectory, load: _Load, *, replace: bool) -> list[str]:
    """Return the loads whose place this one takes.

    Raises:
        InputError: the edition is there in the other schema, whose deals have other ids, so that all would count twice.
    """
    same = [
        entry
        for entry in read_manifest(data, REGISTER_DELIVERIES).loads
        if (entry.attributes.get("source_id"), entry.attributes.get("edition")) == (load.register_id, load.edition)
        and entry.load_id != load.load_id
    ]
    schema = load.file.schema.value
    other = [entry.load_id for entry in same if entry.attributes.get("export_schema") != schema]
    if other and not replace:
        raise InputError(
            f"{load.file.name} has the {schema} schema, but the lake has edition {load.edition} of {load.register_id} "
            f"in the other one ({', '.join(other)}), and both would count twice: name another --edition, or --replace"
        )
    return [entry.load_id for entry in same] if replace else []


def _build_rows(load: _Load, parties: list[tuple[Party, Party]]) -> pa.Table:
    rows = load.file.deliveries
    edition = f"{load.register_id}|{load.edition}"
    suppliers, recipients = [pair[0] for pair in parties], [pair[1] for pair in parties]
    weapons = [resolve_weapon(row.designation, row.description, row.armament_category) for row in rows]
    columns: dict[str, list[Any]] = {
        "delivery_id": [_name_row(f"{edition}|{row.deal_id}|{row.delivery_year}") for row in rows],
        "register_deal_id": [row.deal_id for row in rows],
        "source_line": [row.line for row in rows],
        "supplier_text": [row.supplier for row in rows],
        "supplier_code": [party.code for party in suppliers],
        "supplier_type": [party.type for party in suppliers],
        "recipient_text": [row.recipient for row in rows],
        "recipient_code": [party.code for party in recipients],
        "recipient_type": [party.type for party in recipients],
        "weapon_designation": [row.designation for row in rows],
        "weapon_description": [row.description for row in rows],
        "weapon_family": [weapon.family for weapon in weapons],
        "weapon_category": [weapon.category for weapon in weapons],
    }
    same_for_all: dict[str, Any] = {
        "load_id": load.load_id,
        "register_id": load.register_id,
        "edition": load.edition,
        "export_schema": load.file.schema.value,
        "source_file": load.file.name,
        "imported_at": clock.now(),
    }
    columns |= {name: [value] * len(rows) for name, value in same_for_all.items()}
    names = [column.name for column in REGISTER_DELIVERIES.columns]
    columns |= {name: [getattr(row, name) for row in rows] for name in names if name not in columns}
    return pa.table({name: pa.array(columns[name], REGISTER_DELIVERIES.column(name).type) for name in names})


def _name_row(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _keep_broken(data: DataDirectory, load: _Load) -> Path | None:
    """Keep broken records whole, with line and reason, where quarantined loads lie."""
    if not load.file.broken:
        return None
    path = data.quarantine / REGISTER_DELIVERIES.name / "records" / f"{load.load_id}.json"
    records = [{"line": one.line, "reason": one.reason, "record": one.text} for one in load.file.broken]
    data.storage.write_json(path, {"file": load.file.name, "load_id": load.load_id, "records": records})
    return path


def _note(data: DataDirectory, load: _Load, *, seconds: float) -> None:
    """Tell the import, and each broken record once, however often the file is staged."""
    refusals = [
        {
            "load_id": load.load_id,
            "source_id": load.register_id,
            "url": f"{load.file.name}#line={one.line}",
            "stage": "parse",
            "reason": "broken_record",
            "detail": f"{one.reason}: {json.dumps(one.text[:_SHOWN_CHARACTERS], ensure_ascii=False)}",
            "is_retried": False,
        }
        for one in load.file.broken
    ]
    ops.append(data, "refusals", refusals, once=f"broken-{load.load_id}")
    fact = {
        "load_id": load.load_id,
        "table_name": REGISTER_DELIVERIES.name,
        "source_id": load.register_id,
        "stage": "ingest",
        "outcome": "staged",
        "rows_in": load.file.records,
        "rows_out": len(load.file.deliveries),
        "seconds": seconds,
    }
    ops.append(data, "loads", [fact])
