from __future__ import annotations

import hashlib
import io
import json
import pickle
import zipfile

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from newspaper import newspaper
from quick import quick
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MaxAbsScaler

from annotate.classify import model as module
from annotate.classify import skops_archive
from annotate.classify.model import load_model, rounded, train
from annotate.classify.recipes import packaged, read_recipe
from annotate.errors import ModelRefused, NotHonest, OutputExists


@pytest.fixture(scope="module", params=packaged())
def model(request, twelve_articles):
    return train(twelve_articles, recipe=quick(request.param), name="courier")


@pytest.fixture
def saved(model, tmp_path):
    model.save(tmp_path / "model")
    return tmp_path / "model"


def test_a_loaded_model_says_what_the_trained_one_said(model, saved):
    sentences, _ = newspaper(2, seed=7)
    assert list(load_model(saved).predict(sentences)) == list(model.predict(sentences))


def test_predictions_carry_the_sentence_a_label_and_probabilities_that_sum_to_one(model):
    sentences, labels = newspaper(3, seed=7)
    predictions = list(model.predict(sentences))
    assert [(p.article, p.index, p.start, p.end, p.text) for p in predictions] == [
        (s.article, s.index, s.start, s.end, s.text) for s in sentences
    ]
    assert np.mean([p.label == label for p, label in zip(predictions, labels, strict=True)]) > 0.9
    for p in predictions:
        assert sum(p.probabilities.values()) == pytest.approx(1, abs=1e-12)
        assert p.probabilities[p.label] == max(p.probabilities.values())
        assert p.model.startswith("courier@")


def test_a_label_never_learnt_has_probability_zero(twelve_articles):
    small = train(twelve_articles.only(twelve_articles.y != "editorial_framing"), recipe=quick("linear"))
    prediction = next(small.predict(newspaper(1)[0]))
    assert list(prediction.probabilities) == list(twelve_articles.labels)
    assert prediction.probabilities["editorial_framing"] == 0


def test_training_twice_gives_the_same_bytes(model, twelve_articles):
    again = train(twelve_articles, recipe=quick(model.manifest.recipe), name="courier")
    assert again.content == model.content


def test_the_manifest_says_what_the_model_learnt_from(saved, twelve_articles):
    manifest = json.loads((saved / "manifest.json").read_text())
    assert manifest["trained_on"]["units"] == len(twelve_articles.y)
    assert manifest["trained_on"]["articles"] == 12
    assert manifest["trained_on"]["coder"] == "the tests"
    assert manifest["codebook"] == twelve_articles.codebook
    assert manifest["format"] == 1


def test_one_label_is_nothing_to_learn(twelve_articles):
    with pytest.raises(NotHonest, match="one label"):
        train(twelve_articles.only(twelve_articles.y == "factual_claim"), recipe=quick("linear"))


def test_the_folder_says_how_the_model_was_built(model, saved, tmp_path):
    (tmp_path / "again.toml").write_bytes((saved / "recipe.toml").read_bytes())
    assert read_recipe(tmp_path / "again.toml") == quick(model.manifest.recipe)
    assert load_model(saved).recipe == model.recipe


def test_nothing_is_overwritten(model, saved):
    with pytest.raises(OutputExists):
        model.save(saved)
    model.save(saved, force=True)
    load_model(saved)


@pytest.mark.parametrize("name", ["model.skops", "manifest.json", "recipe.toml"])
def test_one_changed_byte_is_refused(saved, name):
    content = bytearray((saved / name).read_bytes())
    place = len(content) // 2
    content[place] = ord("7") if content[place] != ord("7") else ord("8")
    (saved / name).write_bytes(content)
    with pytest.raises(ModelRefused):
        load_model(saved)


def test_a_pickle_renamed_to_a_model_is_refused_and_never_run(saved):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was loaded",))

    (saved / "model.skops").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ModelRefused, match="changed after training"):
        load_model(saved)


def test_a_pickle_with_a_fitting_hash_is_still_no_archive(saved):
    with pytest.raises(ModelRefused, match="not a skops archive"):
        skops_archive.loads(pickle.dumps({"a": 1}), where=saved)


