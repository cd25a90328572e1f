"""The trained weights, and where they lie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from extract.claims.weighing.attach import Attacher
from extract.claims.weighing.forest import Forest
from extract.claims.weighing.joining import SAME
from extract.claims.weighing.scorer import PairWeights

MODELS = Path(__file__).with_name("models.json")
ACCEPT = 0.45  # probability from which a deal is claimed; the best balance of precision and recall in cross-validation


@dataclass(frozen=True, slots=True)
class Models:
    """All that is trained.

    Attributes:
        pairs: weighs pairs beside a weapon.
        joiner: tells which tellings are one deal.
        forest: decides which deals the article tells.
        attacher: chooses their details.
    """

    pairs: PairWeights
    joiner: Forest
    forest: Forest
    attacher: Attacher


@cache
def load_models() -> Models:
    """Read the trained weights.

    Raises:
        OSError: the package was installed without them; ``make train`` writes them.
    """
    content = json.loads(MODELS.read_text(encoding="utf-8"))
    return Models(
        PairWeights(content["pairs"]),
        _read_forest(content["joiner"], SAME),
        _read_forest(content["forest"], ACCEPT),
        Attacher(content["details"]),
    )


def _read_forest(content: dict[str, Any], accept: float) -> Forest:
    """A forest as it is written."""
    trees = tuple(tuple((int(f), float(v), int(a), int(b)) for f, v, a, b in tree) for tree in content["trees"])
    return Forest(trees, content["start"], accept)
