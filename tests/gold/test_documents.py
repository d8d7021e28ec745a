import hashlib

import msgspec
import pytest

from annotate.errors import DuplicateId, FormatError, InputError, NoSuchFile
from annotate.gold import Document, read_documents, read_texts, refuse_changed
from annotate.types import Article

TEXT = "Der Fluß steigt.\r\n\u2028🌊\n"
ROW = '{"document":"a","source":"seeds","path":"seeds/a.txt","sha256":"0","characters":3,"n":1}\n'


def document(text=TEXT, name="a", **fields):
    sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return Document(name, "seeds", f"seeds/{name}.txt", sha256, len(text), 1, **fields)


def test_documents_are_read_by_id_in_the_order_of_the_file(tmp_path):
    path = tmp_path / "documents.jsonl"
    path.write_text(ROW.replace('"a"', '"b"').replace('"n":1', '"n":1,"url":"https://example.org/b"') + ROW)
    read = read_documents(path)
    assert list(read) == ["b", "a"]
    assert read["a"] == Document("a", "seeds", "seeds/a.txt", "0", 3, 1)
    assert read["b"].url == "https://example.org/b"


@pytest.mark.parametrize(
    ("row", "error", "problem"),
    [
        (ROW, DuplicateId, "'a' stands here twice"),
        (ROW.replace('"n":1', '"m":1'), FormatError, "unknown field `m`"),
        (ROW.replace(',"n":1', ""), FormatError, "missing required field `n`"),
        (ROW.replace('"n":1', '"n":"many"'), FormatError, "is no document"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_its_line(tmp_path, row, error, problem):
    path = tmp_path / "documents.jsonl"
    path.write_text(ROW + row)
    with pytest.raises(error) as caught:
        read_documents(path)
    assert caught.value.where == f"{path}:2"
    assert problem in caught.value.problem


def test_texts_are_read_unchanged_as_articles(tmp_path):
    (tmp_path / "a.txt").write_bytes(TEXT.encode("utf-8"))
    articles = read_texts(tmp_path, [document(url="https://example.org/a")])
    assert articles["a"].text == TEXT
    assert (articles["a"].id, articles["a"].url) == ("a", "https://example.org/a")
    assert articles["a"].source == str(tmp_path / "a.txt")


@pytest.mark.parametrize("text", [TEXT.replace("\r\n", "\n"), "\ufeff" + TEXT, "", TEXT + "\n"])
def test_a_text_that_changed_is_refused_by_its_documents_name(tmp_path, text):
    (tmp_path / "a.txt").write_bytes(text.encode("utf-8"))
    with pytest.raises(InputError, match=r"a\.txt: is not the text of a that was labelled"):
        read_texts(tmp_path, [document()])


def test_a_text_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(NoSuchFile, match=r"a\.txt"):
        read_texts(tmp_path, [document()])


def test_articles_are_held_against_the_table_beside_their_labels(tmp_path):
    (tmp_path / "documents.jsonl").write_bytes(msgspec.json.encode(document()) + b"\n")
    refuse_changed({"a": Article(id="a", text=TEXT), "z": Article(id="z", text="?")}, tmp_path / "labels.jsonl")
    with pytest.raises(InputError, match="mine: is not the text of a that was labelled"):
        refuse_changed({"a": Article(id="a", text=TEXT.strip(), source="mine")}, tmp_path / "labels.jsonl")


def test_without_a_table_beside_the_labels_nothing_is_known_of_their_texts(tmp_path):
    refuse_changed({"a": Article(id="a", text="Any text.")}, tmp_path / "labels.jsonl")
