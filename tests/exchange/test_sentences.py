from __future__ import annotations

import pytest

from annotate.errors import DuplicateId, FormatError
from annotate.exchange.sentences import COLUMNS, read_sentences
from annotate.tables import write_table

TEXT = "Fog closed the port. Nobody was hurt.\n\nRead more here\n"


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "fog.txt"
    path.write_text(TEXT)
    return path


def test_articles_are_split(article):
    assert [s.text for s in read_sentences([article])] == ["Fog closed the port.", "Nobody was hurt.", "Read more here"]


@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".parquet"])
def test_sentences_split_before_are_taken_as_they_stand(article, tmp_path, extension):
    sentences = list(read_sentences([article]))
    write_table(tmp_path / f"s{extension}", sentences, COLUMNS)
    assert list(read_sentences([tmp_path / f"s{extension}"])) == sentences


def test_articles_and_sentences_come_in_the_order_given(article, tmp_path):
    (tmp_path / "sun.txt").write_text("The sun shone.")
    write_table(tmp_path / "s.jsonl", read_sentences([article]), COLUMNS)
    found = read_sentences([tmp_path / "sun.txt", tmp_path / "s.jsonl"])
    assert [s.article for s in found] == ["sun", "fog", "fog", "fog"]


WHOLE = {"article": "fog", "index": 0, "start": 0, "end": 20, "text": "Fog closed the port."}


@pytest.mark.parametrize("lacking", ["article", "index", "start", "end", "text"])
@pytest.mark.parametrize("extension", [".jsonl", ".csv"])
def test_a_sentence_that_lacks_a_value_is_no_article(tmp_path, lacking, extension):
    bad = {name: value for name, value in WHOLE.items() if name != lacking}
    path = tmp_path / f"s{extension}"
    for place, rows in ((1, [bad, WHOLE]), (2, [WHOLE, bad]), (1, [bad])):
        write_table(path, rows, tuple(WHOLE), force=True)
        line = place + (extension == ".csv")
        with pytest.raises(FormatError, match=rf"s{extension}:{line}: lacks {lacking}"):
            list(read_sentences([path]))


def test_articles_with_a_column_of_the_same_name_stay_articles(tmp_path):
    path = tmp_path / "articles.jsonl"
    write_table(path, [{"id": "fog", "text": TEXT, "index": 3, "article": "Fog"}], ("id", "text", "index", "article"))
    assert next(s.text for s in read_sentences([path])) == "Fog closed the port."


def test_offsets_that_do_not_fit_are_refused(article, tmp_path):
    write_table(tmp_path / "s.jsonl", [{"article": "a", "index": 0, "start": 0, "end": 9, "text": "Short."}], COLUMNS)
    with pytest.raises(FormatError, match=r"s\.jsonl:1: offsets 0 to 9 do not fit a text of 6 characters"):
        list(read_sentences([tmp_path / "s.jsonl"]))


def test_sentences_out_of_page_order_are_refused(article, tmp_path):
    first, second, third = read_sentences([article])
    for rows in ([second, first, third], [first, first, second], [first, third, second]):
        write_table(tmp_path / "s.jsonl", rows, COLUMNS, force=True)
        with pytest.raises(DuplicateId, match=r"s\.jsonl:\d: the sentence at \d+ does not stand behind the one at \d+"):
            list(read_sentences([tmp_path / "s.jsonl"]))


def test_a_table_of_articles_in_an_old_encoding_is_left_to_its_reader(tmp_path):
    (tmp_path / "stories.csv").write_bytes('id,text\nfog,"Der Hafen schläft."\n'.encode("utf-16"))
    assert [s.text for s in read_sentences([tmp_path / "stories.csv"])] == ["Der Hafen schläft."]
