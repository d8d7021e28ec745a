import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.codebook import read_codebook
from annotate.errors import CodebookError, DuplicateId, FormatError, InputError, NoSuchFile
from annotate.gold import labelled_sentences, read_gold
from annotate.sentences import split
from annotate.types import Article, Gold

ROW = '{"document":"a","start":0,"end":9,"label":"factual_claim","coder":"x"}\n'
TEXT = (
    "The ferry stopped at noon.\n\n“We are sorry. It will sail on Friday,” the minister said. Nobody believed her.\n\n"
    "Share this story\u2028Follow us 🛳\n"
)


def file(tmp_path, content, name="labels.jsonl"):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def gold(start, end, label="factual_claim", document="a", coder="x"):
    return Gold(document, start, end, label, coder)


def test_labels_are_read_in_the_order_of_the_file(tmp_path):
    path = file(tmp_path, ROW.replace('"a"', '"b"') + "\n" + ROW + ROW.replace('"x"', '"y"'))
    assert read_gold(path) == [gold(0, 9, document="b"), gold(0, 9), gold(0, 9, coder="y")]


def test_labels_are_read_from_a_spreadsheet_too(tmp_path):
    path = file(tmp_path, "document,start,end,label,coder\na,0,9,skip,x\n", "labels.csv")
    assert read_gold(path) == [gold(0, 9, "skip")]


def test_labels_of_ones_own_codebook_are_read_with_it(tmp_path):
    toml = 'name = "n"\nversion = "1"\n[[label]]\nkey = "yes"\nname = "Yes"\n[[label]]\nkey = "no"\nname = "No"\n'
    codebook = read_codebook(file(tmp_path, toml, "codebook.toml"))
    path = file(tmp_path, ROW.replace("factual_claim", "yes"))
    assert read_gold(path, codebook=codebook) == [gold(0, 9, "yes")]
    with pytest.raises(CodebookError, match="'yes' is not in the codebook"):
        read_gold(path)


