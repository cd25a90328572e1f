"""Answers of the model, and where they are kept: one file per question, named by its hash."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from warehouse.files import write_json

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """A whole, well-formed answer.

    Attributes:
        claims: claims as the model told them, not checked yet.
        prompt_tokens: tokens read, as the endpoint counted them over all tries; 0 where it doesn't count.
        completion_tokens: tokens written.
        requests: requests that were needed.
    """

    claims: tuple[Any, ...]
    prompt_tokens: int
    completion_tokens: int
    requests: int


@dataclass(frozen=True)
class Fault:
    """Why there is no answer about an article.

    Attributes:
        reason: short name, for counting.
        detail: what was wrong, in plain words.
        is_of_endpoint: whether the endpoint failed, not this question: worth another try.
        is_lasting: whether no other question can fare better (a wrong key, a model that doesn't exist).
        prompt_tokens: tokens read for nothing.
        completion_tokens: tokens written for nothing.
        requests: requests made.
    """

    reason: str
    detail: str
    is_of_endpoint: bool = False
    is_lasting: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0
    requests: int = 0


class AnswerStore:
    """Answers by the hash of their question, under the data directory.

    Args:
        folder: where they lie; it may be removed at any time, which costs asking again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, question_hash: str) -> Answer | None:
        """Return the kept answer, or None; a damaged file counts as none."""
        try:
            document = json.loads(self._path(question_hash).read_text(encoding="utf-8"))
            return Answer(**{**document, "claims": tuple(document["claims"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, question_hash: str, answer: Answer) -> None:
        """Write an answer in one step."""
        write_json(self._path(question_hash), asdict(answer))

    def _path(self, question_hash: str) -> Path:
        return self._folder / question_hash[:2] / f"{question_hash}.json"
