"""A register file to a staged load: parties, weapons, editions, what is told and what halts."""

from __future__ import annotations

import gzip
import json

import pytest
from click.testing import CliRunner
from register_files import Deal, Delivery, new_text, old_text, write

from extract.__main__ import cli
from extract.errors import InputError
from extract.trade_registers.importing import import_register
from extract.trade_registers.parties import resolve_party
from extract.trade_registers.weapons import resolve_weapon
from warehouse import lake, ops
from warehouse.contracts import REGISTER_DELIVERIES
from warehouse.manifests import read_manifest
from warehouse.receipts import AuditReceipt

TABLE = "register_deliveries"


def staged_rows(settings, load_id):
    return lake.read_staged(settings.data, TABLE, load_id).read().to_pylist()


def promote(settings, load_id):
    staged = lake.read_staged(settings.data, TABLE, load_id)
    receipt = AuditReceipt(staged.subject, staged.fingerprint, "v", "passed", (), (), None, "2026-01-01T00:00:00+00:00")
    lake.promote(settings.data, TABLE, load_id, receipt)


NAMES = [
    ("Turkiye", 2020, "TUR"), ("Türkiye", 2020, "TUR"), ("Viet Nam", 2020, "VNM"), ("eSwatini", 2020, "SWZ"),
    ("Cabo Verde", 2020, "CPV"), ("Bosnia-Herzegovina", 2000, "BIH"), ("UAE", 2020, "ARE"), ("DR Congo", 1990, "COD"),
    ("Congo", 1990, "COG"), ("Soviet Union", 1991, "SUHH"), ("Soviet Union", 1993, "SUHH"),
    ("Yugoslavia", 1970, "YUCS"),
    ("Czechoslovakia", 1970, "CSHH"), ("East Germany (GDR)", 1970, "DDDE"), ("North Yemen", 1970, "North Yemen"),
    ("South Yemen", 1970, "YDYE"), ("South Vietnam", 1970, "South Vietnam"), ("Biafra", 1968, "Biafra"),
    ("Katanga", 1961, "Katanga"), ("Germany", 1960, "DEU"), ("Germany (FRG)", 1960, "DEU"), ("NATO**", 2000, "NATO"),
    ("Houthi rebels (Yemen)*", 2015, "Houthi"), ("Hezbollah (Lebanon)*", 2000, "Hezbollah"),
    ("unknown supplier(s)", 2000, "unknown"), ("unknown recipient(s)", 2000, "unknown"), ("Burma", 1970, "BUMM"),
    ("Burma", 2000, "MMR"), ("Jordan", 2000, "JOR"), ("Georgia", 2000, "GEO"), ("Chad", 2000, "TCD"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "year", "code"), NAMES)
def test_a_registers_spellings_resolve(name, year, code):
    party = resolve_party(name, year=year, register_id="sipri")
    assert party is not None
    assert party.code == code


@pytest.mark.parametrize("name", ["Atlantis", "Polish", "Warsaw", "poland", "Polnd", "Burma (Rangoon)", "*"])
def test_what_is_no_exact_name_does_not_resolve(name):
    assert resolve_party(name, year=2000, register_id="sipri") is None


def test_unknown_parties_halt_the_load_with_their_rows_and_tiv(settings, tmp_path):
    deals = (
        Deal(supplier="Atlantis", tiv_delivered="80"),
        Deal(supplier="Atlantis", recipient="El Dorado", years="2023", tiv_delivered="20.5"),
        Deal(),
    )
    with pytest.raises(InputError) as raised:
        import_register(settings, "sipri", write(tmp_path / "a.csv", old_text(*deals)))
    told = str(raised.value)
    assert "2 names" in told
    assert "'Atlantis': 3 rows, 100.50 million TIV" in told
    assert "'El Dorado': 1 rows, 20.50 million TIV" in told
    assert "register_aliases.csv" in told
    assert lake.list_staged(settings.data, TABLE) == []


