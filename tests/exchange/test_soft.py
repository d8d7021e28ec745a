"""Labels with probabilities, as tables hold them."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from newspaper import labelled_rows, newspaper

from annotate.errors import CodebookError, FormatError
from annotate.exchange.labelled import read_labelled
from annotate.exchange.soft import Given, given
from annotate.tables import write_table


def ask(row, codebook):
    return given(row, codebook, where="rows.csv:2")


def test_a_label_alone_is_certain(codebook):
    assert ask({"label": "factual_claim"}, codebook) == Given("factual_claim")
    assert ask({"label": ""}, codebook) is None
    assert ask({"label": "factual_claim", "probabilities.factual_claim": None}, codebook) == Given("factual_claim")


@pytest.mark.parametrize(
    "row",
    [
        {"label": "factual_claim", "probabilities": {"factual_claim": 0.75, "quoted_official": 0.25}},
        {"label": "", "probabilities.factual_claim": "0.75", "probabilities.quoted_official": "0.25"},
        {"probabilities": {"factual_claim": 0.75, "quoted_official": 0.25, "editorial_framing": None}},
    ],
    ids=["object", "columns", "without a label"],
)
def test_probabilities_stand_in_an_object_or_in_columns(codebook, row):
    found = ask(row, codebook)
    assert found.key == "factual_claim"
    assert found.shares == {"factual_claim": 0.75, "quoted_official": 0.25}


def test_what_was_rounded_sums_to_one(codebook):
    shares = ask({"probabilities": {"factual_claim": 0.333, "quoted_official": 0.666}}, codebook).shares
    assert math.fsum(shares.values()) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("more", [{"decided_by": "lead"}, {"model": "courier@0123"}])
def test_what_somebody_decided_is_certain_and_a_models_probabilities_are_no_labels(codebook, more):
    row = {"label": "factual_claim", "probabilities": {"quoted_official": 1.0}}
    assert ask(row | more, codebook) == Given("factual_claim")


def test_a_skipped_unit_has_no_label(codebook):
    assert ask({"label": "skip", "probabilities": {"factual_claim": 1.0}}, codebook) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"label": "quoted_official", "probabilities": {"factual_claim": 1}}, r"quoted_official is less probable than"),
        ({"probabilities": {"factual_claim": 0.5}}, "sum to 0.500"),
        ({"probabilities": {"factual_claim": -0.5, "quoted_official": 1.5}}, "-0.5 is no probability"),
        ({"probabilities.factual_claim": "much"}, "'much' is no probability"),
        ({"probabilities": {"factual_claim": math.nan}}, "nan is no probability"),
    ],
)
def test_what_is_no_distribution_is_refused(codebook, row, words):
    with pytest.raises(FormatError, match=f"rows.csv:2: .*{words}"):
        ask(row, codebook)


def test_a_label_of_another_codebook_is_refused(codebook):
    with pytest.raises(CodebookError, match="'gossip' is not in the codebook"):
        ask({"probabilities": {"gossip": 1.0}}, codebook)


@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".parquet"])
def test_soft_labels_come_through_every_table(tmp_path, codebook, extension):
    rows = labelled_rows(3)
    for row in rows:
        row["probabilities"] = {key: 0.7 if key == row["label"] else 0.1 for key in codebook.keys}
    write_table(tmp_path / f"soft{extension}", rows, tuple(rows[0]))
    data = read_labelled(tmp_path / f"soft{extension}", codebook)
    assert data.soft.shape == (len(data.y), 4)
    np.testing.assert_allclose(data.soft.max(axis=1), 0.7)
    assert (np.array(data.labels)[data.soft.argmax(axis=1)] == data.y).all()


def test_labels_that_are_all_certain_are_not_soft(tmp_path, codebook):
    rows = [row | {"probabilities": {row["label"]: 1.0}} for row in labelled_rows(2)]
    write_table(tmp_path / "rows.jsonl", rows, tuple(rows[0]))
    assert read_labelled(tmp_path / "rows.jsonl", codebook).soft is None


def test_stand_off_labels_may_be_soft_as_agree_writes_them(tmp_path, codebook):
    sentences, labels = newspaper(1)
    text = "".join(s.text + "\n" for s in sentences)
    (tmp_path / "story-000.txt").write_text(text, encoding="utf-8", newline="")
    rows = [
        {
            "document": s.article,
            "start": s.start,
            "end": s.end,
            "label": label,
            "coder": "dawid-skene",
            "probabilities": {label: 0.9, next(key for key in codebook.keys if key != label): 0.1},
            "supporters": ["ada"],
            "others": [],
            "decided_by": "",
        }
        for s, label in zip(sentences, labels, strict=True)
    ]
    rows[0]["decided_by"] = "lead"
    write_table(tmp_path / "gold.jsonl", rows, tuple(rows[0]))
    data = read_labelled(tmp_path / "gold.jsonl", codebook, texts=[tmp_path / "story-000.txt"])
    assert data.soft[0].max() == 1
    np.testing.assert_allclose(data.soft[1:].max(axis=1), 0.9)
    assert msgspec.structs.asdict(data)["coder"] == "dawid-skene"