@pytest.mark.parametrize(
    ("row", "error", "problem"),
    [
        (
            ROW.replace("factual_claim", "fact"),
            CodebookError,
            "label 'fact' is not in the codebook; use editorial_framing",
        ),
        (ROW.replace("factual_claim", ""), CodebookError, "label '' is not"),
        (ROW.replace("0,", "-1,"), FormatError, "offsets -1 to 9 cut nothing"),
        (ROW.replace("0,", "9,"), FormatError, "offsets 9 to 9 cut nothing"),
        (ROW.replace("9,", "101,"), FormatError, "offsets 0 to 101 reach beyond a, which has 100 characters"),
        (ROW.replace('"end":9,', ""), FormatError, "missing required field `end`"),
        (ROW.replace("9,", '"nine",'), FormatError, "is no stand-off label"),
        (ROW.replace("9,", "null,"), FormatError, "is no stand-off label"),
        ("[1]\n", FormatError, "is no JSON object"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_line(tmp_path, row, error, problem):
    path = file(tmp_path, ROW.replace("0,", "20,").replace("9,", "30,") + row)
    with pytest.raises(error) as caught:
        read_gold(path, lengths={"a": 100})
    assert caught.value.where == f"{path}:2"
    assert problem in str(caught.value)


def test_offsets_up_to_the_texts_end_are_within_it(tmp_path):
    path = file(tmp_path, ROW)
    assert read_gold(path, lengths={"a": 9}) == [gold(0, 9)]
    assert read_gold(path, lengths={"another": 1}) == [gold(0, 9)]


def test_a_stretch_that_a_coder_labelled_twice_is_refused_with_both_lines(tmp_path):
    path = file(tmp_path, ROW + ROW.replace('"x"', '"y"') + ROW.replace("factual_claim", "skip"))
    with pytest.raises(DuplicateId) as caught:
        read_gold(path)
    assert (caught.value.where, f"first in {path}:1" in caught.value.problem) == (f"{path}:3", True)


def test_stretches_of_one_coder_that_overlap_are_refused_with_both_lines(tmp_path):
    path = file(tmp_path, ROW.replace("0,", "8,").replace("9,", "12,") + ROW)
    with pytest.raises(
        FormatError, match=r"labels.jsonl:1: offsets 8 to 12 of a overlap with those of .*labels.jsonl:2"
    ):
        read_gold(path)


def test_every_sentence_of_an_article_keeps_its_place_with_or_without_a_label():
    article = Article(id="a", text=TEXT)
    sentences = split(article)
    labelled = [gold(s.start, s.end, "quoted_official") for s in sentences[1:3]]
    assert labelled_sentences(labelled, {"a": article}) == (
        sentences,
        [None, "quoted_official", "quoted_official"] + [None] * (len(sentences) - 3),
    )


def test_a_skipped_unit_is_there_without_a_label():
    article = Article(id="a", text=TEXT)
    sentences, labels = labelled_sentences([gold(0, 26, "skip"), gold(28, 41)], {"a": article})
    assert sentences[0].text == "The ferry stopped at noon."
    assert labels[:2] == [None, "factual_claim"]


def test_units_are_as_the_coder_saw_them_and_know_paragraph_and_quotation():
    article = Article(id="a", text=TEXT)
    whole = TEXT.index("“"), TEXT.index(" Nobody")
    sentences, labels = labelled_sentences([gold(*whole, "quoted_official")], {"a": article})
    unit = sentences[1]
    assert unit.text == "“We are sorry. It will sail on Friday,” the minister said."
    assert (unit.paragraph, unit.quote, labels[1]) == (1, 0, "quoted_official")
    assert [s.text for s in sentences[2:]] == ["Nobody believed her.", "Share this story", "Follow us 🛳"]
    assert [s.paragraph for s in sentences] == [0, 1, 1, 2, 3]


@given(st.data())
def test_whatever_is_labelled_comes_back_in_page_order_and_cut_exactly(data):
    text = data.draw(
        st.lists(st.sampled_from(["Yes. ", "“No!” ", "a\n", "U.S. ", "🙂 ", "\u2028", " ", "Mr. B said: "]))
    )
    text = "".join(text)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    spans = [(a, b) for a, b in itertools.pairwise(cuts) if text[a:b].strip()]
    spans = [span for span in spans if data.draw(st.booleans())]
    article = Article(id="a", text=text)
    sentences, labels = labelled_sentences([gold(a, b) for a, b in reversed(spans)], {"a": article})
    assert [(s.start, s.end) for s, label in zip(sentences, labels, strict=True) if label is not None] == spans
    assert all(article.text[s.start : s.end] == s.text for s in sentences)
    assert all(one.end <= other.start for one, other in itertools.pairwise(sentences))
    assert all(one.paragraph <= other.paragraph for one, other in itertools.pairwise(sentences))
    if spans:
        assert [s.index for s in sentences] == list(range(len(sentences)))
        unlabelled = [(s.start, s.end) for s, label in zip(sentences, labels, strict=True) if label is None]
        assert set(unlabelled) == {
            (s.start, s.end) for s in split(article) if not any(a < s.end and s.start < b for a, b in spans)
        }


def test_articles_come_in_the_order_in_which_the_labels_name_them():
    articles = {name: Article(id=name, text="One. Two.") for name in ("a", "b")}
    rows = [gold(5, 9, document="b"), gold(0, 4, document="a"), gold(0, 4, document="b")]
    sentences, _ = labelled_sentences(rows, articles)
    assert [(s.article, s.index) for s in sentences] == [("b", 0), ("b", 1), ("a", 0), ("a", 1)]


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([gold(0, 4, document="z")], NoSuchFile, "z: labels without their text"),
        ([gold(0, 4), gold(5, 9, coder="y")], InputError, "labels of x, y; choose one coder"),
        ([gold(5, 10)], FormatError, "a 5 to 10: offsets 5 to 10 reach beyond a, which has 9 characters"),
        ([gold(4, 5)], FormatError, "a 4 to 5: cuts nothing but white space"),
        ([gold(0, 5), gold(4, 9)], FormatError, "a 4 to 9: overlaps with the label before it"),
    ],
)
def test_labels_that_do_not_fit_their_articles_are_refused(rows, error, message):
    with pytest.raises(error) as caught:
        labelled_sentences(rows, {"a": Article(id="a", text="One. Two.")})
    assert message in str(caught.value)