def test_a_type_that_is_not_known_to_be_safe_is_refused(saved):
    class Strange(LogisticRegression):
        pass

    Strange.__module__ = "strange.module"
    content = skops_archive.dumps(Strange())
    with pytest.raises(ModelRefused, match=r"strange\.module"):
        skops_archive.loads(content, where=saved)


def rewritten(saved, **changes):
    """Change the manifest and make its hashes fit again, as anyone can."""
    manifest = msgspec.json.decode((saved / "manifest.json").read_bytes(), type=module.Manifest)
    sha = hashlib.sha256((saved / "model.skops").read_bytes()).hexdigest()
    manifest = msgspec.structs.replace(manifest, model_sha256=sha, **changes)
    manifest = msgspec.structs.replace(manifest, manifest_sha256=module._manifest_hash(manifest))
    (saved / "manifest.json").write_bytes(msgspec.json.encode(manifest))


def broken_archive(content, how):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    array = next(name for name in parts if name.endswith(".npy"))
    if how == "cut":
        parts[array] = parts[array][:50]
    elif how == "schema":
        parts["schema.json"] = b"[" * 10_000
    elif how == "header":
        parts[array] = parts[array].replace(b"{'descr'", b"{{{descr'")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


@pytest.mark.parametrize("how", ["cut", "schema", "header"])
def test_an_archive_with_fitting_hashes_that_cannot_be_built_is_refused(saved, how):
    (saved / "model.skops").write_bytes(broken_archive((saved / "model.skops").read_bytes(), how))
    rewritten(saved)
    with pytest.raises(ModelRefused, match="not a skops archive"):
        load_model(saved)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ("a", "b", "c", "d")},
        {"labels": ("factual_claim",)},
        {"probe": ()},
        {"probe": ((0.25, 0.25, 0.25, 0.25),) * 6},
    ],
)
def test_a_model_that_answers_otherwise_than_after_training_is_refused(saved, changes):
    rewritten(saved, **changes)
    with pytest.raises(ModelRefused, match=r"does not answer as it did after training; .* scikit-learn \d"):
        load_model(saved)


def test_an_estimator_that_is_no_classifier_is_refused(saved):
    (saved / "model.skops").write_bytes(skops_archive.dumps(MaxAbsScaler()))
    rewritten(saved)
    with pytest.raises(ModelRefused, match="does not answer"):
        load_model(saved)


def test_other_files_in_the_folder_are_no_matter(saved):
    (saved / "notes.txt").write_text("mine")
    load_model(saved)


@pytest.mark.parametrize("what", ["nothing", "file", "empty folder"])
def test_what_is_no_model_folder_is_refused(tmp_path, what):
    path = tmp_path / "model"
    if what == "file":
        path.write_bytes(b"PK")
    elif what == "empty folder":
        path.mkdir()
    with pytest.raises(ModelRefused, match="nutgraf train"):
        load_model(path)


def test_a_later_format_is_refused(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    for later in (manifest | {"format": 99}, {"format": 99, "labels": "elsewhere"}):
        (saved / "manifest.json").write_text(json.dumps(later))
        with pytest.raises(ModelRefused, match="has format 99, this version reads format 1"):
            load_model(saved)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"format": "1"}', b'{"format": 1}', b'{"format": 1, "labels": 5}'],
)
def test_a_manifest_of_wrong_types_is_refused(saved, content):
    (saved / "manifest.json").write_bytes(content)
    with pytest.raises(ModelRefused, match=r"manifest\.json is not a manifest"):
        load_model(saved)


def test_a_model_of_another_codebook_is_refused(saved, codebook):
    load_model(saved, codebook=codebook.fingerprint)
    with pytest.raises(ModelRefused, match="another codebook"):
        load_model(saved, codebook="0" * 64)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8).filter(lambda values: sum(values) > 0.01))
def test_rounded_probabilities_sum_to_one_and_keep_their_order(values):
    probabilities = np.array(values) / sum(values)
    result = rounded(probabilities)
    assert round(sum(result), 9) == 1
    assert all(0 <= p <= 1 for p in result)
    by_probability = np.argsort(probabilities)
    assert np.all(np.diff(np.array(result)[by_probability]) >= -1.5e-6)
    assert probabilities[np.argmax(result)] == pytest.approx(probabilities.max(), abs=1e-6)
