"""Two real versions of the extractor over one lake: beside each other, compared, adopted, and back again."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from click.testing import CliRunner
from floor_samples import build_articles, pass_receipt
from older_extractor import make_older_extractor

from expectations import gate
from extract.__main__ import cli
from extract.claims import EXTRACTOR_VERSION
from extract.errors import InputError
from extract.events import stage_claims, stage_past
from extract.versions.comparing import CountryYear, compare_versions
from warehouse import build, lake, ops, versions
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import LakeError
from warehouse.maintenance import retention
from warehouse.manifests import change_manifest, read_manifest
from warehouse.settings import DataDirectory, Settings

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = (
    "Poland has signed a contract with Germany for a dozen Leopard 2A7 tanks, the defence ministry said on Monday.",
    "Ruritania ordered 8 Leopard 2A7 tanks from Germany, the defence ministry said on Monday.",
    "Holland ordered 14 RBS 70 NG missile launchers from Sweden in 2023, the ministry said.",
    "France delivered 6 CAESAR howitzers to Ukraine in March 2024, the ministry said.",
)
LATER = "Norway ordered 4 CAESAR howitzers from France in 2025, the ministry said."


@dataclass(frozen=True)
class Upgraded:
    """A lake whose articles an older extractor read, and then the project's own beside it."""

    settings: Settings
    older: str
    past: str
    inputs_before: str


def promote_texts(settings: Settings, load_id: str, texts: tuple[str, ...]) -> None:
    rows = build_articles(load_id, count=len(texts))
    rows = rows.set_column(rows.schema.get_field_index("text"), "text", pa.array(texts))
    with lake.LoadWriter(settings.data, ARTICLES, load_id, source_id="strait_monitor") as writer:
        writer.write(rows)
    assert writer.staged is not None
    lake.promote(settings.data, "articles", load_id, pass_receipt(writer.staged))


def settle(settings: Settings, load_id: str) -> None:
    receipt = gate.settle_load(settings, "transfer_claims", load_id)
    assert receipt.has_passed, receipt.failures


def current_versions(settings: Settings) -> list[str]:
    found = lake.read_current(settings.data, "transfer_claims", columns=["extractor_version"])
    return found["extractor_version"].to_pylist()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    """Let an older extractor's claims through gate 2, and then the project's beside them."""
    root = tmp_path_factory.mktemp("upgraded")
    settings = Settings(data=DataDirectory(root / "data"), sources=root / "sources.toml")
    lake.initialise(settings.data)
    promote_texts(settings, "a1", TEXTS)
    ran = make_older_extractor(root / "older").run(settings.data.root, "events")
    assert ran.returncode == 0, ran.stderr
    settle(settings, ran.stdout.strip())
    inputs = build.describe_inputs(settings.data)["fingerprint"]
    (version,) = set(current_versions(settings))
    past = stage_past(settings, "beside")
    assert past is not None
    assert (past.rows, past.inputs, past.is_beside) == (3, ("a1",), True)
    settle(settings, past.load_id)
    return Upgraded(settings, version, past.load_id, inputs)


@pytest.fixture
def upgraded(made: Upgraded, tmp_path: Path) -> Upgraded:
    """Give a copy of that lake."""
    shutil.copytree(made.settings.data.root, tmp_path / "data")
    return replace(made, settings=replace(made.settings, data=DataDirectory(tmp_path / "data")))


def add_later(settings: Settings) -> str:
    """Bring one more article, which the present extractor reads; gives its claims load."""
    promote_texts(settings, "a2", (LATER,))
    new = stage_claims(settings)
    assert new is not None
    assert (new.inputs, new.rows, new.is_beside) == (("a2",), 1, False)
    staged = lake.read_staged(settings.data, "transfer_claims", new.load_id)
    lake.promote(settings.data, "transfer_claims", new.load_id, pass_receipt(staged))
    return new.load_id


def test_a_new_version_stands_beside_until_it_is_adopted_and_back_again(upgraded: Upgraded) -> None:
    settings, older = upgraded.settings, upgraded.older
    assert older != EXTRACTOR_VERSION
    assert current_versions(settings) == [older] * 3
    assert build.describe_inputs(settings.data)["fingerprint"] == upgraded.inputs_before, "a build would differ"
    assert (stage_claims(settings), stage_past(settings, "beside"), stage_past(settings, "at_once")) == (None,) * 3
    done = versions.adopt(settings.data, EXTRACTOR_VERSION, reason="a dozen is twelve")
    assert ([one.load_id for one in done.entered], len(done.left)) == ([upgraded.past], 1)
    assert current_versions(settings) == [EXTRACTOR_VERSION] * 3
    assert versions.adopt(settings.data, EXTRACTOR_VERSION).entered == ()
    # articles that come now are read by the present version alone
    new = add_later(settings)
    back = versions.adopt(settings.data, older)
    assert [one.load_id for one in back.others] == [new]
    assert sorted(current_versions(settings)) == sorted([older] * 3 + [EXTRACTOR_VERSION])
    assert (stage_claims(settings), stage_past(settings, "at_once")) == (None, None), "the way back is a decision"
    told = [row for row in ops.read(settings.data, "loads").to_pylist() if row["stage"] == "adopt"]
    assert [row["outcome"] for row in told] == ["adopted", "set_beside"] * 2
    assert "a dozen is twelve" in told[0]["reason"]


