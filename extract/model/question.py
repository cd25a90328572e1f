"""What is asked of the model about one article, and the hash that stands for it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.model.schema import build_answer_schema
from extract.model.withholding import Withheld, cut_out, find_withheld

if TYPE_CHECKING:
    from extract.claims import ArticleText

INSTRUCTIONS = Path(__file__).with_name("instructions.md")
MAX_CHARACTERS = 60_000
"""Longer articles are not asked about. It is about 15,000 tokens: a context of 32,000 leaves room for the answer."""


@dataclass(frozen=True)
class Question:
    """One article as the model gets it.

    Attributes:
        article: the article.
        messages: system and user message of the chat.
        withheld: paragraphs of title and text that were left out.
        hash: of everything that determines the answer; the answer is kept under it.
    """

    article: ArticleText
    messages: tuple[dict[str, str], ...]
    withheld: dict[str, tuple[Withheld, ...]]
    hash: str


def build_question(article: ArticleText, *, model: str, temperature: float | None) -> Question:
    """Return the question about an article.

    The article travels as one JSON object: no text in it can end its own string, so none can pose as a message.

    Args:
        article: the article; ids and load are not sent.
        model: name of the model.
        temperature: sampling temperature, or None.
    """
    withheld = {"title": find_withheld(article.title), "text": find_withheld(article.text)}
    content = {
        "title": _sendable(cut_out(article.title, withheld["title"])),
        "published": _month(article),
        "text": _sendable(cut_out(article.text, withheld["text"])),
    }
    messages = (
        {"role": "system", "content": read_instructions()},
        {"role": "user", "content": json.dumps(content, ensure_ascii=False)},
    )
    asked = json.dumps([model, temperature, messages, response_format()], ensure_ascii=False)
    return Question(article, messages, withheld, hashlib.sha256(asked.encode()).hexdigest())


@cache
def read_instructions() -> str:
    """Return the instructions, the labelling rules in the model's words."""
    return INSTRUCTIONS.read_text(encoding="utf-8")


@cache
def response_format() -> dict[str, Any]:
    """Return what binds the answer to the schema."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "transfer_claims", "strict": True, "schema": build_answer_schema()},
    }


def _month(article: ArticleText) -> str | None:
    if article.year is None:
        return None
    return f"{article.year}-{article.month:02}" if article.month else str(article.year)


def _sendable(text: str) -> str:
    """Replace half surrogate pairs, which UTF-8 can't hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
