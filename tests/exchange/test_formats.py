"""Every format gives back what it was given, or says what it can't hold."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import ISSUES, TONE, asking

from annotate.errors import CodebookError, InputError, OffsetMismatch
from annotate.exchange.annotation import Annotation
from annotate.exchange.annotations import read_annotations
from annotate.exchange.formats import FORMATS, Job, guess, write
from annotate.types import Sentence, Value, Variable

# A scale whose keys are numbers, which tables like to take for something else.
SHARE = Variable("share", "share", tuple(Value(key, key) for key in ("0", "1", "10", "1e3")), scale="ordinal")
BOOK = asking(TONE, ISSUES, SHARE)
HOSTILE = (
    *("\x00", "\ud800", "\u2028", "\u2029", "\r\n", "\r", "\n", "\t", "\x1f", "\x7f\x85", "\ufffe", "\uffff", "\ufeff"),
    *(
        "_x000D_",
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "'=1",
        "''",
        "|",
        '"',
        ",",
        ";",
        " ",
        "<&>",
        "0",
        "1e9",
        "TRUE",
        "null",
    ),
    *("skip", "שלום", "\u202e", "👩\u200d👧", "e\u0301", "😀", "a/b\\c", "..", "x" * 500),
)
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=3), min_size=1, max_size=4).map("".join).filter(bool)
NAMES = TEXTS.filter(lambda text: text.strip() == text)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "unsure": st.booleans(),
        "note": TEXTS,
        "time": st.datetimes(min_value=datetime(1990, 1, 1)).map(lambda time: time.isoformat() + "+00:00"),
        "round": TEXTS,
        "codebook": st.just("ab" * 32),
    },
)


@st.composite
def answers(draw, label):
    """Answers to what is asked after a label: a key, or any number of keys; none where it may be passed over."""
    given = {}
    for variable in BOOK.asked(label):
        if variable.required or draw(st.booleans()):
            chosen = draw(
                st.sets(st.sampled_from(variable.keys)) if variable.multiple else st.sampled_from(variable.keys)
            )
            given[variable.key] = [key for key in variable.keys if key in chosen] if variable.multiple else chosen
    return given


@st.composite
def judged(draw):
    """One article and what one coder, or a model, says of its sentences."""
    name, coder = draw(NAMES), draw(NAMES)
    parts = draw(st.lists(TEXTS, min_size=1, max_size=3))
    text, annotations = "", []
    for index, part in enumerate(parts):
        text += draw(st.sampled_from(("", " ", "😀")))
        sentence = Sentence(name, index, 0, len(text), len(text) + len(part), part)
        text += part
        kind = draw(st.sampled_from(("open", "label", "skip", "model")))
        more = draw(SAID) if kind in {"label", "skip"} else {}
        if kind == "label":
            label = draw(st.sampled_from(BOOK.keys))
            annotations.append(Annotation(sentence, label, coder, variables=draw(answers(label)), **more))
        elif kind == "skip":
            annotations.append(Annotation(sentence, coder=coder, skipped=True, **more))
        elif kind == "model":
            shares = dict.fromkeys(BOOK.keys, 0.125) | {BOOK.keys[0]: 0.625}
            annotations.append(Annotation(sentence, predicted=BOOK.keys[0], probabilities=shares, model="linear 0ab"))
        else:
            annotations.append(Annotation(sentence))
    return text, annotations


def path_of(folder, form):
    return str(folder / f"out{FORMATS[form].suffix or ''}")


def there_and_back(folder, form, text, annotations):
    """Return the annotations as they come back, or the refusal to write them."""
    path = path_of(folder, form)
    shutil.rmtree(path, ignore_errors=True)
    try:
        write(form, Job(path, annotations, BOOK, {annotations[0].sentence.article: text}, force=True))
    except InputError as refusal:
        return str(refusal)
    back = [one for _, one in read_annotations(path, form, BOOK)]
    return sorted(back, key=lambda one: one.sentence.start)


def can_not_be_held(form, annotations):
    """Return what of the annotations a format can't hold."""
    texts = [text for one in annotations for text in (one.sentence.article, one.sentence.text)]
    texts += [str(text) for one in annotations for text in (one.coder, one.note, one.round)]
    if any("\ud800" in text for text in texts):
        return "half a character"
    if form == "excel" and any(set("\ufffe\uffff") & set(text) for text in texts):
        return "can't hold the character"
    if form == "label-studio-spans" and any(one.skipped for one in annotations):
        return "no skipped sentence"
    return None


