from __future__ import annotations

import json

import numpy as np
import pytest
from coders import ratings
from hypothesis import given
from hypothesis import strategies as st

from annotate.agreement import Rating, from_gold, tabulate
from annotate.agreement.ratings import MISSING, natural
from annotate.agreement.reading import read_ratings
from annotate.errors import CodebookError, DuplicateId, EmptyInput, FormatError, InputError, NutgrafError
from annotate.types import Gold

LABELS = ("fact", "opinion")


def rating(coder="ann", label="fact", *, article="harbour", start=0, end=9, where="", **groups):
    return Rating(article, start, end, coder, label, groups, where)


class TestTabulate:
    def test_units_and_coders_are_sorted_and_gaps_are_missing(self):
        table = tabulate([rating("ben", "opinion", start=10, end=20), rating("ann", "fact")], LABELS)
        assert table.coders == ("ann", "ben")
        assert table.units == [("harbour", 0, 9), ("harbour", 10, 20)]
        assert table.codes.tolist() == [[0, MISSING], [MISSING, 1]]

    def test_a_skipped_unit_is_missing_and_counted(self):
        table = tabulate([rating("ann", "skip"), rating("ben", None), rating("eve", "fact")], LABELS)
        assert table.codes.tolist() == [[MISSING, MISSING, 0]]
        assert table.skipped.tolist() == [1, 1, 0]

    def test_a_unit_labelled_twice_by_a_coder_is_named_with_both_places(self):
        rows = [rating(where="labels.csv:2"), rating(label="opinion", where="labels.csv:7")]
        with pytest.raises(
            DuplicateId, match=r"labels.csv:7: ann labelled harbour 0 to 9 twice, first in labels.csv:2"
        ):
            tabulate(rows, LABELS)

    def test_a_label_that_could_not_be_chosen_is_refused(self):
        with pytest.raises(CodebookError, match=r"l:3: the label 'facts' is not in the codebook; use fact, opinion"):
            tabulate([rating(label="facts", where="l:3")], LABELS)

    def test_nothing_is_refused(self):
        with pytest.raises(EmptyInput, match="no labels to compare"):
            tabulate([], LABELS)

    def test_an_article_has_one_outlet(self):
        rows = [rating(outlet="Courier"), rating("ben", outlet="Echo", where="l:2")]
        with pytest.raises(FormatError, match=r"l:2: the outlet of 'harbour' is 'Echo' here and 'Courier' before"):
            tabulate(rows, LABELS)

    def test_an_outlet_known_from_one_row_holds_for_the_article(self):
        rows = [rating(outlet="Courier"), rating("ben", start=10, end=19)]
        assert tabulate(rows, LABELS).groups["outlet"].tolist() == ["Courier", "Courier"]

    def test_a_unit_belongs_to_the_latest_week_of_its_judgments(self):
        rows = [rating(week="2026-W9", round="9"), rating("ben", week="2026-W10", round="10")]
        table = tabulate(rows, LABELS)
        assert (table.groups["week"].tolist(), table.groups["round"].tolist()) == (["2026-W10"], ["10"])

    def test_gold_labels_make_a_table(self):
        table = from_gold([Gold("harbour", 0, 9, "fact", "ann"), Gold("harbour", 0, 9, "skip", "ben")], LABELS)
        assert table.codes.tolist() == [[0, MISSING]]

    def test_coders_can_be_chosen_and_must_be_there(self):
        table = tabulate([rating("ann"), rating("ben"), rating("eve")], LABELS)
        assert table.of(["eve", "ann"]).coders == ("eve", "ann")
        with pytest.raises(InputError, match="no labels by zoe; the coders are ann, ben, eve"):
            table.of(["zoe", "ann"])

    def test_choosing_units_leaves_out_articles_without_any(self):
        table = ratings([[0, 0], [1, -1], [1, 1]], article=[0, 1, 2]).paired()
        assert table.articles == ("story-00000", "story-00002")
        assert table.article.tolist() == [0, 1]


