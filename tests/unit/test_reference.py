"""Reference data: the seeds as dbt loads them, and a damaged one named."""

from __future__ import annotations

import pyarrow as pa
import pytest

from warehouse import reference
from warehouse.errors import ContractError
from warehouse.settings import SEEDS


@pytest.fixture
def seeds(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "SEEDS", tmp_path)
    reference.read_seed.cache_clear()
    yield tmp_path
    reference.read_seed.cache_clear()


def test_every_bundled_seed_reads_as_text():
    names = sorted(path.stem for path in SEEDS.glob("*.csv"))
    assert "countries" in names
    for name in names:
        seed = reference.read_seed(name)
        assert seed.num_rows > 0, name
        assert set(seed.schema.types) == {pa.string()}, name


def test_text_stays_text_and_an_empty_cell_is_null(seeds):
    (seeds / "codes.csv").write_text('code,name,note\n007,"Łódź, city",\nNA,null,""\n', encoding="utf-8")
    assert reference.read_seed("codes").to_pylist() == [
        {"code": "007", "name": "Łódź, city", "note": None},
        {"code": "NA", "name": "null", "note": None},
    ]


@pytest.mark.parametrize(
    "content", [b"", b"code,name\n1\n", b"code,name\n1,2,3\n", b"code,name\n1,\xff\n", b"code,n\xffme\n1,2\n"]
)
def test_a_damaged_seed_is_named(seeds, content):
    (seeds / "codes.csv").write_bytes(content)
    with pytest.raises(ContractError, match=r"dbt_project/seeds/codes\.csv: not valid CSV"):
        reference.read_seed("codes")


def test_a_missing_seed_is_named(seeds):
    with pytest.raises(ContractError, match=r"seed codes\.csv is missing in dbt_project/seeds/"):
        reference.read_seed("codes")
