from __future__ import annotations

import json

from newspaper import newspaper

from annotate.exchange.doccano import write_doccano
from annotate.types import Sentence


def rows_of(folder):
    files = sorted(folder.glob("units-*.jsonl"))
    return [[json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]] for file in files]


def test_a_folder_holds_units_labels_and_guidelines(tmp_path, codebook):
    sentences, _ = newspaper(2)
    assert write_doccano(tmp_path / "out", sentences, codebook) == 24
    (rows,) = rows_of(tmp_path / "out")
    assert [row["text"] for row in rows] == [s.text for s in sentences]
    assert rows[0].keys() == {
        "text",
        "label",
        "key",
        "article",
        "index",
        "paragraph",
        "start",
        "end",
        "before",
        "after",
    }
    assert rows[0]["label"] == []
    assert rows[0]["key"] == f"story-000:0-{len(sentences[0].text)}"
    settings = json.loads((tmp_path / "out" / "labels.json").read_text())
    assert [label["text"] for label in settings] == list(codebook.keys)
    assert [label["suffix_key"] for label in settings] == ["1", "2", "3", "4"]
    assert {label["text_color"] for label in settings} == {"#000000"}  # on the default's light colours
    assert (tmp_path / "out" / "guidelines.md").read_text("utf-8") == codebook.guidelines


def test_every_row_has_the_same_keys_and_a_key_of_its_own(tmp_path, codebook):
    sentences, _ = newspaper(5)
    write_doccano(tmp_path / "out", sentences, codebook)
    (rows,) = rows_of(tmp_path / "out")
    assert len({tuple(row) for row in rows}) == 1
    assert len({row["key"] for row in rows}) == len(rows)


def test_no_file_has_more_than_a_thousand_rows(tmp_path, codebook):
    sentences = [Sentence("a", i, i, 3 * i, 3 * i + 2, "x.") for i in range(2001)]
    assert write_doccano(tmp_path / "out", sentences, codebook) == 2001
    assert [len(rows) for rows in rows_of(tmp_path / "out")] == [1000, 1000, 1]


def test_neighbours_are_of_the_same_article(tmp_path, codebook):
    sentences, _ = newspaper(2)
    write_doccano(tmp_path / "out", sentences, codebook)
    (rows,) = rows_of(tmp_path / "out")
    assert (rows[0]["before"], rows[0]["after"]) == ("", sentences[1].text)
    assert (rows[11]["after"], rows[12]["before"]) == ("", "")


def test_texts_keep_every_character(tmp_path, codebook):
    text = "“A”\u2028\x00\U0001f600 \u202eabc"
    write_doccano(tmp_path / "out", [Sentence("a", 0, 0, 0, len(text), text)], codebook, labels=["factual_claim"])
    ((row,),) = rows_of(tmp_path / "out")
    assert (row["text"], row["label"]) == (text, ["factual_claim"])
