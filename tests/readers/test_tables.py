import bz2
import csv
import gzip
import io
import json
import zlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from annotate.errors import EmptyInput, EncodingError, FormatError
from annotate.files import _Counted
from annotate.readers import read_articles
from annotate.readers.delimited import read_delimited
from annotate.readers.jsonl import read_jsonl
from annotate.readers.options import Options, Source

TEXT = "The council voted.\r\n\u2028“Nobody asked us,” she said."
ROWS = [{"id": f"a{i}", "headline": f"Vote {i}", "body": f"{TEXT} {i}"} for i in range(5)]


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def table(rows, delimiter=","):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def parquet_bytes(rows):
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


class Reading:
    """Articles of one file, with what was said while reading it."""

    def __init__(self, tmp_path, name, raw, **options):
        self.path = tmp_path / name
        self.path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
        self.bad, self.notes = [], []
        self.articles = list(
            read_articles([self.path], on_bad_row=self.bad.append, on_note=self.notes.append, **options)
        )

    @property
    def ids(self):
        return [article.id for article in self.articles]


@pytest.fixture
def reading(tmp_path):
    return lambda name, raw, **options: Reading(tmp_path, name, raw, **options)


FORMATS = [
    ("a.jsonl", lines(ROWS).encode()),
    ("a.ndjson", lines(ROWS).encode("utf-8-sig")),
    ("a.jsonl", lines(ROWS).encode("utf-16")),
    ("a.json", json.dumps(ROWS).encode()),
    ("a.json", lines(ROWS).encode()),
    ("a.jsonl.gz", gzip.compress(lines(ROWS).encode())),
    ("a.csv", table(ROWS).encode()),
    ("a.csv", table(ROWS, ";").encode("utf-8-sig")),
    ("a.csv", ("sep=|\n" + table(ROWS, "|")).encode("utf-16")),
    ("a.tsv", table(ROWS, "\t").encode()),
    ("a.csv.bz2", bz2.compress(table(ROWS).encode())),
    ("a.parquet", parquet_bytes(ROWS)),
    ("a.parquet.gz", gzip.compress(parquet_bytes(ROWS))),
]


@pytest.mark.parametrize(("name", "raw"), FORMATS)
def test_every_format_gives_the_same_articles(reading, name, raw):
    found = reading(name, raw)
    assert [(a.id, a.title, a.text) for a in found.articles] == [(r["id"], r["headline"], r["body"]) for r in ROWS]
    assert found.bad == []


def test_the_columns_taken_are_told(reading):
    found = reading("a.csv", table(ROWS))
    assert found.notes == [
        f"{found.path}: text from 'body', id from 'id', title from 'headline'; other columns are kept as metadata"
    ]


def test_columns_can_be_named(reading):
    row = {"body": "not this", "note": "but this", "nr": 7, "text": "nor this"}
    (article,) = reading("a.jsonl", lines([row]), columns={"text": "note", "id": "nr"}).articles
    assert (article.id, article.text) == ("7", "but this")
    assert article.metadata == {"body": "not this", "text": "nor this"}


def test_a_column_that_is_not_there_is_an_error_with_those_that_are(reading):
    with pytest.raises(FormatError, match=r"no column 'story'.*--column text=NAME; columns are 'id', 'headline'"):
        reading("a.csv", table(ROWS), columns={"text": "story"})


def test_a_field_that_articles_do_not_have_is_an_error(reading):
    with pytest.raises(FormatError, match="no field 'colour'; fields are text, html, id"):
        reading("a.csv", table(ROWS), columns={"colour": "body"})


def test_a_table_without_text_is_an_error(reading):
    with pytest.raises(FormatError, match=r"no column seems to hold the text.*'a', 'b'"):
        reading("a.csv", "a,b\n1,2\n3,4\n")


def test_a_column_of_unknown_name_but_long_text_is_taken(reading):
    assert reading("a.jsonl", lines([{"x": "1", "inhalt": "Wort " * 50}])).articles[0].text == "Wort " * 50


def test_what_exports_call_things_is_known(reading):
    row = {
        "stories_id": 12,
        "publish_date": "2020-03-01 10:00:00",
        "media_name": "Gazette",
        "url": "https://gazette.example/1",
        "language": "en",
        "authors": ["A. Berg", "C. Dahl"],
        "Story-Text": "Text.",
        "words": {"n": 1},
        "nothing": None,
    }
    (article,) = reading("a.jsonl", lines([row])).articles
    assert (article.id, article.published, article.outlet) == ("12", "2020-03-01 10:00:00", "Gazette")
    assert (article.byline, article.language, article.url) == ("A. Berg; C. Dahl", "en", "https://gazette.example/1")
    assert article.metadata == {"words": '{"n":1}'}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2020-03-01", "2020-03-01"),
        ("2020-03-01T10:00:00Z", "2020-03-01T10:00:00Z"),
        ("20200301", "2020-03-01"),
        ("March 1, 2020 Sunday", "2020-03-01"),
        ("Sunday, March 1, 2020", "2020-03-01"),
        ("1 March 2020", "2020-03-01"),
        ("Sun, 01 Mar 2020 10:00:00 GMT", "2020-03-01T10:00:00+00:00"),
        ("01/03/2020", None),
        ("yesterday", None),
        ("99999999999999", None),
    ],
)
def test_a_date_is_read_where_there_is_no_doubt_and_else_kept_as_written(reading, written, read):
    (article,) = reading("a.jsonl", lines([{"text": "x", "date": written}])).articles
    assert article.published == read
    assert article.metadata == ({} if read else {"date": written})


