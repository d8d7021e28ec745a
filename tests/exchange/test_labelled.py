from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from newspaper import labelled_rows, newspaper

from annotate.classify.splits import by_article, leave_one_out
from annotate.errors import CodebookError, DuplicateId, EmptyInput, FormatError, InputError, OffsetMismatch
from annotate.exchange.labelled import UNKNOWN_CODER, read_labelled
from annotate.exchange.soft import label_of
from annotate.tables import write_table

COLUMNS = ("article", "index", "paragraph", "start", "end", "text", "label", "coder")


@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".parquet"])
def test_labelled_rows_become_a_sample(tmp_path, codebook, extension):
    path = tmp_path / f"rows{extension}"
    write_table(path, labelled_rows(2, coder="ada"), COLUMNS)
    data = read_labelled(path, codebook)
    assert data.y.tolist() == newspaper(2)[1]
    assert [unit.sentence for unit in data.X] == newspaper(2)[0]
    assert (data.coder, data.labels, data.codebook) == ("ada", codebook.keys, codebook.fingerprint)


@pytest.mark.parametrize("nothing", [None, "", "skip", []])
def test_an_unlabelled_sentence_is_context_only(tmp_path, codebook, nothing):
    table = labelled_rows(2)
    table[1]["label"] = nothing
    write_table(tmp_path / "rows.jsonl", table, COLUMNS)
    data = read_labelled(tmp_path / "rows.jsonl", codebook)
    assert len(data.y) == 23
    assert len(data.X[0].page.sentences) == 12
    assert data.X[1].position == 2
    assert data.coder == UNKNOWN_CODER


def test_doccano_writes_labels_as_lists(tmp_path, codebook):
    table = [row | {"label": [row["label"]], "id": i, "Comments": []} for i, row in enumerate(labelled_rows(2))]
    write_table(tmp_path / "all.jsonl", table, COLUMNS)
    assert read_labelled(tmp_path / "all.jsonl", codebook).y.tolist() == newspaper(2)[1]


