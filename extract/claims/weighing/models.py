"""The trained weights, and where they lie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from extract.claims.weighing.attach import Attacher
from extract.claims.weighing.deals import Forest
from extract.claims.weighing.scorer import PairWeights

MODELS = Path(__file__).with_name("models.json")
ACCEPT = 0.45  # probability from which a deal is claimed; the best balance of precision and recall in cross-validation


@dataclass(frozen=True, slots=True)
class Models:
    """All that is trained.

    Attributes:
        pairs: weighs pairs beside a weapon.
        forest: decides which deals the article tells.
        attacher: chooses their details.
    """

    pairs: PairWeights
    forest: Forest
    attacher: Attacher


@cache
def load_models() -> Models:
    """Read the trained weights.

    Raises:
        OSError: the package was installed without them; ``make train`` writes them.
    """
    content = json.loads(MODELS.read_text(encoding="utf-8"))
    trees = tuple(tuple((int(f), float(v), int(a), int(b)) for f, v, a, b in tree) for tree in content["forest"])
    return Models(PairWeights(content["pairs"]), Forest(trees, content["start"], ACCEPT), Attacher(content["details"]))
