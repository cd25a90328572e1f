"""The weights are those of the committed texts, and training them is reproducible."""

from __future__ import annotations

import json

import pytest
from train import _CUT, Recorder, dump_models, fit_choice, fold_of, hash_texts, read_texts, train

from extract.claims.engine import read_article, walk
from extract.claims.model import ArticleText
from extract.claims.weighing.models import MODELS


@pytest.fixture(scope="module")
def texts():
    readings, labels = read_texts()
    some = [key for key in readings if key.startswith(("w4_00", "w5_00", "w7_00"))]
    return {key: readings[key] for key in some}, {key: labels[key] for key in some}


def test_the_weights_were_trained_on_the_committed_texts():
    told = json.loads(MODELS.read_text("utf-8"))["texts"]
    assert told == hash_texts(), "the labelled texts have changed: make train, then make eval"


def test_the_weights_are_small():
    assert MODELS.stat().st_size < 20e6


def test_training_twice_gives_the_same_bytes(texts):
    assert dump_models(train(*texts)) == dump_models(train(*texts))


def test_a_text_and_the_sentences_cut_from_it_are_in_one_fold(texts):
    cut = [key for key in texts[0] if _CUT in key]
    assert cut
    assert all(fold_of(key) == fold_of(key.split(_CUT)[0]) for key in cut)


def test_what_is_left_out_is_not_trained_on(texts):
    """Without a fold's texts other weights come out, and they are those of the other texts alone."""
    readings, labels = texts
    fold = fold_of("w4_001")
    rest = {key: reading for key, reading in readings.items() if fold_of(key) != fold}
    assert dump_models(train(readings, labels, fold)) == dump_models(train(rest, labels, fold))
    assert dump_models(train(readings, labels, fold)) != dump_models(train(readings, labels))


def test_pairs_of_a_weapon_are_rivals_of_each_other_and_of_none():
    """What always loses against a pair beside it weighs less than the same where nothing else is told."""
    mentions = [
        [(["Rafter to"], 1), (["Rnear"], 0)],
        [(["Rnear"], 1), (["Rfar"], 0)],
        [(["Rfar"], 0)],
    ] * 10
    weights = fit_choice(mentions, 1.0, 1)
    assert weights["Rafter to"] > weights["Rnear"] > 0 > weights["Rfar"]


def test_a_pair_that_another_sentence_tells_is_no_example_here():
    """Of a weapon told twice, each sentence teaches its own recipient; the other's is neither right nor wrong there."""
    sentences = ["Poland ordered 12 Rafale fighters from France.", "Greece ordered 18 Rafale fighters from France."]
    article = ArticleText("s", "", "", " ".join(sentences), 2024, 9)
    labels = [
        {"supplier": "FRA", "recipient": code, "weapon": "Rafale", "category": "aircraft", "evidence": sentence}
        for code, sentence in zip(("POL", "GRC"), sentences, strict=True)
    ]
    recorder = Recorder(article.text, labels)
    walk(read_article(article), recorder)
    assert [sum(right for _, right in rows) for rows in recorder.mentions] == [1, 1]
