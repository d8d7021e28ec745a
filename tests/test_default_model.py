"""The model that nutgraf comes with: as data, for the codebook it comes with, and worth reading."""

from __future__ import annotations

import json

import pytest

from annotate.classify.model import load_model
from annotate.cli import run
from annotate.resources import carried
from annotate.sentences import split
from annotate.types import Article

FOLDER = carried("models", "default")
PAGE = """Storm shuts the harbour of Vellin

By Mara Osterby

A storm shut the harbour of Vellin on Monday, and 14 ferries stayed in port until noon.

“We will reopen the pier before summer and pay for every boat that was lost,” Transport Minister Ana Quist said.

It was one more shameful failure of a city hall that has slept through every warning for years.

Sign up for our daily newsletter and never miss a story.

© 2024 The Vellin Courier
"""


@pytest.fixture(scope="module")
def model(codebook):
    return load_model(FOLDER, codebook=codebook.fingerprint)


def test_it_belongs_to_the_codebook_that_comes_with_it(model, codebook):
    assert model.manifest.labels == codebook.keys


def test_it_is_small_and_did_not_see_the_seeds(model):
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 20_000_000
    documents = [json.loads(line) for line in carried("data", "gold", "documents.jsonl").read_text().splitlines()]
    seeds = [d for d in documents if d["source"] == "seeds"]
    assert model.manifest.trained_on.articles == len(documents) - len(seeds) == 373


def test_it_says_whose_labels_it_learnt(model):
    assert model.manifest.trained_on.coder == "coder-a (language model)"
    card = (FOLDER / "README.md").read_text("utf-8")
    assert "language model" in card
    assert str(model.manifest.trained_on.articles) in card


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


def test_predict_uses_it_where_no_model_is_named(tmp_path, monkeypatch, capfd, model):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "storm.txt").write_text(PAGE, encoding="utf-8")
    assert run(["predict", "storm.txt"]) == 0
    rows = [json.loads(line) for line in capfd.readouterr().out.split("\n")[:-1]]
    assert {row["model"] for row in rows} == {model.id}
