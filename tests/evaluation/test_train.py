"""The weights are those of the committed texts, and training them is reproducible."""

from __future__ import annotations

import json

import pytest
from train import _CUT, dump_models, fold_of, hash_texts, read_texts, train

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
