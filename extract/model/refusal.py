"""What of a model's answer was not believed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """A claim that was dropped, a field that was emptied, an article without an answer.

    Attributes:
        reason: short name, for counting.
        detail: what exactly, in plain words.
    """

    reason: str
    detail: str