def test_one_of_several_coders_is_chosen(tmp_path, codebook):
    table = labelled_rows(2, coder="ada") + labelled_rows(2, coder="ben")
    write_table(tmp_path / "rows.jsonl", table, COLUMNS)
    with pytest.raises(InputError, match="labels of ada, ben; choose one with --coder"):
        read_labelled(tmp_path / "rows.jsonl", codebook)
    data = read_labelled(tmp_path / "rows.jsonl", codebook, coder="ben")
    assert (len(data.y), data.coder) == (24, "ben")
    with pytest.raises(EmptyInput, match="no label by eve"):
        read_labelled(tmp_path / "rows.jsonl", codebook, coder="eve")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"label": "nonsense"}, CodebookError, r"rows\.jsonl:3: label 'nonsense' is not in the codebook"),
        ({"label": ["factual_claim", "quoted_official"]}, FormatError, r"rows\.jsonl:3: has 2 labels"),
        ({"end": 10_000}, FormatError, r"rows\.jsonl:3: offsets .* do not fit a text"),
        ({"start": "x"}, FormatError, r"rows\.jsonl:3: is no sentence"),
        ({"start": 2.5}, FormatError, r"rows\.jsonl:3: is no sentence: start is wrong"),
        ({"start": -4, "end": 50}, FormatError, r"rows\.jsonl:3: offsets -4 to 50 do not fit"),
        ({"text": None}, FormatError, r"rows\.jsonl:3: lacks text"),
        ({"article": ""}, FormatError, r"rows\.jsonl:3: lacks article"),
        ({"text": "", "end": 110, "start": 110}, FormatError, r"rows\.jsonl:3: lacks text"),
        ({"coder": ["ada"]}, FormatError, r"rows\.jsonl:3: coder \['ada'\] is no name"),
        ({"coder": "ben"}, InputError, "labels of a coder not named in the file, ben"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(tmp_path, codebook, change, error, message):
    table = labelled_rows(2)
    table[2] |= change
    write_table(tmp_path / "rows.jsonl", table, COLUMNS)
    with pytest.raises(error, match=message):
        read_labelled(tmp_path / "rows.jsonl", codebook)


def test_a_missing_column_is_named(tmp_path, codebook):
    write_table(
        tmp_path / "rows.jsonl", [{k: v for k, v in row.items() if k != "start"} for row in labelled_rows(2)], COLUMNS
    )
    with pytest.raises(FormatError, match=r"rows\.jsonl:1: lacks start"):
        read_labelled(tmp_path / "rows.jsonl", codebook)


def test_rows_are_held_against_the_article_where_it_is_given(tmp_path, codebook):
    table = labelled_rows(1)
    (tmp_path / "story-000.txt").write_text(" ".join(row["text"] for row in table), encoding="utf-8")
    write_table(tmp_path / "rows.jsonl", table, COLUMNS)
    assert len(read_labelled(tmp_path / "rows.jsonl", codebook, texts=[tmp_path / "story-000.txt"]).y) == 12
    table[2]["text"] = table[2]["text"][::-1]
    write_table(tmp_path / "rows.jsonl", table, COLUMNS, force=True)
    with pytest.raises(OffsetMismatch, match=r"rows\.jsonl:3: offsets cut .* where the row says") as caught:
        read_labelled(tmp_path / "rows.jsonl", codebook, texts=[tmp_path / "story-000.txt"])
    assert caught.value.expected == caught.value.found[::-1]


def test_rows_may_come_in_any_order(tmp_path, codebook):
    table = labelled_rows(4)
    shuffled = [table[i] for i in np.random.default_rng(1).permutation(len(table))]
    write_table(tmp_path / "rows.jsonl", shuffled, COLUMNS)
    data = read_labelled(tmp_path / "rows.jsonl", codebook)
    given = {(row["article"], row["start"]): row["label"] for row in table}
    assert [given[unit.article, unit.sentence.start] for unit in data.X] == data.y.tolist()
    assert all(unit.position == unit.sentence.index for unit in data.X)
    assert len(data.y) == len(table)


def test_what_only_another_coder_labelled_stays_as_context(tmp_path, codebook):
    table = [row | {"coder": "ada" if i % 2 else "ben"} for i, row in enumerate(labelled_rows(2))]
    table[4] |= {"coder": None, "label": None}
    write_table(tmp_path / "rows.jsonl", sorted(table, key=lambda row: str(row["coder"])), COLUMNS)
    data = read_labelled(tmp_path / "rows.jsonl", codebook, coder="ada")
    assert len(data.y) == 12
    assert [unit.position for unit in data.X[:3]] == [1, 3, 5]
    assert all(len(unit.page.sentences) == 12 for unit in data.X)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, r"rows\.jsonl:25: the sentence at 0 of story-000 is labelled a second time"),
        ({"text": "Rain.", "end": 5}, r"rows\.jsonl:1: the sentence at 0 of story-000 overlaps the one of .*:25"),
    ],
)
def test_two_articles_with_one_id_are_refused(tmp_path, codebook, row, message):
    table = labelled_rows(2)
    write_table(tmp_path / "rows.jsonl", [*table, table[0] | row], COLUMNS)
    with pytest.raises(DuplicateId, match=message):
        read_labelled(tmp_path / "rows.jsonl", codebook)


def test_the_same_place_with_another_text_is_another_article(tmp_path, codebook):
    table = labelled_rows(2)
    write_table(tmp_path / "rows.jsonl", [*table, table[0] | {"text": table[0]["text"][::-1]}], COLUMNS)
    with pytest.raises(DuplicateId, match=r"rows\.jsonl:25: the sentence at 0 of story-000 overlaps the one of .*:1;"):
        read_labelled(tmp_path / "rows.jsonl", codebook)


def test_articles_may_be_numbers_and_labels_not_a_number(tmp_path, codebook):
    table = [row | {"article": int(row["article"][-1])} for row in labelled_rows(2)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in table))
    assert set(read_labelled(tmp_path / "rows.jsonl", codebook).groups) == {"0", "1"}
    assert label_of({"label": float("nan")}, codebook, where="x") is None


