from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import EmptyInput, EncodingError, FormatError, InputError, NoSuchFile
from annotate.tables import escape, read_table, unescape, write_table
from annotate.types import Prediction, Sentence

COLUMNS = ("article", "index", "text")
# A decoded text holds no half surrogates; a CSV cell can't tell "" from nothing.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".parquet"])
def test_rows_come_back_as_they_went(tmp_path_factory, extension):
    @given(st.lists(TEXT, min_size=1, max_size=5))
    def check(texts):
        path = tmp_path_factory.mktemp("tables") / f"rows{extension}"
        assert write_table(
            path, [{"article": "a", "index": i, "text": t} for i, t in enumerate(texts)], COLUMNS
        ) == len(texts)
        rows = [row for _, row in read_table(path)]
        assert [row["text"] for row in rows] == texts
        assert [int(row["index"]) for row in rows] == list(range(len(texts)))

    check()


def test_lines_end_with_a_line_feed_and_nothing_else(tmp_path):
    text = "one\u2028two\x85three\u2029four"
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{{"text":"{text}"}}\n', encoding="utf-8")
    assert [row["text"] for _, row in read_table(path)] == [text]


@given(TEXT)
def test_no_cell_is_a_formula_and_escaping_can_be_undone(cell):
    assert unescape(escape(cell)) == cell
    assert escape(cell)[0] not in "=+-@\t\r"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "''@x"])
def test_what_looks_like_a_formula_gets_an_apostrophe(cell):
    assert escape(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["plain", "'tis the season", "1+1", "a=b", "’=x"])
def test_what_does_not_is_left_alone(cell):
    assert escape(cell) == cell


def test_spreadsheets_see_the_encoding_and_one_column_a_label(tmp_path):
    path = tmp_path / "rows.csv"
    prediction = Prediction("a", 0, 0, 0, 2, "É.", "yes", {"yes": 0.75, "no": 0.25}, "m")
    write_table(path, [prediction], ("text", "label", "probabilities"))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["text", "label", "probabilities.yes", "probabilities.no"],
            ["É.", "yes", "0.75", "0.25"],
        ]


def test_an_empty_table_has_its_header(tmp_path):
    write_table(tmp_path / "rows.csv", [], COLUMNS)
    assert (tmp_path / "rows.csv").read_text("utf-8-sig") == "article,index,text\n"


def test_structs_are_written_by_their_names(tmp_path):
    write_table(tmp_path / "rows.jsonl", [Sentence("a", 0, 0, 0, 3, "Hi.")], COLUMNS)
    assert (tmp_path / "rows.jsonl").read_text() == (
        '{"article":"a","index":0,"paragraph":0,"start":0,"end":3,"text":"Hi."}\n'
    )


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("rows.jsonl", b'{"a": 1}\n[1]\n', FormatError, r"rows\.jsonl:2: is no JSON object"),
        ("rows.jsonl", b'{"a": 1}\n{"a"\n', FormatError, r"rows\.jsonl:2"),
        ("rows.jsonl", b'{"a": "\xff"}\n', FormatError, r"rows\.jsonl:1"),
        ("rows.jsonl", b'{"a": 1}\n{"a": "\0"}\n', FormatError, r"rows\.jsonl:2: .*NUL bytes.*save it as UTF-8"),
        (
            "rows.jsonl",
            '{"a": 1}'.encode("utf-16-le"),
            FormatError,
            r"rows\.jsonl:1: .*like utf-16-le.*save it as UTF-8",
        ),
        ("rows.jsonl", '{"a": 1}'.encode("utf-16")[:-1], EncodingError, r"rows\.jsonl: is not utf-16"),
        (
            "rows.csv",
            "a,b\n1,2".encode("utf-16")[:-1],
            EncodingError,
            r"rows\.csv: is not utf-16; save it as CSV UTF-8",
        ),
        ("rows.csv", b"a,b\n1\n", FormatError, r"rows\.csv:2: has more or fewer cells"),
        ("rows.csv", b"a,b\n1,2,3\n", FormatError, r"rows\.csv:2: has more or fewer cells"),
        ("rows.csv", b'a,b\n1,"2\n', FormatError, r"rows\.csv:\d: is no row"),
        ("rows.csv", b"a,b\n1,\xe9\n", EncodingError, "is not UTF-8"),
        ("rows.csv", b"a,b\n" + b"1,2\n" * 9 + b"1,\xe9\n", EncodingError, r"rows\.csv:11: is not UTF-8"),
        ("rows.csv", b"a,b,a\n1,2,3\n", FormatError, r"rows\.csv:1: has several columns 'a'"),
        ("rows.jsonl", b'{"a":' + b"[" * 100_000, FormatError, r"rows\.jsonl:1: is no JSON object"),
        ("rows.jsonl", b'{"a": "\\ud800"}', FormatError, r"rows\.jsonl:1: is no JSON object"),
        ("rows.parquet", b"PAR1 no", FormatError, "no Parquet table"),
        ("rows.jsonl", b"", EmptyInput, "rows"),
        ("rows.csv", b"a,b\n", EmptyInput, "no rows"),
        ("rows.xls", b"x", InputError, r"no format for \.xls; use \.jsonl, \.csv, \.xlsx, \.parquet"),
        ("rows", b"x", InputError, "a name without extension"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(tmp_path, name, content, error, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=message):
        list(read_table(tmp_path / name))


def test_no_such_file(tmp_path):
    with pytest.raises(NoSuchFile):
        list(read_table(tmp_path / "rows.jsonl"))


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(tmp_path, codec):
    for name, text in {"rows.csv": "a,b\n1,É\u2028漢\n", "rows.jsonl": '{"a":"1","b":"É\u2028漢"}\n'}.items():
        (tmp_path / name).write_bytes(text.encode(codec))
        assert [row for _, row in read_table(tmp_path / name)] == [{"a": "1", "b": "É\u2028漢"}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_may_separate_cells_by_what_its_country_likes(tmp_path, delimiter):
    (tmp_path / "rows.csv").write_text(f'a{delimiter}b\n1{delimiter}"x,y;z\t"\n', encoding="utf-8")
    assert list(read_table(tmp_path / "rows.csv")) == [(f"{tmp_path / 'rows.csv'}:2", {"a": "1", "b": "x,y;z\t"})]


def test_a_cell_may_be_longer_than_the_csv_module_likes(tmp_path):
    csv.field_size_limit(131_072)
    (tmp_path / "rows.csv").write_text(f"a\n{'x' * 200_000}\n", encoding="utf-8")
    assert len(next(read_table(tmp_path / "rows.csv"))[1]["a"]) == 200_000


def test_a_damaged_page_of_parquet_is_refused(tmp_path):
    path = tmp_path / "rows.parquet"
    write_table(path, [{"a": f"{i} is {i * i}"} for i in range(2000)], ["a"])
    content = bytearray(path.read_bytes())
    content[100:600] = b"\xff" * 500
    path.write_bytes(content)
    with pytest.raises(FormatError, match="is no Parquet table"):
        list(read_table(path))
