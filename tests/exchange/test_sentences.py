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