@pytest.mark.parametrize(
    ("designation", "description", "told", "family", "category"),
    [
        ("F-16C Block-50", "FGA aircraft", None, "F-16", "aircraft"),
        ("EMB-314 Super Tucano", "trainer/combat aircraft", None, "A-29 Super Tucano", "aircraft"),
        ("Leopard-2A4", "tank", "Armoured vehicles", "Leopard 2", "armoured_vehicle"),
        ("Nowhere-9", "self-propelled AA gun", None, None, "air_defence"),
        ("Nowhere-9", "naval gun", None, None, "naval_weapon"),
        ("Nowhere-9", "portable SAM", None, None, "missile"),
        ("Nowhere-9", "SAM system", None, None, "air_defence"),
        ("Nowhere-9", "ASW torpedo", None, None, "missile"),
        ("Nowhere-9", "tanker/transport aircraft", None, None, "aircraft"),
        ("Nowhere-9", "aircraft carrier", None, None, "ship"),
        ("Nowhere-9", "FAC", None, None, "ship"),
        ("Nowhere-9", "APC", None, None, "armoured_vehicle"),
        ("Nowhere-9", "tank destroyer", None, None, "armoured_vehicle"),
        ("Nowhere-9", "self-propelled MRL", None, None, "artillery"),
        ("Nowhere-9", "air search radar", None, None, "sensor"),
        ("Nowhere-9", "turbofan", None, None, "engine"),
        ("Nowhere-9", "diesel engine", "Engines", None, "engine"),
        ("Nowhere-9", "thing", "Other", None, "other"),
        ("Nowhere-9", "thing", None, None, None),
        ("Nowhere-9", None, None, None, None),
    ],
)
def test_weapons_resolve_to_family_and_category(designation, description, told, family, category):
    weapon = resolve_weapon(designation, description, told)
    assert (weapon.family, weapon.category) == (family, category)


def test_rows_carry_edition_key_and_the_line_that_they_come_from(settings, tmp_path):
    path = write(tmp_path / "trade.csv", new_text(Delivery(), Delivery(year="2024")))
    result = import_register(settings, "sipri", path)
    other = import_register(settings, "sipri", path, edition="2025")
    rows, again = (staged_rows(settings, one.load_id) for one in (result, other))
    assert (result.edition, other.edition, result.rows) == ("2024-03-11", "2025", 2)
    assert {(row["source_file"], row["source_line"]) for row in rows} == {("trade.csv", 13), ("trade.csv", 14)}
    assert {row["edition"] for row in rows} == {"2024-03-11"}
    assert len({row["delivery_id"] for row in (*rows, *again)}) == 4
    assert rows[0]["weapon_family"] == "K9 Thunder"


def test_an_edition_that_nothing_tells_is_the_year_after_the_last(settings, tmp_path):
    path = write(tmp_path / "a.csv", old_text(Deal(years="2022; 2023")))
    assert import_register(settings, "sipri", path).edition == "2024"
    with pytest.raises(InputError, match="edition 'spring'"):
        import_register(settings, "sipri", path, edition="spring")


def test_broken_records_are_kept_whole_and_told_in_ops(settings, tmp_path):
    path = write(tmp_path / "a.csv", old_text(Deal(), Deal(status="Used", comments="x" * 999), Deal()))
    result = import_register(settings, "sipri", path)
    import_register(settings, "sipri", path)
    assert (result.records, result.broken, result.rows) == (3, 1, 4)
    kept = json.loads(result.broken_path.read_text(encoding="utf-8"))["records"]
    assert [(one["line"], "x" * 999 in one["record"]) for one in kept] == [(3, True)]
    (told,) = ops.read(settings.data, "refusals").to_pylist()
    assert (told["source_id"], told["url"], told["reason"]) == ("sipri", "a.csv#line=3", "broken_record")
    assert "status is 'Used'" in told["detail"]


def test_the_file_is_archived_with_its_load_and_the_same_file_again_is_nothing_new(settings, tmp_path):
    path = write(tmp_path / "a.csv", old_text(Deal()), "iso-8859-1")
    load_id = import_register(settings, "sipri", path).load_id
    promote(settings, load_id)
    archived = settings.data.archive / TABLE / f"load={load_id}" / "a.csv.gz"
    assert gzip.decompress(archived.read_bytes()) == path.read_bytes()
    again = import_register(settings, "sipri", path)
    assert (again.load_id, again.outcome) == (load_id, "already_promoted")
    assert lake.list_staged(settings.data, TABLE) == []


def test_one_edition_is_never_counted_in_both_schemas(settings, tmp_path):
    first = import_register(settings, "sipri", write(tmp_path / "old.csv", old_text(Deal())), edition="2024")
    promote(settings, first.load_id)
    newer = write(tmp_path / "new.csv", new_text(Delivery()))
    with pytest.raises(InputError, match="both would count twice"):
        import_register(settings, "sipri", newer, edition="2024")
    second = import_register(settings, "sipri", newer, edition="2024", replace=True)
    promote(settings, second.load_id)
    manifest = read_manifest(settings.data, REGISTER_DELIVERIES)
    assert [entry.load_id for entry in manifest.loads] == [second.load_id]


def test_the_command_prints_the_load_and_says_what_it_met(tmp_path, monkeypatch):
    monkeypatch.setenv("ARMSLEDGER_DATA", str(tmp_path / "data"))
    path = write(tmp_path / "a.csv", old_text(Deal(), Deal(status="Used"), Deal()))
    done = CliRunner().invoke(cli, ["register", "sipri", str(path)])
    assert done.exit_code == 0
    assert "staged, 3 records, 4 delivery years, edition 2024; 0 repaired, 1 set aside" in done.stderr
    assert done.stdout.strip().startswith("sipri-2024-")
