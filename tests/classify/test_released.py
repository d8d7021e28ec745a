"""Features released in place of text: small, safe to read, and worth as much for training."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from annotate.classify.labelled import Labelled
from annotate.classify.ngrams import SentenceText
from annotate.classify.released import read_released, released_bytes
from annotate.classify.stack import ArticleStack
from annotate.classify.units import as_sample, pages, units_of
from annotate.errors import FormatError, InputError, NoSuchFile
from tests.classify.test_stack import corpus


@pytest.fixture(scope="module")
def written():
    X, y = corpus(300)  # 1,200 a half: of fewer than a thousand, a view also reads what is rare
    return X, y, released_bytes([page for page, _ in pages(X)], {"page-002": "page-001"})


@pytest.fixture(scope="module")
def released(written, tmp_path_factory):
    path = tmp_path_factory.mktemp("released") / "gold.features"
    path.write_bytes(written[2])
    return path


def test_the_sentences_come_back_in_place_without_their_text(written, released):
    X, _, _ = written
    found, copies = read_released(released)
    units = units_of(found)
    places = [(u.article, s.index, s.paragraph, s.start, s.end) for u in units for s in [u.sentence]]
    assert places == [(u.article, s.index, s.paragraph, s.start, s.end) for u in X for s in [u.sentence]]
    assert {unit.sentence.text for unit in units} == {""}
    assert copies == {"page-002": "page-001"}


def test_no_word_stands_in_the_file(written, released):
    X, _, _ = written
    with zipfile.ZipFile(released) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    words = {word for unit in X for word in unit.sentence.text.split() if len(word) > 4 and word.isalpha()}
    assert words
    assert not [word for word in words if word.encode() in content]


def test_training_on_the_features_gives_the_model_that_the_text_gives(written, released):
    X, y, _ = written
    without_text = as_sample(units_of(read_released(released)[0]))
    settings = {"n_rounds": 2, "n_networks": 1, "n_folds": 2}
    from_text = ArticleStack(**settings).fit(X, y)
    from_features = ArticleStack(**settings).fit(without_text, y)
    np.testing.assert_array_equal(from_text.predict_proba(X), from_features.predict_proba(X))
    np.testing.assert_array_equal(from_text.predict_proba(X), from_text.predict_proba(without_text))


def test_the_rows_have_the_hash_that_rows_with_text_have(written, released):
    X, y, _ = written
    both = [
        Labelled(X=units, y=y, coder="a", labels=("fact",), codebook="x").rows_hash()
        for units in (X, as_sample(units_of(read_released(released)[0])))
    ]
    assert both[0] == both[1]


def test_the_same_pages_give_the_same_bytes(written):
    X, _, content = written
    assert released_bytes([page for page, _ in pages(X)], {"page-002": "page-001"}) == content


def test_a_recipe_that_reads_words_says_that_there_are_none(released):
    with pytest.raises(InputError, match="reads words"):
        SentenceText().transform(as_sample(units_of(read_released(released)[0])))


def test_pages_with_and_without_text_do_not_mix(written, released):
    X, y, _ = written
    mixed = as_sample([*X[:8], *units_of(read_released(released)[0][1:])])
    with pytest.raises(InputError, match="some only features"):
        ArticleStack().fit(mixed, y)


@pytest.mark.parametrize("cut", [0, 10, 5000])
def test_a_file_that_was_cut_is_refused(written, tmp_path, cut):
    path = tmp_path / "cut.features"
    path.write_bytes(written[2][:cut])
    with pytest.raises(FormatError, match="holds no released features"):
        read_released(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NoSuchFile):
        read_released(tmp_path / "none.features")


def test_features_of_other_word_lists_are_refused(written, tmp_path):
    source, target = tmp_path / "a.zip", tmp_path / "other.features"
    source.write_bytes(written[2])
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[:-1] + b"?" if name == "lexicon.npy" else content)
    with pytest.raises(FormatError, match="other word lists"):
        read_released(target)