def test_a_models_predictions_are_not_taken_for_a_coders_labels(tmp_path, codebook):
    write_table(tmp_path / "rows.jsonl", labelled_rows(2, model="linear@1"), (*COLUMNS, "model"))
    assert read_labelled(tmp_path / "rows.jsonl", codebook).coder == "the model linear@1"


def test_numbers_and_dates_are_facts_of_an_article_too(tmp_path, codebook):
    more = {"year": 2019, "published": date(2019, 5, 1), "section": "city", "share": None}
    write_table(tmp_path / "rows.parquet", labelled_rows(1, **more), (*COLUMNS, *more))
    facts = read_labelled(tmp_path / "rows.parquet", codebook).facts
    assert {c: facts.get(c, {}).get("story-000") for c in more} == {
        "year": "2019",
        "published": "2019-05-01",
        "section": "city",
        "share": None,
    }


class TestStandOff:
    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "text").mkdir()
        (tmp_path / "text" / "fog.txt").write_text(
            "Fog closed the port. “Stay home,” the mayor said.\n", encoding="utf-8"
        )
        labels = [(0, 20, "factual_claim", "ada"), (21, 49, "quoted_official", "ada"), (0, 20, "factual_claim", "ben")]
        rows = [{"document": "fog", "start": s, "end": e, "label": label, "coder": c} for s, e, label, c in labels]
        rows.append(rows[0] | {"document": "elsewhere"})
        (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return tmp_path

    def test_labels_join_their_text(self, folder, codebook):
        notes = []
        data = read_labelled(
            folder / "labels.jsonl", codebook, texts=[folder / "text"], coder="ada", on_note=notes.append
        )
        assert [unit.sentence.text for unit in data.X] == ["Fog closed the port.", "“Stay home,” the mayor said."]
        assert data.y.tolist() == ["factual_claim", "quoted_official"]
        assert "the labels of 1 document without a text" in notes[0]

    def test_they_need_their_text(self, folder, codebook):
        with pytest.raises(InputError, match="--text"):
            read_labelled(folder / "labels.jsonl", codebook)

    def test_several_coders_need_a_choice(self, folder, codebook):
        with pytest.raises(InputError, match="--coder"):
            read_labelled(folder / "labels.jsonl", codebook, texts=[folder / "text"])


def test_copies_of_an_article_stay_together_in_every_split(tmp_path, codebook):
    table = labelled_rows(6)
    copy = [row | {"article": "wire-copy", "outlet": "other"} for row in table if row["article"] == "story-000"][:-2]
    write_table(tmp_path / "rows.jsonl", [row | {"outlet": "one"} for row in table] + copy, (*COLUMNS, "outlet"))
    notes = []
    data = read_labelled(tmp_path / "rows.jsonl", codebook, on_note=notes.append)
    assert data.copies == {"wire-copy": "story-000"}
    assert "near-duplicates of other articles: 1;" in notes[0]
    for train, test in by_article(data, 2).folds:
        assert not set(data.groups[train]) & set(data.groups[test])
    for train, test in leave_one_out(data, "outlet").folds:
        seen = set(data.articles[train]) | set(data.articles[test])
        assert not {"wire-copy", "story-000"} <= seen or {"wire-copy", "story-000"} <= set(data.articles[test])


def test_rows_without_offsets_are_searched_for_in_their_articles(tmp_path, codebook):
    (tmp_path / "a.txt").write_text("Roads flood. It rains.")
    table = tmp_path / "rows.csv"
    table.write_text("article,text,label\na,It rains.,factual_claim\na,Roads flood.,quoted_official\n")
    found = read_labelled(table, codebook, texts=[tmp_path / "a.txt"])
    assert [(unit.sentence.start, str(label)) for unit, label in zip(found.X, found.y, strict=True)] == [
        (0, "quoted_official"),
        (13, "factual_claim"),
    ]
    with pytest.raises(FormatError, match=r"lacks end, index, start.*--text"):
        read_labelled(table, codebook)