HOSTILE_CASES = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.parametrize("form", FORMATS)
@HOSTILE_CASES
@given(case=judged())
def test_what_goes_out_comes_back_or_is_refused_with_the_reason(tmp_path, form, case):
    text, annotations = case
    back = there_and_back(tmp_path, form, text, annotations)
    unholdable = can_not_be_held(form, annotations)
    if unholdable is not None:
        assert unholdable in back
    elif form == "label-studio-spans":
        assert back == [one for one in annotations if one.label or one.predicted]
    else:
        assert back == annotations


def plain(text="Roads flood again.", label="factual_claim", coder="ana", **more):
    return Annotation(Sentence("a", 0, 0, 0, len(text), text), label, coder, **more)


ANSWERS = (
    {"tone": "sharp", "issues": ["roads", "money"], "share": "10"},
    {"tone": "mild", "issues": ["schools"], "share": "0"},
    {"tone": "plain", "issues": [], "share": "1e3"},
    {"tone": "plain", "share": "1"},
)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("given", ANSWERS, ids=["several", "one of several", "none of several", "passed over"])
def test_answers_to_variables_come_back(tmp_path, form, given):
    one = plain(variables=given)
    assert there_and_back(tmp_path, form, one.sentence.text, [one]) == [one]


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "label-studio-spans"])
def test_the_format_is_seen_from_what_is_there(tmp_path, form):
    there_and_back(tmp_path, form, plain().sentence.text, [plain()])
    assert guess(path_of(tmp_path, form)) == form


@pytest.mark.parametrize(
    "form", ["label-studio", "prodigy", "datasets", "inception", "csv", "excel", "parquet", "jsonl"]
)
def test_several_coders_of_a_sentence_come_back_each(tmp_path, form):
    several = [plain(coder="ana"), plain(label="quoted_official", coder="ben")]
    assert there_and_back(tmp_path, form, plain().sentence.text, several) == several


def test_doccano_would_take_several_coders_for_several_units(tmp_path):
    said = there_and_back(tmp_path, "doccano", "", [plain(coder="ana"), plain(coder="ben")])
    assert "one label a sentence, and this one was judged by ana, ben" in said
    assert not (tmp_path / "out").exists()


def test_offsets_of_label_studio_count_utf_16(tmp_path):
    text = "😀😀 Roads flood."
    one = Annotation(Sentence("a", 0, 0, 3, len(text), text[3:]), "factual_claim", "ana")
    assert there_and_back(tmp_path, "label-studio-spans", text, [one]) == [one]
    (task,) = json.loads(Path(path_of(tmp_path, "label-studio-spans")).read_text())
    assert task["annotations"][0]["result"][0]["value"]["start"] == 5


def test_a_workbook_holds_no_formula(tmp_path):
    there_and_back(tmp_path, "excel", "", [plain("=HYPERLINK(1)", note="@SUM(A1)")])
    with zipfile.ZipFile(path_of(tmp_path, "excel")) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert 'quotePrefix="1"' in book.read("xl/styles.xml").decode()


def test_a_workbook_refuses_what_a_cell_can_not_hold(tmp_path):
    said = there_and_back(tmp_path, "excel", "", [plain("x" * 32_768)])
    assert "a cell holds 32,767 characters" in said
    assert not Path(path_of(tmp_path, "excel")).exists()


