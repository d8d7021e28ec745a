from __future__ import annotations

import msgspec
import pytest
from stores import ISSUES, TONE, judge

from annotate.codebook import fingerprint, read_codebook
from annotate.errors import CodebookError
from annotate.store import ALL, Step
from annotate.store.codebooks import to_code_again

OLD = read_codebook()
replaced = msgspec.structs.replace


def changed(book=OLD, **fields):
    book = msgspec.structs.replace(book, **fields)
    return msgspec.structs.replace(book, fingerprint=fingerprint(book))


def reworded(*keys):
    return changed(
        labels=tuple(
            msgspec.structs.replace(label, definition="Other words.") if label.key in keys else label
            for label in OLD.labels
        )
    )


class TestWhatIsCodedAgain:
    def test_is_what_carries_a_reworded_label(self):
        assert to_code_again(OLD, reworded("editorial_framing", "factual_claim")) == tuple(
            key for key in OLD.keys if key in {"editorial_framing", "factual_claim"}
        )

    def test_is_what_carries_a_label_that_is_gone(self):
        assert to_code_again(OLD, changed(labels=OLD.labels[1:])) == (OLD.keys[0],)

    @pytest.mark.parametrize(
        "new",
        [
            changed(labels=OLD.labels[::-1]),
            changed(labels=(*OLD.labels, msgspec.structs.replace(OLD.labels[0], key="satire", name="satire"))),
            changed(unit="paragraph"),
            changed(guidelines="Other guidelines."),
        ],
        ids=["order", "new label", "unit", "guidelines"],
    )
    def test_is_everything_where_any_unit_may_change(self, new):
        assert to_code_again(OLD, new) == (ALL,)

    @pytest.mark.parametrize(
        ("old", "new", "again"),
        [
            ((), (TONE,), TONE.when),
            ((TONE,), (TONE, ISSUES), ISSUES.when),
            ((), (replaced(TONE, when=()),), OLD.keys),
            ((TONE,), (replaced(TONE, question="How loud?"),), TONE.when),
            ((TONE,), (replaced(TONE, values=TONE.values[:2]),), TONE.when),
            ((TONE,), (replaced(TONE, required=False),), TONE.when),
            ((TONE,), (replaced(TONE, when=(*TONE.when, "quoted_official")),), ("quoted_official",)),
            ((TONE,), (replaced(TONE, when=TONE.when[:1]),), ()),
            ((TONE, ISSUES), (ISSUES, TONE), ()),
            ((TONE, ISSUES), (TONE,), ()),
            ((TONE,), (replaced(TONE, values=tuple(replaced(one, hotkey=None) for one in TONE.values)),), ()),
        ],
        ids=[
            "new", "another", "new, always asked", "question", "value gone", "not required", "asked more often",
            "asked less often", "order", "gone", "hotkeys",
        ],
    )  # fmt: skip
    def test_is_what_has_no_answer_to_a_variable_or_one_given_to_other_words(self, old, new, again):
        found = to_code_again(changed(variables=old), changed(variables=new))
        assert found == tuple(key for key in OLD.keys if key in again)

    def test_is_nothing_where_no_word_changed(self):
        colours = tuple(msgspec.structs.replace(label, colour="#000000", hotkey=None) for label in OLD.labels)
        assert to_code_again(OLD, changed(labels=colours)) == ()


class TestANewCodebook:
    @pytest.fixture
    def coded(self, store, client):
        for unit, label in ((1, "factual_claim"), (2, "quoted_official"), (3, "factual_claim")):
            judge(store, client(), unit, label)
        judge(store, client(), 4, None, kind="skip")
        return store

    def test_pins_to_new_judgments(self, coded, client):
        new = reworded("quoted_official")
        coded.adopt(new)
        judge(coded, client(), 5)
        prints = {event.unit: event.codebook for event in coded.in_force(1)}
        assert (prints[1], prints[5]) == (OLD.fingerprint, new.fingerprint)
        assert coded.codebook() == new
        assert coded.codebook(OLD.fingerprint) == OLD

    def test_offers_what_must_be_coded_again_after_what_is_open(self, coded, client):
        assert coded.adopt(reworded("factual_claim")) == 2
        for unit in range(5, 13):
            assert coded.following(1, "ana").unit == unit
            judge(coded, client(), unit)
        first = coded.following(1, "ana")
        assert (first.unit, first.again) == (1, True)
        receipt = judge(coded, client(), 1, "factual_claim", base=first.decision)
        assert (receipt.outcome, receipt.event.supersedes) == ("stored", first.decision)
        assert coded.following(1, "ana").unit == 3
        assert judge(coded, client(), 3, "factual_claim", base=coded.following(1, "ana").decision)
        assert coded.following(1, "ana") is None
        assert coded.verify().flaws == ()

    def test_may_ask_for_what_the_lead_says(self, coded):
        assert coded.adopt(reworded("factual_claim"), again=()) == 0
        assert coded.adopt(reworded("quoted_official"), again=(ALL,)) == 4
        assert coded.progress(1, "ana")[0].again == 4
        assert coded.progress(1, "ana")[0].open == 12

    def test_taken_into_use_twice_is_taken_once(self, coded):
        new = reworded("factual_claim")
        assert coded.adopt(new) == 2
        events = len(list(coded.events()))
        assert coded.adopt(new) == 0
        assert len(list(coded.events())) == events

    def test_taken_back_leaves_nothing_to_do_again(self, coded):
        coded.adopt(reworded("factual_claim"))
        assert coded.adopt(OLD) == 0
        assert coded.verify().flaws == ()

    def test_undone_judgments_bring_back_what_must_be_coded_again(self, coded, client):
        coded.adopt(reworded("factual_claim"))
        before = coded.at(1, "ana", 0)
        judge(coded, client(), 1, "editorial_framing", base=before.decision)
        assert not coded.at(1, "ana", 0).again
        coded.take(Step(client=client(), coder="ana", round=1, kind="undo"))
        assert coded.at(1, "ana", 0) == before
        assert coded.verify().flaws == ()

    def test_does_not_touch_what_coders_are_sending_under_the_old_one(self, coded, client):
        satire = msgspec.structs.replace(OLD.labels[0], key="satire", name="satire")
        new = changed(labels=(*OLD.labels, satire))
        coded.adopt(new, again=())
        old_page = judge(coded, client(), 5, codebook=OLD.fingerprint)
        assert old_page.event.codebook == OLD.fingerprint
        assert judge(coded, client(), 6, "satire").outcome == "stored"
        with pytest.raises(CodebookError, match="no label 'satire'"):
            judge(coded, client(), 7, "satire", codebook=OLD.fingerprint)
