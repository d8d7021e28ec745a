"""The models that nutgraf comes with: as data, for the codebook they come with, and worth reading."""

from __future__ import annotations

import json

import pytest

from annotate.classify.evaluation import read_metrics
from annotate.classify.model import load_model
from annotate.cli import run
from annotate.errors import ModelRefused
from annotate.resources import carried
from annotate.sentences import split
from annotate.types import Article

PAGE = """Storm shuts the harbour of Vellin

By Mara Osterby

A storm shut the harbour of Vellin on Monday, and 14 ferries stayed in port until noon.

“We will reopen the pier before summer and pay for every boat that was lost,” Transport Minister Ana Quist said.

It was one more shameful failure of a city hall that has slept through every warning for years.

Sign up for our daily newsletter and never miss a story.

© 2024 The Vellin Courier
"""


@pytest.fixture(scope="module", params=["default", "accurate"])
def model(codebook, request):
    return load_model(carried("models", request.param), codebook=codebook.fingerprint)


def test_it_belongs_to_the_codebook_that_comes_with_it(model, codebook):
    assert model.manifest.labels == codebook.keys


def test_it_is_small_and_did_not_see_the_seeds(model):
    assert sum(path.stat().st_size for path in carried("models", model.manifest.name).iterdir()) < 20_000_000
    documents = [json.loads(line) for line in carried("data", "gold", "documents.jsonl").read_text().splitlines()]
    seeds = [d for d in documents if d["source"] == "seeds"]
    assert model.manifest.trained_on.articles == len(documents) - len(seeds) == 373


def test_it_says_whose_labels_it_learnt(model):
    assert model.manifest.trained_on.coder == "coder-a (language model)"
    card = carried("models", model.manifest.name, "README.md").read_text("utf-8")
    assert "language model" in card
    assert str(model.manifest.trained_on.articles) in card


def test_its_card_says_what_its_evaluation_found(model):
    folder = carried("models", model.manifest.name)
    card, found = (folder / "README.md").read_text("utf-8"), read_metrics(folder)
    assert found.recipe == model.manifest.recipe
    assert found.coder == model.manifest.trained_on.coder
    assert f"{found.scores.macro_f1}".replace("0.", ".") in card
    for fold in found.folds:
        assert f"{fold.macro_f1:.3f}".removeprefix("0") in card
    assert f"{found.calibration.ece:.3f}".removeprefix("0") in card


def test_no_evaluation_is_read_from_something_else(tmp_path):
    with pytest.raises(ModelRefused, match="no evaluation can be read"):
        read_metrics(tmp_path)
    (tmp_path / "metrics.json").write_text('{"recipe": "fast"}')
    with pytest.raises(ModelRefused, match="holds no evaluation"):
        read_metrics(tmp_path)


def test_it_reads_a_page_it_never_saw(model):
    labels = {p.text: p.label for p in model.predict(split(Article("storm", PAGE)))}
    lines = [line for line in PAGE.split("\n") if line]
    assert [labels[line] for line in lines[1:]] == [
        "unrelated_promo",
        "factual_claim",
        "quoted_official",
        "editorial_framing",
        "unrelated_promo",
        "unrelated_promo",
    ]


def predicted_by(capfd, *arguments):
    assert run(["predict", "storm.txt", *arguments]) == 0
    return {json.loads(line)["model"].split("@")[0] for line in capfd.readouterr().out.split("\n")[:-1]}


def test_predict_uses_the_default_where_no_model_is_named_and_another_by_its_name(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "storm.txt").write_text(PAGE, encoding="utf-8")
    assert predicted_by(capfd) == {"default"}
    assert predicted_by(capfd, "-m", "accurate") == {"accurate"}


def test_a_folder_goes_before_a_model_of_the_same_name(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "storm.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "accurate").mkdir()
    assert run(["predict", "storm.txt", "-m", "accurate"]) == 1
    assert "accurate: manifest.json can't be read" in capfd.readouterr().err