def test_files_of_what_stands_beside_are_never_removed(upgraded: Upgraded) -> None:
    versions.adopt(upgraded.settings.data, EXTRACTOR_VERSION)
    for _ in range(2):
        gone = retention.remove_unreferenced(upgraded.settings.data, TRANSFER_CLAIMS, timedelta(0), is_dry_run=False)
        assert gone == []
    versions.adopt(upgraded.settings.data, upgraded.older)
    assert current_versions(upgraded.settings) == [upgraded.older] * 3


def test_compare_tells_claims_gained_lost_and_changed(upgraded: Upgraded) -> None:
    add_later(upgraded.settings)
    found = compare_versions(upgraded.settings.data, upgraded.older, EXTRACTOR_VERSION)
    assert (found.articles, found.only_older, found.only_newer) == (4, 0, 1)
    assert (found.claims_before, found.claims_after, found.unchanged) == (3, 3, 1)
    told = {(one.kind, one.recipient_code, one.field_name, one.before, one.after) for one in found.changes}
    assert told == {
        ("changed", "POL", "quantity_min", "10", "12"),
        ("changed", "POL", "quantity_max", "10", "12"),
        ("lost", "AUT", None, None, None),
        ("gained", "NLD", None, None, None),
    }
    evidence = {one.kind: (one.evidence_before, one.evidence_after) for one in found.changes}
    assert evidence == {"changed": (TEXTS[0], TEXTS[0]), "lost": (TEXTS[1], None), "gained": (None, TEXTS[2])}
    counts = {(one.url, one.gained, one.lost, one.changed) for one in found.by_article}
    assert {url.rpartition("/")[2] for url, *_ in counts} == {"0", "1", "2"}
    assert sorted(rest for _, *rest in counts) == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert CountryYear("recipient", "NLD", 2023, 0, 1, 0, 14) in found.by_country_year
    (poland,) = (one for one in found.by_country_year if one.country_code == "POL")
    assert (poland.claims_before, poland.claims_after, poland.units_before, poland.units_after) == (1, 1, 10, 12)


def test_commands_print_write_and_adopt(upgraded: Upgraded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARMSLEDGER_DATA", str(upgraded.settings.data.root))
    run = CliRunner().invoke
    listed = run(cli, ["versions"]).stdout
    assert upgraded.older in listed
    assert EXTRACTOR_VERSION in listed
    pair = [upgraded.older, EXTRACTOR_VERSION]
    shown = run(cli, ["compare", *pair, "--csv", str(tmp_path / "csv")])
    assert "3 → 3 claims in 4 articles that both have read: 1 gained, 1 lost, 1 changed, 1 unchanged" in " ".join(
        shown.stdout.split()
    )
    with (tmp_path / "csv" / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows].count("changed") == 2
    assert {path.name for path in (tmp_path / "csv").iterdir()} == {"claims.csv", "articles.csv", "country_years.csv"}
    document = json.loads(run(cli, ["compare", *pair, "--json"]).stdout)
    assert {one["kind"] for one in document["changes"]} == {"gained", "lost", "changed"}
    assert "3 claims in place of 3, which stay beside" in run(cli, ["adopt", EXTRACTOR_VERSION]).stdout
    assert "nothing to do" in run(cli, ["adopt", EXTRACTOR_VERSION]).stderr
    assert isinstance(run(cli, ["compare", "9-unknown", pair[1]]).exception, LakeError)
    assert run(cli, ["compare", pair[0]]).exit_code == 2


def test_bad_input_names_the_way_out(upgraded: Upgraded) -> None:
    data, older = upgraded.settings.data, upgraded.older
    with pytest.raises(InputError, match="is named twice"):
        compare_versions(data, older, older)
    with pytest.raises(LakeError, match=f"no claims of extractor version 9-none; it has: {older}, {EXTRACTOR_VERSION}"):
        compare_versions(data, older, "9-none")
    with pytest.raises(LakeError, match="no claims of extractor version 9-none"):
        versions.adopt(data, "9-none")


def test_a_damaged_file_is_not_adopted(upgraded: Upgraded) -> None:
    data = upgraded.settings.data
    entry = read_manifest(data, TRANSFER_CLAIMS).load(upgraded.past)
    assert entry is not None
    path = data.raw / "transfer_claims" / entry.files[0]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(LakeError, match="isn't what the gate saw"):
        versions.adopt(data, EXTRACTOR_VERSION)
    assert current_versions(upgraded.settings) == [upgraded.older] * 3


def test_versions_that_read_nothing_in_common_are_told(upgraded: Upgraded) -> None:
    data = upgraded.settings.data
    change_manifest(data, TRANSFER_CLAIMS, lambda manifest: manifest.without_loads({upgraded.past}))
    add_later(upgraded.settings)
    told = f"no article was read by {upgraded.older} and by {EXTRACTOR_VERSION}: .* has read 4, .* 1; extract"
    with pytest.raises(InputError, match=told):
        compare_versions(data, upgraded.older, EXTRACTOR_VERSION)