def test_without_id_the_address_or_the_line_names_an_article(reading):
    rows = [{"text": "x", "url": "https://gazette.example/1"}, {"text": "y", "url": ""}]
    assert reading("news.jsonl", lines(rows)).ids == ["https://gazette.example/1", "news-2"]


def test_a_page_in_a_row_is_read_as_a_page(reading):
    row = {"id": "p", "title": "Mine", "raw_html": "<p>One.</p><p>Two.</p>"}
    (article,) = reading("a.jsonl", lines([row])).articles
    assert (article.text, article.title, len(article.blocks)) == ("One.\n\nTwo.\n", "Mine", 2)


BAD_LINES = ["{", "[1]", '{"body": "cut', '{"body": 3, "id": "n"}', '{"id": "no text"}', '{"body": "\\ud800"}', "\x00"]


@pytest.mark.parametrize("bad", BAD_LINES)
@pytest.mark.parametrize("place", [1, 3, 6])
def test_a_bad_line_is_reported_with_its_number_and_the_rest_is_kept(reading, bad, place):
    rows = lines(ROWS).splitlines(keepends=True) if place == 0 else lines(ROWS).split("\n")[:-1]
    rows.insert(place - 1, bad)
    found = reading("a.jsonl", "\n".join(rows))
    assert found.ids == [row["id"] for row in ROWS]
    assert len(found.bad) == 1
    assert found.bad[0].startswith(f"{found.path}:{place}: ")


def test_a_bad_line_stops_when_strict(reading):
    with pytest.raises(FormatError, match=r"a\.jsonl:2: is no JSON object"):
        reading("a.jsonl", lines(ROWS[:1]) + "{\n" + lines(ROWS[1:]), strict=True)


def test_a_line_in_another_encoding_is_reported_with_a_guess(reading):
    raw = lines(ROWS[:1]).encode() + '{"body": "café au lait"}\n'.encode("cp1252") + lines(ROWS[1:]).encode()
    found = reading("a.jsonl", raw)
    assert len(found.ids) == 5
    assert "looks like cp1252" in found.bad[0]
    forced = reading("a.jsonl", '{"body": "café au lait"}\n'.encode("cp1252"), encoding="cp1252")
    assert forced.articles[0].text == "café au lait"


def test_a_line_longer_than_any_article_is_reported_and_the_rest_is_kept(reading, monkeypatch):
    monkeypatch.setattr("annotate.readers.jsonl.MAX_LINE", 200)
    found = reading("a.jsonl", lines(ROWS[:1]) + '{"body": "' + "x" * 3_000_000 + '"}\n' + lines(ROWS[1:]))
    assert len(found.ids) == 5
    assert "a.jsonl:2: is longer than" in found.bad[0]


def test_a_cut_off_file_gives_what_stands_before_the_cut(reading):
    rows = [{"id": str(i), "body": "".join(chr(33 + (i * j) % 90) for j in range(200))} for i in range(2000)]
    raw = gzip.compress(lines(rows).encode())
    cut = raw[: len(raw) // 2]
    whole_lines = zlib.decompressobj(31).decompress(cut).count(b"\n")
    found = reading("a.jsonl.gz", cut)
    assert found.ids == [str(i) for i in range(whole_lines)] != []
    assert len(found.bad) == 1
    assert "cut off" in found.bad[0]
    assert f":{len(found.ids) + 1}: " in found.bad[0]


def test_if_no_row_is_good_the_file_is_an_error(reading):
    with pytest.raises(FormatError, match="none of its 2 rows"):
        reading("a.jsonl", "{\n[]\n")


@pytest.mark.parametrize(
    ("name", "raw"), [("a.jsonl", "\n \n"), ("a.json", "[]"), ("a.csv", "id,body\n"), ("a.csv", "")]
)
def test_a_table_without_rows_is_empty(reading, name, raw):
    with pytest.raises(EmptyInput, match="no rows"):
        reading(name, raw)


BAD_ROWS = {
    "too few cells": "x\n",
    "too many cells": "x,y,z,1\n",
    "an inner quote": 'x,y,"He said "no" to it"\n',
    "a quote that is never closed": 'x,y,"He said\n',
    "a quote alone": '"\n',
}


@pytest.mark.parametrize("bad", BAD_ROWS.values(), ids=BAD_ROWS)
@pytest.mark.parametrize("place", [1, 3, 5])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_bad_row_takes_none_of_its_neighbours_with_it(reading, bad, place, quoting):
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting, lineterminator="\n")
    writer.writerow(["id", "title", "body"])
    for i in range(4):
        writer.writerow([f"a{i}", "A title, with comma", f"A text of row {i}."])
    rows = out.getvalue().splitlines(keepends=True)
    rows.insert(place, bad)
    found = reading("a.csv", "".join(rows))
    assert found.ids == ["a0", "a1", "a2", "a3"]
    assert found.bad[0].startswith(f"{found.path}:{place + 1}: ")
    assert len(found.bad) == 1


