"""The version of the model extractor: it changes with model, instructions, schema, checks and seeds."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from extract.model.question import response_format
from warehouse.settings import SEEDS

if TYPE_CHECKING:
    from extract.model.settings import ModelSettings

_SHARED = ("counts.py", "fold.py")
"""Modules of the rules that the checks use."""

_SEEDS = ("companies", "countries", "country_aliases", "currencies", "weapon_types", "weapons")


def describe_version(settings: ModelSettings) -> str:
    """Return the version of an extractor with these settings, for instance ``llm-some-model-7b-0123456789``.

    The address is no part of it: the same model elsewhere is the same model. Another model needs another name.
    """
    digest = hashlib.sha256(json.dumps([settings.model, settings.temperature, response_format()]).encode())
    own = sorted(path for path in Path(__file__).parent.iterdir() if path.suffix in (".py", ".md"))
    shared = [Path(__file__).parents[1] / "claims" / name for name in _SHARED]
    for path in (*own, *shared, *(SEEDS / f"{name}.csv" for name in _SEEDS)):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    name = re.sub(r"[^a-z0-9.]+", "-", settings.model.lower()).strip("-.")[:40]
    return f"llm-{name}-{digest.hexdigest()[:10]}"
