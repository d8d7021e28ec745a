"""The transformers as scikit-learn uses them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from annotate.classify.features import (
    AttributionFeatures,
    DocumentFeatures,
    FurnitureFeatures,
    LoadedFeatures,
    QuoteFeatures,
    ReaderFeatures,
)
from annotate.classify.units import as_sample, sample
from annotate.errors import ModelRefused
from tests.classify.features.written import reading

GROUPS = [QuoteFeatures, AttributionFeatures, FurnitureFeatures, LoadedFeatures, DocumentFeatures]


def units():
    return sample(
        reading(
            ["Council closes the bridge"],
            [
                "The council closed the old bridge on Friday because its pier had moved.",
                "“It is a shame,” said a farmer.",
            ],
            ["I think it was a terrible, absurd decision!"],
            ["Subscribe to our newsletter"],
        ).page.sentences
    )


@pytest.mark.parametrize("group", [*GROUPS, ReaderFeatures])
def test_each_group_is_finite_float32_and_named(group):
    X = units()
    features = clone(group()).fit(X).transform(X)
    names = group().get_feature_names_out()
    assert features.dtype == np.float32
    assert features.shape == (len(X), len(names))
    assert len(set(names)) == len(names)
    assert np.isfinite(features).all()


def test_the_reader_has_every_group_side_by_side():
    X = units()
    parts = [group().fit(X).transform(X) for group in GROUPS]
    np.testing.assert_array_equal(ReaderFeatures().fit(X).transform(X), np.hstack(parts))


def test_a_unit_has_the_same_features_in_any_sample():
    X = units()
    reader = ReaderFeatures().fit(X)
    some = as_sample([X[3], X[1]])
    np.testing.assert_array_equal(reader.transform(some), reader.transform(X)[[3, 1]])


def test_loaded_words_and_ones_own_voice_count():
    X = units()
    names = LoadedFeatures().get_feature_names_out().tolist()
    features = LoadedFeatures().fit(X).transform(X)
    blame = features[:, names.index("loaded_blame")]
    assert blame.argmax() == 3
    assert blame[2] == 0
    assert features[2, names.index("loaded_quoted")] == 1
    assert features[3, names.index("starts_first_person")] == 1


def test_other_word_lists_than_at_training_are_refused():
    X = units()
    reader = ReaderFeatures().fit(X)
    reader.lexicon_fingerprint_ = "0" * 64
    with pytest.raises(ModelRefused, match="word lists"):
        reader.transform(X)
