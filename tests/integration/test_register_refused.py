"""A register file that can't be trusted, given to the command: a named error, and the published release stays."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from register_files import Deal, Delivery, new_text, old_text, write

from warehouse import lake, releases
from warehouse.contracts import REGISTER_DELIVERIES
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import Settings

pytestmark = pytest.mark.slow

BAD = {
    "missing columns": (old_text(Deal()).replace("Comments,", "", 1), "lacks the columns 'comments'"),
    "truncated": (new_text(Delivery(), Delivery(deal_id="2"))[:-30], "is truncated"),
    "wrong schema": ("Country,Year,Dead\nAtlantis,2020,3\n", "has the wrong schema"),
    "unknown party": (old_text(Deal(supplier="Atlantis")), "'Atlantis': 2 rows, 80.00 million TIV"),
    "edition in the other schema": (new_text(Delivery()), "both would count twice"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_by_name_and_nothing_changes(
    published: Settings, tmp_path: Path, text: str, message: str
) -> None:
    def state() -> tuple[object, ...]:
        content = hashlib.sha256(published.data.published.read_bytes()).hexdigest()
        loads = read_manifest(published.data, REGISTER_DELIVERIES).loads
        return content, releases.current_release_id(published.data), loads

    before = state()
    path = write(tmp_path / "trade-register.csv", text)
    done = subprocess.run(
        [sys.executable, "-m", "extract", "register", "sipri", str(path), "--edition", "2024"],
        env={**os.environ, "ARMSLEDGER_DATA": str(published.data.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert message in done.stderr
    assert "trade-register.csv" in done.stderr
    assert "Traceback" not in done.stderr
    assert state() == before
    assert lake.list_staged(published.data, REGISTER_DELIVERIES.name) == []
