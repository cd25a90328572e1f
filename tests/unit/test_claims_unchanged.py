"""Items and tellings aren't frozen, for speed; no stage changes one that another has made."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from extract.claims import ArticleText, extract_article
from extract.claims.exchange import read_article_lines
from extract.claims.items import Item
from extract.claims.tellings import Telling

EVALUATION = Path(__file__).parents[1] / "evaluation"


def set_once(thing: object, name: str, value: object) -> None:
    if hasattr(thing, name):
        raise AttributeError(f"{name} is set already")
    object.__setattr__(thing, name, value)


def test_no_stage_changes_an_item_or_a_telling(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (Item, Telling):
        monkeypatch.setattr(kind, "__setattr__", set_once, raising=False)
    item = Item("o", 0, 1, "a")
    with pytest.raises(AttributeError, match="kind is set already"):
        item.kind = "W"
    lines = (EVALUATION / "sentences.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [ArticleText("", "", "", json.loads(line)["text"], 2024, 5, "en") for line in lines]
    stories = read_article_lines(EVALUATION / "training" / "articles.jsonl")
    texts += [line.article for line in itertools.islice(stories, 0, None, 25)]
    assert sum(len(extract_article(text)) for text in texts) > 300
