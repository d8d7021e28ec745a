"""The encoder that nutgraf comes with, and how a page is cut for it."""

from __future__ import annotations

import shutil
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from newspaper import newspaper

from annotate.classify.encoder import Encoder, carried_encoder, page_key, refuse_foreknowledge, windows
from annotate.classify.stack import ArticleStack
from annotate.classify.units import Page, pages, sample
from annotate.errors import MissingExtra, ModelRefused, NotHonest
from annotate.resources import carried
from annotate.types import Sentence

LENGTHS = st.lists(st.integers(1, 96), max_size=60)


def page(*texts):
    return Page("page", tuple(Sentence("page", n, n, 0, len(text), text) for n, text in enumerate(texts)))


@given(LENGTHS)
def test_windows_hold_every_sentence_in_order_and_no_more_tokens_than_they_may(lengths):
    found = list(windows(lengths, 256, 40))
    held = [n for start, end in found for n in range(start, end)]
    assert sorted(set(held)) == list(range(len(lengths)))
    assert all(1 + sum(n + 1 for n in lengths[start:end]) <= 256 for start, end in found)
    assert all(before[0] < after[0] <= before[1] for before, after in pairwise(found))


@given(st.lists(st.integers(1, 30), min_size=20, max_size=60))
def test_windows_of_short_sentences_overlap_by_both_margins(lengths):
    found = list(windows(lengths, 256, 40))
    assert all(sum(lengths[after[0] : before[1]]) >= 80 for before, after in pairwise(found))


def test_says_probabilities_for_each_question():
    encoder = carried_encoder()
    said = encoder.read([page("The harbour was closed on Monday.", "What a shameful failure!")])
    assert said.shape == (2, len(encoder.columns))
    first = 0
    for head in encoder.manifest.heads:
        np.testing.assert_allclose(said[:, first : first + len(head.answers)].sum(axis=1), 1, atol=1e-5)
        first += len(head.answers)


def test_knows_the_four_labels_of_plain_sentences():
    story = page(
        "The bridge in Vellin opened on Monday after two years of work.",
        "“We will repair every road in the country,” the transport minister said.",
        "It is a shameful failure that voters will not forget.",
        "Sign up for our newsletter",
    )
    encoder = carried_encoder()
    labels = encoder.manifest.heads[0].answers
    said = encoder.read([story])[:, : len(labels)]
    found = [labels[n] for n in said.argmax(axis=1)]
    assert found == ["factual_claim", "quoted_official", "editorial_framing", "unrelated_promo"]


def test_what_is_said_of_a_page_does_not_depend_on_other_pages():
    sentences, _ = newspaper(3, per_article=30)
    found = [one for one, _ in pages(sample(sentences))]
    together = carried_encoder().read(found)
    alone = np.vstack([carried_encoder().read([one]) for one in found])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "\ud800 lone", "خبر عاجل من الميناء", "👩‍👩‍👧" * 50, "word " * 20_000, "x" * 100_000]
)
def test_reads_any_text(text):
    said = carried_encoder().read([page(text, "The harbour was closed.")])
    assert np.isfinite(said).all()


def test_reads_no_page():
    assert carried_encoder().read([]).shape == (0, len(carried_encoder().columns))


@pytest.fixture
def copied(tmp_path):
    return shutil.copytree(carried("models", "encoder"), tmp_path / "encoder")


@pytest.mark.parametrize("name", ["encoder.onnx", "vocabulary.txt", "answers.npz"])
def test_refuses_a_changed_file(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[-1] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(ModelRefused, match=f"{name} was changed"):
        Encoder(copied)


def test_refuses_a_folder_without_a_manifest(tmp_path):
    with pytest.raises(ModelRefused, match="is no encoder"):
        Encoder(tmp_path)


def test_names_what_to_install(copied, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtra, match=r"nutgraf\[accurate\]"):
        Encoder(copied)


def test_a_model_refuses_another_encoder_than_training_heard():
    sentences, labels = newspaper(6, per_article=8)
    X = sample(sentences)
    stack = ArticleStack(encoder=True, n_rounds=2, n_networks=1, n_folds=2, calibrate=False).fit(X, np.array(labels))
    assert stack.predict_proba(X).shape == (len(X), 4)
    stack.encoder_sha256_ = "0" * 64
    with pytest.raises(ModelRefused, match="heard the encoder 000000000000 in training"):
        stack.predict_proba(X)


def test_pages_it_was_tuned_on_answer_from_a_sibling_and_are_not_held_out_by_outlet(copied, monkeypatch):
    story = page("The harbour was closed.", "What a failure!")
    encoder = Encoder(copied)
    said = np.full((2, len(encoder.columns)), 0.5, dtype=np.float32)
    monkeypatch.setitem(encoder._answers, page_key(story), said)
    monkeypatch.setattr("annotate.classify.encoder.carried_encoder", lambda: encoder)
    assert encoder.tuned_on(story)
    np.testing.assert_array_equal(encoder.read([story]), said)
    with pytest.raises(NotHonest, match="tuned on 1 of these pages"):
        refuse_foreknowledge([story, page("Another page.")])
    refuse_foreknowledge([page("Another page.")])
