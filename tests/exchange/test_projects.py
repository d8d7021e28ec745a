"""Judgments of a project go out, and other people's come in: each once, all or none."""

from __future__ import annotations

import msgspec
import pytest
from stores import filled, judge

from annotate.codebook import read_codebook
from annotate.errors import CodebookError, InputError, NutgrafError, OffsetMismatch, ProjectError
from annotate.exchange.annotation import Annotation
from annotate.exchange.projects import bring_in, foreign_codebooks, judged_in
from annotate.store import create_store

FACT, QUOTE = "factual_claim", "quoted_official"
SHA = "ab" * 32


@pytest.fixture
def store(tmp_path):
    with create_store(tmp_path / "store.db", read_codebook()) as store:
        yield filled(store)


def sentences(store):
    return [unit.sentence for page in store.pages() for unit in page.units]


def placed(annotations):
    return [(f"theirs.jsonl:{line}", one) for line, one in enumerate(annotations, start=1)]


@pytest.fixture
def theirs(store):
    """What two coders judged elsewhere."""
    both = sentences(store)[:5]
    return [Annotation(one, FACT, "cleo", time="2026-03-14T09:30:00+00:00") for one in both] + [
        Annotation(both[0], coder="dora", skipped=True),
        Annotation(both[1], QUOTE, "dora", unsure=True),
    ]


def bring(store, annotations, **more):
    return bring_in(store, placed(annotations), source="theirs.jsonl", sha256=SHA, **more)


def test_other_people_s_judgments_come_in_as_a_round_of_their_own(store, theirs):
    brought = bring(store, theirs, name="from studio")
    assert (brought.new, brought.known, brought.coders) == (7, 0, ("cleo", "dora"))
    assert brought.round.purpose == "import"
    assert {(draw.probability, draw.reason) for draw in store.draws(brought.round.id)} == {(None, "import")}
    judgments = store.judgments(rounds=[brought.round.id])
    assert [(one.coder, one.label) for one in judgments if one.coder == "dora"] == [("dora", None), ("dora", QUOTE)]
    events = [event for event in store.events() if event.round == brought.round.id]
    assert events[-1].kind == "import"
    assert events[-1].variables == {"sha256": SHA}
    assert events[1].client_time == 1_773_480_600_000
    assert store.verify().flaws == ()


def test_the_same_again_brings_nothing(store, theirs):
    bring(store, theirs)
    before = store.verify().head
    again = bring(store, theirs, name="again")
    assert (again.round, again.new, again.known) == (None, 0, 7)
    assert store.verify().head == before


def test_of_a_file_that_grew_only_what_is_new_comes_in(store, theirs):
    bring(store, theirs[:3])
    brought = bring(store, theirs, name="more")
    assert (brought.new, brought.known) == (4, 3)


def test_what_was_exported_and_comes_back_unchanged_is_no_second_judgment(store):
    judge(store, "1", 1, FACT)
    assert bring(store, judged_in(store).annotations).new == 0


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"text": "x" * 60}, OffsetMismatch, r"theirs.jsonl:3: .*cut"),
        ({"article": "elsewhere"}, InputError, r"theirs.jsonl:3: the project has no article 'elsewhere'"),
    ],
)
def test_one_that_does_not_fit_keeps_all_out(store, theirs, changes, error, words):
    wrong = msgspec.structs.replace(theirs[2].sentence, **changes)
    theirs[2] = msgspec.structs.replace(theirs[2], sentence=wrong)
    before = store.verify().head
    with pytest.raises(error, match=words):
        bring(store, theirs)
    assert store.verify().head == before


def test_one_that_the_store_refuses_keeps_all_out(store, theirs):
    theirs[-1] = msgspec.structs.replace(theirs[-1], label="no_such_label")
    before = store.verify().head
    with pytest.raises(CodebookError):
        bring(store, theirs)
    assert store.verify().head == before
    assert store.coder("cleo") is None


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"note": "a\0b"}, "theirs.jsonl:3: the note holds a character that can't be stored"),
        ({"coder": "x" * 65}, "theirs.jsonl:3: .* can't be a coder's key; 1 to 64 visible characters"),
        ({"time": "yesterday"}, "theirs.jsonl:3: the time 'yesterday' is no date"),
    ],
)
def test_what_the_store_refuses_is_named_with_its_line_in_a_dry_run_too(store, theirs, changes, said, dry_run):
    theirs[2] = msgspec.structs.replace(theirs[2], **changes)
    before = store.verify().head
    with pytest.raises(NutgrafError, match=said):
        bring(store, theirs, dry_run=dry_run)
    assert store.verify().head == before


def test_a_dry_run_leaves_no_trace(store, theirs):
    before = store.verify().head
    would = bring(store, theirs, dry_run=True)
    assert (would.round, would.new, would.coders) == (None, 7, ("cleo", "dora"))
    assert store.verify().head == before
    assert store.coder("cleo") is None
    assert bring(store, theirs).new == 7


def test_the_reason_of_a_skip_goes_out_and_comes_back(store):
    judge(store, "1", 1, None, kind="skip", note="a caption")
    (one,) = judged_in(store).annotations
    assert (one.skipped, one.note) == (True, "a caption")


def test_a_part_of_a_sentence_is_no_unit(store, theirs):
    sentence = theirs[2].sentence
    part = msgspec.structs.replace(sentence, end=sentence.end - 1, text=sentence.text[:-1])
    theirs[2] = msgspec.structs.replace(theirs[2], sentence=part)
    with pytest.raises(InputError, match="is no sentence of the project"):
        bring(store, theirs)


def test_judgments_need_a_coder_and_a_round_a_name_of_its_own(store, theirs):
    with pytest.raises(InputError, match="--coder"):
        bring(store, [msgspec.structs.replace(theirs[0], coder=None)])
    with pytest.raises(ProjectError, match="there is a round 'first' already"):
        bring(store, theirs, name="first")


def test_dry_run_stores_nothing(store, theirs):
    before = store.verify().head
    brought = bring(store, theirs, dry_run=True)
    assert (brought.new, brought.coders) == (7, ("cleo", "dora"))
    assert store.verify().head == before


def test_foreign_codebooks_are_counted(store, theirs):
    foreign = msgspec.structs.replace(theirs[0], codebook="cd" * 32)
    assert foreign_codebooks(store, placed([foreign, theirs[1]])) == {"cd" * 32: 1}


class TestJudgedIn:
    def test_gives_every_coder_s_judgment_with_its_origin(self, store):
        judge(store, "1", 1, FACT, coder="ana", unsure=True)
        judge(store, "2", 1, None, coder="ben", kind="skip")
        held = judged_in(store)
        one, other = held.annotations
        assert (one.coder, one.label, one.unsure, one.round) == ("ana", FACT, True, "first")
        assert one.codebook == store.codebook().fingerprint
        assert one.time.startswith("20")
        assert (other.coder, other.label, other.skipped) == ("ben", None, True)
        assert held.texts.keys() == {one.sentence.article}
        assert len(judged_in(store, every=True).annotations) == 13
        assert [one.coder for one in judged_in(store, coder="ben").annotations] == ["ben"]

    def test_gives_gold_with_who_supports_it(self, store):
        judge(store, "1", 1, FACT, coder="ana")
        judge(store, "2", 1, FACT, coder="ben")
        (one,) = judged_in(store, gold="majority").annotations
        assert (one.label, one.coder, one.note) == (FACT, "majority", "for: ana, ben")
        assert one.probabilities[FACT] == 1