def test_a_table_has_an_empty_column_to_fill_in(tmp_path):
    there_and_back(tmp_path, "csv", "", [plain(label=None, coder=None)])
    lines = Path(path_of(tmp_path, "csv")).read_text(encoding="utf-8-sig").split("\n")
    assert lines[0].strip() == "article,index,paragraph,start,end,text,quote,label"


class TestForeignFiles:
    TEXTS: ClassVar = {"a": "Roads flood. It rains. Roads flood."}

    def rows(self, tmp_path, *rows, name="theirs.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(path)

    def test_without_offsets_are_searched_for(self, tmp_path):
        path = self.rows(tmp_path, {"article": "a", "text": "It rains.", "label": "opinion"})
        renamed = {"opinion": "editorial_framing"}
        ((_, one),) = read_annotations(path, "jsonl", BOOK, texts=self.TEXTS, coder="ana", renamed=renamed)
        assert (one.sentence.start, one.sentence.end, one.label, one.coder) == (13, 22, "editorial_framing", "ana")

    def test_that_fit_several_places_are_refused(self, tmp_path):
        path = self.rows(tmp_path, {"article": "a", "text": "Roads flood.", "label": "factual_claim"})
        with pytest.raises(InputError, match=r"theirs.jsonl:1.*stands 2 times in 'a' \(at 0, 23\)"):
            read_annotations(path, "jsonl", BOOK, texts=self.TEXTS)

    def test_that_do_not_fit_are_refused_with_both_texts(self, tmp_path):
        row = {"article": "a", "start": 13, "end": 22, "text": "It snows.", "label": "factual_claim"}
        path = self.rows(tmp_path, row)
        with pytest.raises(OffsetMismatch, match=r"theirs.jsonl:1: .*It rains.*It snows"):
            read_annotations(path, "jsonl", BOOK, texts=self.TEXTS)

    @pytest.mark.parametrize(
        ("column", "answer", "said"),
        [
            ("tone", "loud", r"the variable 'tone' has no value 'loud'; asked is tone: mild, plain, sharp"),
            ("tone", "mild|sharp", r"the variable 'tone' has no value"),
            ("blame", "mayor", r"the codebook has no variable 'blame'"),
        ],
    )
    def test_with_answers_that_the_codebook_does_not_allow_are_refused(self, tmp_path, column, answer, said):
        row = {"article": "a", "text": "It rains.", "label": "factual_claim", f"variables.{column}": answer}
        with pytest.raises(CodebookError, match=rf"theirs.jsonl:1: {said}"):
            read_annotations(self.rows(tmp_path, row), "jsonl", BOOK, texts=self.TEXTS)

    @pytest.mark.parametrize("number", [10, 10.0])
    def test_may_have_numbers_where_a_scale_has_them(self, tmp_path, number):
        row = {"article": "a", "text": "It rains.", "label": "factual_claim", "variables.share": number}
        ((_, one),) = read_annotations(self.rows(tmp_path, row), "jsonl", BOOK, texts=self.TEXTS)
        assert one.variables == {"share": "10"}

    def test_with_wrong_offsets_are_told_the_right_ones(self, tmp_path):
        row = {"article": "a", "start": 14, "end": 23, "text": "It rains.", "label": "factual_claim"}
        with pytest.raises(OffsetMismatch, match=r"theirs.jsonl:1: .*the text stands at 13 to 22: correct the offsets"):
            read_annotations(self.rows(tmp_path, row), "jsonl", BOOK, texts=self.TEXTS)

    @pytest.mark.parametrize(("start", "end"), [(-5, 4), (30, 39), (9, 9)])
    def test_beyond_the_article_say_how_long_it_is(self, tmp_path, start, end):
        row = {"article": "a", "start": start, "end": end, "text": "Hail fell", "label": "factual_claim"}
        said = rf"jsonl:1: {start} to {end} lies outside 'a', which has 35 characters, where the row says 'Hail fell'"
        with pytest.raises(InputError, match=said):
            read_annotations(self.rows(tmp_path, row), "jsonl", BOOK, texts=self.TEXTS)

    def test_whose_text_is_nowhere_in_the_article_show_both(self, tmp_path):
        row = {"article": "a", "text": "=1+1", "label": "factual_claim"}
        with pytest.raises(
            InputError, match=r"theirs.jsonl:1: 'a' does not hold the text '=1\+1'; it begins 'Roads flood"
        ):
            read_annotations(self.rows(tmp_path, row), "jsonl", BOOK, texts=self.TEXTS)

    def test_need_texts_if_they_have_no_offsets(self, tmp_path):
        path = self.rows(tmp_path, {"article": "a", "text": "It rains.", "label": "factual_claim"})
        with pytest.raises(InputError, match=r"lacks start and end.*--text"):
            read_annotations(path, "jsonl", BOOK)

    def test_of_doccano_are_called_by_their_coder(self, tmp_path):
        row = {"id": 7, "text": "It rains.", "label": ["factual_claim"], "key": "a:13-22", "Comments": []}
        ((_, one),) = read_annotations(self.rows(tmp_path, row, name="ben.jsonl"), "doccano", BOOK, texts=self.TEXTS)
        assert (one.coder, one.label, one.sentence.start) == ("ben", "factual_claim", 13)

    def test_of_prodigy_that_only_reject_are_refused(self, tmp_path):
        row = {"text": "It rains.", "key": "a:13-22", "label": "factual_claim", "answer": "reject"}
        with pytest.raises(InputError, match="says what the text is not"):
            read_annotations(self.rows(tmp_path, row), "prodigy", BOOK, texts=self.TEXTS)

    def test_of_label_studio_name_who_completed_them(self, tmp_path):
        result = [{"from_name": "label", "type": "choices", "value": {"choices": ["factual_claim"]}}]
        task = {
            "id": 1,
            "data": {"key": "a:13-22", "text": "It rains."},
            "annotations": [{"completed_by": {"email": "ana@news.example"}, "result": result}],
        }
        path = tmp_path / "export.json"
        path.write_text(json.dumps([task]))
        ((_, one),) = read_annotations(str(path), "label-studio", BOOK, texts=self.TEXTS)
        assert (one.coder, one.label) == ("ana@news.example", "factual_claim")

    @pytest.mark.parametrize(
        ("updated_by", "who", "note"), [(None, "ana", "hm"), (7, "user-1", None)], ids=["untouched", "changed there"]
    )
    def test_of_label_studio_are_of_whoever_changed_them_there(self, tmp_path, updated_by, who, note):
        one = plain(coder="ana", note="hm", time="2026-03-14T09:30:00+00:00")
        there_and_back(tmp_path, "label-studio", one.sentence.text, [one])
        (task,) = json.loads((tmp_path / "out.json").read_text())
        # What Label Studio makes of it: its own time and user, and of a prediction a number.
        task["annotations"][0] |= {"completed_by": 1, "created_at": "2026-11-26T16:10:14Z", "updated_by": updated_by}
        task["predictions"] = [1]
        (tmp_path / "back.json").write_text(json.dumps([task]))
        ((_, found),) = read_annotations(str(tmp_path / "back.json"), "label-studio", BOOK)
        assert (found.coder, found.note, found.time == one.time) == (who, note, updated_by is None)

    @pytest.mark.parametrize("form", ["label-studio", "inception", "excel", "parquet", "prodigy"])
    def test_that_are_something_else_are_refused(self, tmp_path, form):
        path = tmp_path / f"broken{FORMATS[form].suffix or '.json'}"
        path.write_bytes(b"\x89PNG\r\n\x1a\n\x00{[")
        with pytest.raises(InputError, match="broken"):
            read_annotations(str(path), form, BOOK)
