"""Language of a text."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from py3langid.langid import LanguageIdentifier

from warehouse.disk import full_disk_as
from warehouse.errors import LakeError

_MODEL = "data/model.npz.xz"  # the model that the package brings with it
_ENOUGH_CHARACTERS = 2000  # more text makes it slower, not surer


@cache
def _identifier() -> LanguageIdentifier:
    # it unpacks the model into the system's folder of temporary files
    with full_disk_as(LakeError, Path(tempfile.gettempdir())):
        identifier = LanguageIdentifier.from_model_file(_MODEL)
    # the contract's codes have two letters; languages without one are left out of the choice
    identifier.set_languages([label for label in identifier.labels if len(label) == 2])
    return identifier


def detect_language(text: str) -> str:
    """Return the language of a text, ISO 639-1.

    >>> detect_language("The ministry signed a contract for twelve helicopters on Friday.")
    'en'
    """
    return str(_identifier().classify(text[:_ENOUGH_CHARACTERS])[0])
