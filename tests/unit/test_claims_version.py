"""The extractor's version follows its code and its lexicon."""

from __future__ import annotations

import re
from pathlib import Path

import extract.claims
from extract.claims import version


def test_a_changed_rule_or_lexicon_is_a_new_version(tmp_path: Path, monkeypatch) -> None:
    before = version.fingerprint_rules()
    assert before == version.fingerprint_rules()
    for name in version.LEXICONS:
        (tmp_path / f"{name}.csv").write_bytes((version.SEEDS / f"{name}.csv").read_bytes())
    monkeypatch.setattr(version, "SEEDS", tmp_path)
    assert version.fingerprint_rules() == before
    with (tmp_path / "companies.csv").open("a", encoding="utf-8") as seed:
        seed.write("Another Yard,ITA,,shipyard,false,,\n")
    assert version.fingerprint_rules() != before


def test_every_seed_that_the_extractor_reads_is_in_its_version() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(extract.claims.__file__).parent.glob("*.py"))
    assert set(re.findall(r'read_seed\("(\w+)"\)', code)) == set(version.LEXICONS)