def test_cells_over_several_lines_are_one_row_and_lines_are_counted(reading):
    found = reading("a.csv", table(ROWS[:2]) + "broken\n" + table(ROWS[2:]).split("\n", 1)[1])
    assert [article.text for article in found.articles] == [row["body"] for row in ROWS]
    assert found.bad[0].startswith(f"{found.path}:6: ")


def test_a_quote_that_is_never_closed_costs_its_own_row_only_however_much_follows(reading, monkeypatch):
    monkeypatch.setattr("annotate.readers.delimited.MAX_RECORD", 1000)
    rows = "".join(f"b{i},A text of row {i}.\n" for i in range(500))
    found = reading("a.csv", 'id,body\nx,"never closed\n' + rows)
    assert found.ids == [f"b{i}" for i in range(500)]
    assert found.bad == [f"{found.path}:2: has a quote that is never closed; mend its quotes or leave it out"]


def test_a_row_longer_than_any_article_is_reported_and_the_rest_is_kept(reading, monkeypatch):
    monkeypatch.setattr("annotate.readers.delimited.MAX_RECORD", 1000)
    found = reading("a.csv", "id,body\n1,one\n2," + "x" * 3_000_000 + "\n3,three\n")
    assert found.ids == ["1", "3"]
    assert "a.csv:3: is longer than" in found.bad[0]


def test_a_table_that_begins_in_another_encoding_is_refused_with_a_guess(reading):
    raw = table([{"id": "1", "body": "café au lait"}]).encode("cp1252")
    with pytest.raises(EncodingError, match="--encoding cp1252"):
        reading("a.csv", raw)
    assert reading("a.csv", raw, encoding="cp1252").articles[0].text == "café au lait"


def test_a_row_in_another_encoding_far_down_is_reported(reading):
    good = "".join(f"{i},{'x' * 90}\n" for i in range(3000))
    found = reading("a.csv", f"id,body\n{good}".encode() + "o,café\n".encode("cp1252") + b"last,row\n")
    assert found.ids[-1] == "last"
    assert len(found.ids) == 3001
    assert "a.csv:3002: " in found.bad[0]
    assert "looks like cp1252" in found.bad[0]


def test_columns_without_name_or_with_anothers_are_kept_apart(reading):
    (article,) = reading("a.csv", "id,body,,note,note\n1,text,a,b,c\n").articles
    assert article.metadata == {"3": "a", "note": "b", "note 5": "c"}


@pytest.mark.parametrize(
    ("name", "raw"), [("a.csv", table(ROWS)), ("a.jsonl", lines(ROWS)), ("a.json", json.dumps(ROWS))]
)
def test_a_byte_order_mark_is_no_part_of_a_table_also_if_utf8_is_forced(reading, name, raw):
    assert reading(name, raw.encode("utf-8-sig"), encoding="UTF-8").ids == [row["id"] for row in ROWS]


def test_a_damaged_parquet_table_is_an_error(reading):
    raw = parquet_bytes(ROWS)
    with pytest.raises(FormatError, match=r"a\.parquet"):
        reading("a.parquet", raw[:-9])


def test_an_unknown_encoding_is_named(reading):
    for name, raw in (("a.csv", table(ROWS)), ("a.jsonl", lines(ROWS)), ("a.json", json.dumps(ROWS))):
        with pytest.raises(EncodingError, match="klingon"):
            reading(name, raw, encoding="klingon")


def read_from(reader, raw):
    bad = []
    stream = io.BufferedReader(_Counted(io.BytesIO(raw)))
    return [a.text for a in reader(stream, Source("x.csv"), Options(on_bad_row=bad.append))], bad


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1).filter(str.strip)


@given(st.lists(cells, min_size=1, max_size=5))
def test_any_text_survives_jsonl(texts):
    raw = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    assert read_from(read_jsonl, raw) == (texts, [])


@given(st.lists(cells, min_size=1, max_size=5))
def test_any_text_survives_csv(texts):
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["n", "text"], *([i, text] for i, text in enumerate(texts))])
    assert read_from(read_delimited, out.getvalue().encode()) == (texts, [])


@given(st.lists(st.sampled_from(['1,"a"', "2,b", '3,"c', 'd"', '"', ",", "4,e,f", '"g\nh",i', ""]), max_size=8))
def test_however_a_table_is_broken_its_last_good_row_is_read(broken):
    raw = "\n".join(["id,text", *broken, "", *("x,good row",) * 3]) + "\n"
    texts, bad = read_from(read_delimited, raw.encode())
    assert texts[-2:] == ["good row"] * 2
    assert len(bad) <= len(broken) + 1