@given(st.permutations(["", "1", "2", "10", "a1", "a02", "a10b3", "a10b20", "é", "2026-W9", "2026-W10"]))
def test_natural_order_is_an_order(values):
    assert sorted(values, key=natural) == [
        "",
        "1",
        "2",
        "10",
        "2026-W9",
        "2026-W10",
        "a1",
        "a02",
        "a10b3",
        "a10b20",
        "é",
    ]
    assert sorted(["round 10", "round 2", "pilot"], key=natural) == ["pilot", "round 2", "round 10"]


def file_of(tmp_path, *rows, name="labels.jsonl"):
    path = tmp_path / name
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def row(coder="ann", label="fact", **more):
    return {"document": "harbour", "start": 0, "end": 9, "label": label, "coder": coder} | more


class TestReading:
    def test_rows_become_a_table_with_texts_and_groups(self, tmp_path):
        path = file_of(
            tmp_path,
            row(text="Fog here.", outlet="Courier", round=1, time="2026-03-02T09:00:00Z"),
            row("ben", ["opinion"], round=2, time="2026-03-09"),
        )
        coded = read_ratings(path, LABELS)
        assert coded.ratings.codes.tolist() == [[0, 1]]
        assert coded.texts == {("harbour", 0, 9): "Fog here."}
        assert {name: values.tolist() for name, values in coded.ratings.groups.items()} == {
            "outlet": ["Courier"], "round": ["2"], "week": ["2026-W11"],
        }  # fmt: skip

    def test_csv_and_a_column_article_do_as_well(self, tmp_path):
        path = tmp_path / "labels.csv"
        path.write_bytes(
            "\ufeffarticle,start,end,label,coder\r\nhafen ⚓,0,9,fact,ann\r\nhafen ⚓,0,9,,ben\r\n".encode()
        )
        table = read_ratings(path, LABELS).ratings
        assert (table.units, table.codes.tolist()) == ([("hafen ⚓", 0, 9)], [[0, MISSING]])

    def test_judgments_made_after_a_discussion_are_no_evidence(self, tmp_path):
        path = file_of(tmp_path, row(), row("ben", "opinion"), row("ben", "fact", discussed=True))
        coded = read_ratings(path, LABELS)
        assert (coded.discussed, coded.ratings.codes.tolist()) == (1, [[0, 1]])

    def test_values_of_the_article_come_from_elsewhere_too(self, tmp_path):
        path = file_of(tmp_path, row(), row("ben"))
        coded = read_ratings(path, LABELS, groups={"harbour": {"source": "seeds"}})
        assert coded.ratings.groups["source"].tolist() == ["seeds"]

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            ({"coder": "ann", "start": 0, "end": 9, "document": "h"}, "lacks label"),
            ({"document": "h", "start": 0, "end": 9, "label": "fact"}, "missing required field `coder`"),
            (row(coder=""), "lacks coder"),
            (row(document=None), "lacks document"),
            (row(start=9), "offsets 9 to 9 cut nothing"),
            (row(start=-1), "offsets -1 to 9 cut nothing"),
            (row(start="one"), "is no judgment"),
            (row(label=["fact", "opinion"]), "has 2 labels"),
            (row(label=7), "is no judgment"),
            (row(time="yesterday"), "time 'yesterday' is no date"),
        ],
    )
    def test_a_bad_row_is_refused_with_its_line(self, tmp_path, bad, message):
        with pytest.raises(NutgrafError) as raised:
            read_ratings(file_of(tmp_path, row(), bad), LABELS)
        assert "labels.jsonl:2" in str(raised.value)
        assert message in str(raised.value)
        assert "\n" not in str(raised.value)


def test_codes_are_whole_numbers_whatever_the_order_of_rows():
    rows = [rating(coder, label, start=i * 10, end=i * 10 + 9) for i in range(5) for coder, label in
            (("ann", "fact"), ("ben", "opinion"))]  # fmt: skip
    one, other = tabulate(rows, LABELS), tabulate(reversed(rows), LABELS)
    assert np.array_equal(one.codes, other.codes)
    assert one.units == other.units
