import gzip
import io
import json

import pytest

from annotate.errors import InputError
from annotate.readers import read_articles
from annotate.readers.registry import READERS, extension, reader_of

HEADS = [
    (b"WARC/1.1\r\n", ".warc"),
    (b"PAR1\x15\x04", ".parquet"),
    (b"PK\x03\x04" + b"\0" * 26 + b"archive/1.warc.gz", ".wacz"),
    (b'<?xml version="1.0"?>\n<!-- a feed -->\n<rss version="2.0">', ".rss"),
    (b'<feed xmlns="http://www.w3.org/2005/Atom">', ".atom"),
    (b"<!DOCTYPE html>", ".html"),
    (b"\xef\xbb\xbf  <!-- saved --><HTML lang=en>", ".html"),
    (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC', ".html"),
    (b'{"id": 1, "text": "x"}\n', ".jsonl"),
    (b'{\n  "id": 1', ".json"),
    (b'[\n {"id": 1', ".json"),
    (b"{curly} words", ".txt"),
    (b"<3 hearts", ".txt"),
    (b"id,text\n1,x", ".txt"),
    (b"", ".txt"),
]


@pytest.mark.parametrize(("head", "name"), HEADS)
def test_a_file_without_a_telling_name_is_told_by_its_first_bytes(head, name):
    for path in ("-", "story", "story.dat", "https://gazette.example/story?format=.csv"):
        assert reader_of(path, head) is READERS[name]


def test_a_telling_name_is_believed():
    assert reader_of("page.txt", b"<!DOCTYPE html>") is READERS[".txt"]
    assert reader_of("page.HTML.GZ", b"words") is READERS[".html"]
    assert reader_of("https://gazette.example/a/export.csv?x=1#y", b"") is READERS[".csv"]


def test_the_format_that_the_user_names_is_believed_more():
    assert reader_of("page.txt", b"words", "csv") is READERS[".csv"]
    assert reader_of("-", b"words", ".HTML") is READERS[".html"]
    with pytest.raises(InputError, match="no format 'docx'; formats are txt, text, md, html"):
        reader_of("-", b"", "docx")


@pytest.mark.parametrize(
    ("path", "found"), [("a.TXT", ".txt"), ("a.b.jsonl.zst", ".jsonl"), ("a.gz", ""), ("a", ""), (".txt", "")]
)
def test_the_extension_is_seen_through_compression(path, found):
    assert extension(path) == found


def test_standard_input_is_read_by_what_it_holds(monkeypatch):
    rows = "".join(json.dumps({"id": i, "text": f"Text {i}."}) + "\n" for i in range(3)).encode()
    for raw in (rows, gzip.compress(rows)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        assert [article.id for article in read_articles(["-"])] == ["0", "1", "2"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"One sentence.")))
    (article,) = read_articles(["-"])
    assert (article.id, article.text) == ("stdin", "One sentence.")


def test_a_format_can_be_forced_on_any_source(tmp_path):
    path = tmp_path / "export.dat"
    path.write_text("nr;text\n1;Ein Satz.\n")
    (article,) = read_articles([path], form="csv", columns={"id": "nr"})
    assert (article.id, article.text) == ("1", "Ein Satz.")
