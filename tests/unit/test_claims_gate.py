"""The gate before all stages refuses only what the stages would refuse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from extract.claims.gate import load_gate
from extract.claims.lexicon import load_lexicon
from extract.claims.model import ArticleText
from extract.claims.recognise import recognise

EVALUATION = Path(__file__).resolve().parents[1] / "evaluation"


def _sentences() -> list[str]:
    texts = []
    for path in (EVALUATION / "training" / "articles.jsonl", EVALUATION / "hard_negatives.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            texts += json.loads(line)["text"].split(". ")
    return texts


def test_each_sentence_in_which_a_weapon_counts_passes():
    gate, lexicon = load_gate(), load_lexicon()
    counted = refused = 0
    for text in _sentences():
        hits = recognise(ArticleText("a", "", "", text, 2024, 5), lexicon).weapon_hits
        passes = gate.may_name_weapon(text)
        assert passes or not hits, text
        counted += bool(hits)
        refused += not passes
    assert counted > 1_000, "too few weapons to try the gate"
    assert refused > 1_000, "too little else to try the gate"


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("Farmers in the town made a galaxy of cheese.", False),
        ("He bought a lorry and an old street map.", False),
        ("Four Typhoon jets landed.", True),
        ("The Su-30MKI landed.", True),
        ("They took two F-16s", True),
        ("FRIGATES", True),
    ],
)
def test_what_passes(text, passes):
    assert load_gate().may_name_weapon(text) is passes


def test_claims_do_not_hang_on_the_order_of_sets():
    """Python orders sets by a seed of the process; sums of weights must not."""
    script = (
        "import sys; from pathlib import Path; from extract.claims import extract_article;"
        "from extract.claims.exchange import read_article_lines;"
        "lines = list(read_article_lines(Path(sys.argv[1])))[:60];"
        "print([extract_article(line.article) for line in lines])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script, str(EVALUATION / "training" / "articles.jsonl")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
